/* pinshim doctor: will the shim see this program's TLS? */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/doctor.h"
#include "cli/json_text.h"
#include "cli/table.h"

static const struct command_line line = {
    .usage = "doctor [--json] PROGRAM | PID",
    .about = "Says whether pinshim will see the TLS of PROGRAM: which libraries it has for\n"
             "that, how they come into it, and why not if not. Scripts are followed to what\n"
             "they run. The program is not executed. Of a running process, by its number, it\n"
             "also says whether libpinshim.so is in it, and the id and mode of its policy.\n",
    .accepted = ARG(JSON),
    .examples = "  pinshim doctor curl\n"
                "  pinshim doctor 4711\n",
    .status = "0 its OpenSSL is seen, 1 it is not, or nobody can tell, 2 wrong usage,\n"
              "or no such program.\n",
};

static const char *verdict_word(enum doctor_verdict verdict)
{
    return verdict == DOCTOR_SEEN ? "seen" : verdict == DOCTOR_NOT ? "not seen" : "cannot tell";
}

static bool print_uses(const struct diagnosis *d)
{
    static const struct table_column columns[] = {
        {"LIBRARY", TABLE_TEXT, TABLE_BOTH}, {"VERSION", TABLE_TEXT, TABLE_BOTH},
        {"HOW", TABLE_TEXT, TABLE_BOTH},     {"SEEN", TABLE_YES_NO, TABLE_BOTH},
        {"FILE", TABLE_TEXT, TABLE_BOTH},    {"BY", TABLE_TEXT, TABLE_BOTH},
    };
    const struct tls_use *uses = d->uses.items;
    struct table *table =
        table_new("libraries", false, columns, sizeof(columns) / sizeof(columns[0]));
    bool good = table != NULL;

    for (size_t i = 0; good && i < d->uses.count; i++)
        good = table_row(table, (const char *const[]){tls_library_name(uses[i].library),
                                                      uses[i].version, tls_how_name(uses[i].how),
                                                      uses[i].seen ? "yes" : "no", uses[i].file,
                                                      uses[i].by});
    if (good && d->uses.count > 0)
        good = printf("\n") > 0 && table_print(table);
    table_free(table);
    return good;
}

static void print_process(const struct doctor_process *p)
{
    cli_print(stdout, "  shim    %s", p->shim ? p->shim : "not mapped");
    if (!p->shim)
        return;
    cli_print(stdout, "  config  %s", p->config);
    if (p->policy[0])
        cli_print(stdout, "  policy  %s, mode %s: %s", p->policy, mode_name(p->mode),
                  p->policy_read ? "read from the compiled form that is mapped"
                                 : "computed from the config as it is now");
    if (p->policy_error)
        cli_print(stdout, "  policy  none that can be read: %s", p->policy_error);
}

static bool print_text(const struct diagnosis *d)
{
    cli_print(stdout, "%s: %s: %s", d->program, verdict_word(d->verdict), d->reason);
    for (size_t i = 0; i < d->steps.count; i++)
        cli_print(stdout, "  %s  %s", i == 0 ? "script" : "then  ", ((char **)d->steps.items)[i]);
    if (d->executable && strcmp(d->executable, d->program) != 0)
        cli_print(stdout, "  %s %s", d->process ? "program" : "runs   ", d->executable);
    if (d->process)
        print_process(d->process);
    for (size_t i = 0; i < d->notes.count; i++)
        cli_print(stdout, "  %s", ((char **)d->notes.items)[i]);
    return print_uses(d);
}

static json_t *strings_json(const struct list *strings)
{
    json_t *array = json_array();

    for (size_t i = 0; i < strings->count; i++)
        json_array_append_new(array, json_text(((char **)strings->items)[i]));
    return array;
}

static json_t *uses_json(const struct list *list)
{
    const struct tls_use *uses = list->items;
    json_t *array = json_array();

    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(
            array, json_pack("{s:s, s:o, s:s, s:b, s:o, s:o, s:o}", "library",
                             tls_library_name(uses[i].library), "version",
                             json_text(uses[i].version[0] ? uses[i].version : NULL), "how",
                             tls_how_name(uses[i].how), "seen", uses[i].seen, "file",
                             json_text(uses[i].file), "by", json_text(uses[i].by), "missing",
                             json_text(uses[i].missing[0] ? uses[i].missing : NULL)));
    return array;
}

static json_t *process_json(const struct doctor_process *p)
{
    if (!p)
        return json_null();
    return json_pack("{s:i, s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "pid", (int)p->pid, "shim",
                     json_text(p->shim), "replaced", p->libssl_deleted, "config",
                     json_text(p->config), "policy", json_text(p->policy[0] ? p->policy : NULL),
                     "policy_from",
                     json_text(!p->policy[0]    ? NULL
                               : p->policy_read ? "compiled form, mapped"
                                                : "config, computed"),
                     "mode", json_text(p->mode == MODE_UNSET ? NULL : mode_name(p->mode)),
                     "config_error", json_text(p->policy_error));
}

static bool print_json(const struct diagnosis *d)
{
    json_t *json =
        json_pack("{s:[{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}]}", "diagnoses", "program",
                  json_text(d->program), "executable", json_text(d->executable), "verdict",
                  verdict_word(d->verdict), "reason", json_text(d->reason), "steps",
                  strings_json(&d->steps), "libraries", uses_json(&d->uses), "notes",
                  strings_json(&d->notes), "process", process_json(d->process));
    char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
    bool good = text;

    if (good) {
        json_print(text);
        cli_write("\n");
    }
    free(text);
    json_decref(json);
    return good;
}

/* A number is a process; a program of such a name has a path. */
static bool is_number(const char *text)
{
    return *text && !text[strspn(text, "0123456789")];
}

/* 0: no process can have it. */
static pid_t pid_of(const char *number)
{
    unsigned long value;

    errno = 0;
    value = strtoul(number, NULL, 10);
    return errno == 0 && value <= INT_MAX ? (pid_t)value : 0;
}

static int diagnose(const char *name, struct diagnosis *out, char *why, size_t size)
{
    pid_t pid = is_number(name) ? pid_of(name) : 0;

    if (pid > 0)
        return doctor_process(pid, out, why, size);
    if (!is_number(name))
        return doctor_program(name, out, why, size);
    *out = (struct diagnosis){0};
    snprintf(why, size, "there is no process %.100s; a program of that name is ./%.100s", name,
             name);
    return STATUS_USAGE;
}

static int doctor(const char *name, bool json)
{
    struct diagnosis diagnosis;
    char why[WHY_SIZE];
    int status = diagnose(name, &diagnosis, why, sizeof(why));

    if (status != 0)
        cli_error("%s", why);
    else if (!(json ? print_json(&diagnosis) : print_text(&diagnosis)))
        status = STATUS_USAGE;
    else
        status = diagnosis.verdict == DOCTOR_SEEN ? STATUS_GOOD : STATUS_NO;
    diagnosis_free(&diagnosis);
    return status;
}

int cmd_doctor(int argc, char **argv)
{
    struct arguments arguments;
    int status = arguments_read(&line, argc, argv, &arguments);

    if (status >= 0)
        return status;
    if (arguments.count != 1) {
        cli_usage_error("name one program, or the number of a process");
        return STATUS_USAGE;
    }
    return doctor(arguments.rest[0], given(&arguments, ARG_JSON));
}
