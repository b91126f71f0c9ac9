/* pinshim doctor PID: of processes that run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/command/pinshim.h"
#include "tests/support/background.h"
#include "tests/support/events.h"

static const char *config;

#define PIN "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static void open_doctor(void)
{
    open_scratch();
    config = write_config("mode = audit\ndomain \"a.test\" { pins = {\"" PIN "\"} }\n");
}

static void close_doctor(void)
{
    background_kill_all();
    close_scratch();
}

TestSuite(doctor_process, .init = open_doctor, .fini = close_doctor, .timeout = 120);

/* Starts `program -c script`, under pinshim with this mode; NULL: bare. Returns its process id,
 * that it must print itself behind "ready". */
static long start(const char *mode, const char *variable, const char *program, const char *script)
{
    struct command command = {0};
    char *line;
    long pid;

    if (mode)
        pinshim_add(&command, "run", "-c", config, "-e", "none", "-m", mode, "--", NULL);
    if (variable)
        command_set(&command, variable);
    command_add(&command, program, "-c", script, NULL);
    line = background_wait_for(background_start(&command), "ready ");
    cr_assert(line, "%s has ended", program);
    pid = strtol(strstr(line, "ready ") + 6, NULL, 10);
    free(line);
    cr_assert(pid > 0);
    return pid;
}

static long start_python(const char *mode, const char *variable)
{
    return start(mode, variable, "/usr/bin/python3",
                 "import ssl, os; print('ready', os.getpid(), flush=True); input()");
}

static long start_shell(const char *mode)
{
    return start(mode, NULL, "/bin/sh", "echo ready $$; read word");
}

static json_t *diagnose(long pid, const char *verdict)
{
    json_t *json = expect_json(PINSHIM("doctor", "--json", scratch_format(scratch, "%ld", pid)),
                               strcmp(verdict, "seen") == 0 ? 0 : 1);
    json_t *diagnosis = json_incref(json_array_get(json_object_get(json, "diagnoses"), 0));

    json_decref(json);
    cr_expect_str_eq(field_string(diagnosis, "verdict"), verdict, "%s",
                     field_string(diagnosis, "reason"));
    return diagnosis;
}

static const json_t *process_of(const json_t *diagnosis)
{
    return json_object_get(diagnosis, "process");
}

static void expect_reason(long pid, const char *verdict, const char *words)
{
    json_t *diagnosis = diagnose(pid, verdict);

    cr_expect(strstr(field_string(diagnosis, "reason"), words), "no \"%s\" in %s", words,
              field_string(diagnosis, "reason"));
    json_decref(diagnosis);
}

Test(doctor_process, protected)
{
    json_t *diagnosis = diagnose(start_python("enforce", NULL), "seen");
    const json_t *process = process_of(diagnosis);
    struct outcome check = PINSHIM("check", config);

    cr_expect(strstr(field_string(process, "shim"), "/libpinshim.so"));
    expect_string(process, "config", config);
    expect_string(process, "mode", "enforce");
    expect_string(process, "policy_from", "config, computed");
    cr_expect(strstr(check.out, field_string(process, "policy")), "%s", check.out);
    cr_expect(!field_true(process, "replaced"));
    expect_string(json_array_get(json_object_get(diagnosis, "libraries"), 0), "library", "OpenSSL");
    outcome_free(&check);
    json_decref(diagnosis);
}

/* Then the shim refuses, whatever the config says. */
Test(doctor_process, wrong_mode)
{
    json_t *diagnosis =
        diagnose(start("audit", NULL, "/bin/sh",
                       "PINSHIM_MODE=strict exec /usr/bin/python3 -c "
                       "'import ssl, os; print(\"ready\", os.getpid(), flush=True); input()'"),
                 "seen");

    expect_string(process_of(diagnosis), "mode", "enforce");
    json_decref(diagnosis);
}

/* Read, not computed, where it is mapped: the config may have changed since. */
Test(doctor_process, mapped_policy)
{
    char *text = NULL, id[17];
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    struct outcome outcome;
    json_t *diagnosis;
    long pid;

    for (int i = 0; i < 2000; i++)
        fprintf(stream, "domain \"d%d.test\" { pins = {\"" PIN "\"} }\n", i);
    fclose(stream);
    write_config("%s", text);
    free(text);
    outcome = PINSHIM("compile", config);
    cr_assert_eq(outcome.status, 0, "%s", outcome.err);
    snprintf(id, sizeof id, "%s", strstr(outcome.out, "policy ") + 7);
    outcome_free(&outcome);
    pid = start_python("audit", NULL);
    write_config("mode = enforce\n");
    diagnosis = diagnose(pid, "seen");
    expect_string(process_of(diagnosis), "policy", id);
    expect_string(process_of(diagnosis), "policy_from", "compiled form, mapped");
    expect_string(process_of(diagnosis), "mode", "audit");
    json_decref(diagnosis);
}

Test(doctor_process, not_protected)
{
    expect_reason(start_python(NULL, NULL), "not seen", "libpinshim.so is not in the process");
    expect_reason(start_python(NULL, "LD_PRELOAD=/no/such/libpinshim.so"), "not seen",
                  "the loader did not map it");
    expect_reason(start_python("off", NULL), "not seen", "mode is off");
    expect_reason(start_shell("audit"), "cannot tell", "no TLS library so far");
}

Test(doctor_process, config_gone_wrong)
{
    long pid = start_python("audit", NULL);
    json_t *diagnosis;

    write_config("mode = x\n");
    diagnosis = diagnose(pid, "seen");
    cr_expect(strstr(field_string(process_of(diagnosis), "config_error"), ":1: mode \"x\""));
    expect_string(process_of(diagnosis), "policy", NULL);
    json_decref(diagnosis);
}

/* A library that was upgraded while the process runs. */
Test(doctor_process, replaced_library)
{
    struct command copy = {.directory = scratch_dir(scratch)}, clean = copy;
    json_t *diagnosis;
    long pid;

    command_add(&copy, "sh", "-ec",
                "ldd /usr/bin/openssl | sed -n 's/.*=> \\(.*lib\\(ssl\\|crypto\\)[^ ]*\\).*/\\1/p' "
                "| while read -r file; do cp \"$file\" .; done; ls libssl*",
                NULL);
    expect_outcome(command_run(&copy), 0, "libssl", "");
    pid =
        start_python("audit", scratch_format(scratch, "LD_LIBRARY_PATH=%s", scratch_dir(scratch)));
    diagnosis = diagnose(pid, "seen");
    cr_expect(!field_true(process_of(diagnosis), "replaced"));
    json_decref(diagnosis);
    command_add(&clean, "sh", "-c", "rm libssl*", NULL);
    expect_outcome(command_run(&clean), 0, "", "");
    diagnosis = diagnose(pid, "seen");
    cr_expect(field_true(process_of(diagnosis), "replaced"));
    cr_expect(
        strstr(field_string(json_array_get(json_object_get(diagnosis, "libraries"), 0), "file"),
               scratch_dir(scratch)));
    json_decref(diagnosis);
}

Test(doctor_process, text)
{
    const char *pid = scratch_format(scratch, "%ld", start_python("audit", NULL));
    struct outcome outcome = PINSHIM("doctor", pid);

    cr_expect(strstr(outcome.out, "mode audit: computed from the config as it is now"), "%s",
              outcome.out);
    cr_expect(strstr(outcome.out, "OpenSSL"), "%s", outcome.out);
    expect_outcome(outcome, 0, "seen: the shim is mapped", "");
}

/* Another's process. */
Test(doctor_process, no_right)
{
    struct command command = {.user = "nobody"};

    if (geteuid() != 0)
        cr_skip_test("only root has a process to hide");
    pinshim_add(&command, "doctor", scratch_format(scratch, "%ld", start_shell(NULL)), NULL);
    expect_outcome(pinshim_run(command), 2, "", "ask as its user, or as root");
}
