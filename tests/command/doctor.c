/* pinshim doctor: of real programs, what is known of each. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/command/pinshim.h"
#include "tests/support/events.h"

TestSuite(doctor, .init = open_scratch, .fini = close_scratch, .timeout = 120);

#define SEEN "seen"
#define NOT "not seen"
#define UNKNOWN "cannot tell"

/* Programs of Debian. What a release has not, or has in another form, is left out by a look. */
static const struct row {
    const char *program, *verdict;
    const char *library; /* that is among those found; NULL: none is */
    const char *words;   /* in the reason */
    const char *lacks;   /* left out where ldd says this of the program; NULL: not asked */
} rows[] = {
    {"/usr/bin/curl", SEEN, "OpenSSL", "OpenSSL", NULL},
    {"/usr/bin/openssl", SEEN, "OpenSSL", "OpenSSL", NULL},
    {"/usr/bin/redis-cli", SEEN, "OpenSSL", "OpenSSL", NULL},
    {"/usr/bin/psql", SEEN, "OpenSSL", "OpenSSL", NULL}, /* a script in Perl that starts it */
    {"/usr/sbin/nginx", SEEN, "OpenSSL", "OpenSSL", NULL},
    {"/usr/bin/php", SEEN, "OpenSSL", "OpenSSL", NULL},
    {"/usr/bin/socat", SEEN, "OpenSSL", "OpenSSL", NULL},
    {"/usr/bin/axel", SEEN, "OpenSSL", "OpenSSL", NULL},
    {"/usr/bin/w3m", SEEN, "OpenSSL", "OpenSSL", NULL},
    {"/usr/bin/mbsync", SEEN, "OpenSSL", "OpenSSL", NULL},
    {"/usr/bin/python3", SEEN, "OpenSSL", "OpenSSL", NULL}, /* a module has it */
    {"/usr/bin/pydoc3", SEEN, "OpenSSL", "OpenSSL", NULL},  /* a script in Python */
    {"/usr/bin/perl", SEEN, "OpenSSL", "OpenSSL", NULL},
    {"/usr/bin/prove", SEEN, "OpenSSL", "OpenSSL", NULL}, /* a script in Perl */
    {"/usr/bin/wget", NOT, "GnuTLS", "GnuTLS", "libssl"},
    {"/usr/bin/msmtp", NOT, "GnuTLS", "GnuTLS", "libssl"},
    {"/usr/bin/certutil", NOT, "NSS", "NSS", NULL},
    {"/usr/bin/gron", NOT, "Go", "Go", NULL},
    {"/usr/bin/tldr", NOT, "rustls", "rustls", "libssl"},
    {"/usr/bin/java", NOT, "Java", "Java", NULL},
    {"/usr/bin/busybox", NOT, "BusyBox", "BusyBox", NULL},
    {"/usr/bin/passwd", NOT, NULL, "is setuid", NULL},
    {"/usr/bin/chsh", NOT, NULL, "is setuid", NULL},
    {"/usr/bin/chage", NOT, NULL, "is setgid", NULL},
    {"/usr/bin/ping", NOT, NULL, "file capabilities", NULL},
    {"/usr/bin/ssh", NOT, NULL, "no TLS", NULL},                       /* libcrypto, and no TLS */
    {"/usr/bin/fzf", NOT, NULL, "no TLS", "not a dynamic executable"}, /* Go, and no TLS */
    {"/bin/true", NOT, NULL, "no TLS", NULL},
    {"/usr/bin/env", NOT, NULL, "no TLS", NULL},
    {"/bin/dash", NOT, NULL, "no TLS", NULL},
    {"/usr/bin/sed", NOT, NULL, "no TLS", NULL},
    {"/usr/bin/egrep", NOT, NULL, "no TLS", NULL}, /* a wrapper of grep */
    {"/usr/bin/zgrep", UNKNOWN, NULL, "shell script", NULL},
    {"/usr/bin/ldd", UNKNOWN, NULL, "shell script", NULL},
    {"/sbin/ldconfig", NOT, NULL, "statically linked", NULL},
};

/* Is this row about the program as it is here? Capabilities may be lost on the way into a root, and
 * a release may give a program more rights than another does. */
static bool is_here(const struct row *row)
{
    struct command command = {0};
    struct outcome outcome;
    struct stat st;
    bool here = access(row->program, X_OK) == 0 && stat(row->program, &st) == 0 &&
                !(st.st_mode & S_ISUID) == !strstr(row->words, "setuid") &&
                !(st.st_mode & S_ISGID) == !strstr(row->words, "setgid");
    if (here && strstr(row->words, "capabilities")) {
        command_add(&command, "/sbin/getcap", row->program, NULL);
        outcome = command_run(&command);
        here = strstr(outcome.out, "cap_") != NULL;
        outcome_free(&outcome);
    } else if (here && row->lacks) {
        command_add(&command, "ldd", row->program, NULL);
        outcome = command_run(&command);
        here = !strstr(outcome.out, row->lacks) && !strstr(outcome.err, row->lacks);
        outcome_free(&outcome);
    }
    return here;
}

static bool has_library(const json_t *diagnosis, const char *name)
{
    const json_t *libraries = json_object_get(diagnosis, "libraries"), *library;
    size_t i;

    json_array_foreach(libraries, i, library) if (strcmp(field_string(library, "library"), name) ==
                                                  0) return true;
    return false;
}

/* The diagnosis of a program or process, asked as `user`; its status must be that of the verdict.
 * Free with json_decref. */
static json_t *diagnose(const char *program, const char *user, const char *verdict)
{
    struct command command = {.user = user};
    json_t *json, *diagnosis;

    pinshim_add(&command, "doctor", "--json", program, NULL);
    json = expect_json(pinshim_run(command), strcmp(verdict, SEEN) == 0 ? 0 : 1);
    diagnosis = json_incref(json_array_get(json_object_get(json, "diagnoses"), 0));
    json_decref(json);
    cr_expect_str_eq(field_string(diagnosis, "verdict"), verdict, "%s: %s", program,
                     field_string(diagnosis, "reason"));
    return diagnosis;
}

static void expect_reason(const char *program, const char *verdict, const char *words)
{
    json_t *diagnosis = diagnose(program, NULL, verdict);

    cr_expect(strstr(field_string(diagnosis, "reason"), words), "%s: no \"%s\" in %s", program,
              words, field_string(diagnosis, "reason"));
    json_decref(diagnosis);
}

Test(doctor, real_programs)
{
    size_t done = 0;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *diagnosis;

        if (!is_here(&rows[i]))
            continue;
        done++;
        diagnosis = diagnose(rows[i].program, "nobody", rows[i].verdict);
        cr_expect(strstr(field_string(diagnosis, "reason"), rows[i].words), "%s: %s",
                  rows[i].program, field_string(diagnosis, "reason"));
        if (rows[i].library)
            cr_expect(has_library(diagnosis, rows[i].library), "%s: no %s", rows[i].program,
                      rows[i].library);
        else
            cr_expect_eq(json_array_size(json_object_get(diagnosis, "libraries")), 0, "%s",
                         rows[i].program);
        json_decref(diagnosis);
    }
    cr_expect_geq(done, 25, "only %zu programs of the table are here", done);
}

/* The library's path and version, and what brings it, are those that ldd and the library tell. */
Test(doctor, library)
{
    json_t *diagnosis = diagnose("/usr/bin/curl", NULL, SEEN);
    const json_t *library = json_array_get(json_object_get(diagnosis, "libraries"), 0);
    struct command ldd = {0}, version = {0};
    struct outcome outcome;
    char *expected;

    expect_string(library, "how", "linked");
    cr_expect(strstr(field_string(library, "by"), "/libcurl.so.4"));
    expect_string(library, "missing", NULL);
    command_add(&ldd, "ldd", "/usr/bin/curl", NULL);
    outcome = command_run(&ldd);
    cr_expect(strstr(outcome.out, field_string(library, "file")), "%s", outcome.out);
    outcome_free(&outcome);
    command_add(&version, "openssl", "version", NULL);
    outcome = command_run(&version);
    expected = scratch_format(scratch, "OpenSSL %s ", field_string(library, "version"));
    cr_expect(strstr(outcome.out, expected), "%s: %s", expected, outcome.out);
    outcome_free(&outcome);
    json_decref(diagnosis);
}

/* Found by dlopen, the name standing in the program. */
Test(doctor, opened)
{
    char *path = build_path("tests/tls-client-dl");
    json_t *diagnosis;

    cr_assert(chmod(path, 0755) == 0);
    diagnosis = diagnose(path, NULL, SEEN);
    const json_t *library = json_array_get(json_object_get(diagnosis, "libraries"), 0);
    expect_string(library, "how", "opened");
    cr_expect(strncmp(field_string(library, "file"), "libssl.so", 9) == 0);
    expect_string(library, "by", path);
    json_decref(diagnosis);
    free(path);
}

/* OpenSSL built into the program: out of sight, unless its functions are in view. */
Test(doctor, built_in)
{
    static const char *const source =
        "#include <openssl/ssl.h>\nint main(void) { return !SSL_CTX_new(TLS_client_method()); }\n";
    const char *file = scratch_text(scratch, "main.c", 0600, "%s", source);

    for (int shown = 0; shown < 2; shown++) {
        const char *program = scratch_path(scratch, shown ? "shown" : "hidden");
        struct command command = {0};
        json_t *diagnosis;
        struct outcome outcome;

        command_add(&command, "cc", "-o", program, file,
                    shown ? "-Wl,--export-dynamic,--whole-archive" : "-Wl,--gc-sections",
                    "-l:libssl.a", "-l:libcrypto.a", "-Wl,--no-whole-archive", "-ldl", "-lpthread",
                    NULL);
        outcome = command_run(&command);
        if (outcome.status != 0)
            cr_skip_test("OpenSSL cannot be linked statically here: %s", outcome.err);
        outcome_free(&outcome);
        diagnosis = diagnose(program, NULL, shown ? SEEN : NOT);
        const json_t *library = json_array_get(json_object_get(diagnosis, "libraries"), 0);
        expect_string(library, "library", "OpenSSL");
        expect_string(library, "how", "built in");
        if (shown)
            cr_expect(strchr(field_string(library, "version"), '.'));
        json_decref(diagnosis);
    }
}

/* A copy of /bin/true with `size` octets at `offset` changed; with no size, with all of `text`
 * changed to `other`, of the same length. */
static const char *changed_copy(const char *name, const char *text, const char *other,
                                size_t offset, const void *octets, size_t size)
{
    struct stat st;
    int fd = open("/bin/true", O_RDONLY | O_CLOEXEC);
    char *data, *at;
    const char *path;

    cr_assert(fd >= 0 && fstat(fd, &st) == 0);
    data = malloc((size_t)st.st_size);
    cr_assert(data && read(fd, data, (size_t)st.st_size) == st.st_size);
    close(fd);
    if (size)
        memcpy(data + offset, octets, size);
    else
        while ((at = memmem(data, (size_t)st.st_size, text, strlen(text))))
            memcpy(at, other, strlen(other));
    path = scratch_write(scratch, name, 0755, data, (size_t)st.st_size);
    free(data);
    return path;
}

Test(doctor, not_loadable)
{
    const uint16_t machine = 243; /* RISC-V */

    expect_reason(changed_copy("machine", NULL, NULL, 18, &machine, sizeof machine), NOT,
                  "is made for another 64-bit machine");
    expect_reason(changed_copy("musl", "/ld-linux", "/ld-musl-", 0, NULL, 0), NOT,
                  "is made for another C library");
}

/* The loader is not shown a file that others may write. */
Test(doctor, written_by_others)
{
    const char *path = changed_copy("open", "", "", 0, "\x7f", 1);
    json_t *diagnosis;

    cr_assert(chmod(path, 0777) == 0);
    diagnosis = diagnose(path, NULL, NOT);
    cr_expect(strstr(json_string_value(json_array_get(json_object_get(diagnosis, "notes"), 0)),
                     "is not shown to the loader"));
    json_decref(diagnosis);
}

Test(doctor, wrappers)
{
    const char *plain = scratch_text(scratch, "plain", 0755, "#!/bin/sh\nexec curl \"$@\"\n");
    const char *path =
        scratch_text(scratch, "path", 0755,
                     "#!/bin/bash\n# exec wget\nHERE=/usr/bin\nset -e\n[ $# = 0 ] || "
                     "exec -a x \"$HERE/curl\" -k \"$@\"\nexec env LANG=C ${HERE}/'curl'\n");
    const char *nested = scratch_text(scratch, "nested", 0755, "#!/bin/sh\nexec %s\n", plain);
    const char *two = scratch_text(scratch, "two", 0755, "#!/bin/sh\nexec curl\nexec wget\n");
    const char *asks = scratch_text(scratch, "asks", 0755, "#!/bin/sh\nexec \"$1\"\n");
    const char *twice =
        scratch_text(scratch, "twice", 0755, "#!/bin/sh\nA=curl\nA=wget\nexec $A\n");
    const char *output = scratch_text(scratch, "output", 0755, "#!/bin/sh\nexec 2>&1\ncurl\n");
    const char *itself = scratch_path(scratch, "itself");
    json_t *diagnosis = diagnose(nested, NULL, SEEN);

    expect_string(diagnosis, "executable", "/usr/bin/curl");
    cr_expect_eq(json_array_size(json_object_get(diagnosis, "steps")), 2);
    json_decref(diagnosis);
    expect_reason(plain, SEEN, "OpenSSL");
    expect_reason(path, SEEN, "OpenSSL");
    expect_reason(two, UNKNOWN, "shell script");
    expect_reason(asks, UNKNOWN, "shell script");
    expect_reason(twice, UNKNOWN, "shell script");
    expect_reason(output, UNKNOWN, "shell script");
    scratch_text(scratch, "itself", 0755, "#!/bin/sh\nexec %s\n", itself);
    expect_reason(itself, UNKNOWN, "is a script once more");
    expect_reason(scratch_text(scratch, "clean", 0755, "#!/usr/bin/env -i\n"), UNKNOWN,
                  "cannot be followed");
    expect_reason(scratch_text(scratch, "lost", 0755, "#!/no/such/interpreter\n"), UNKNOWN,
                  "No such file");
}

/* Nothing of the program is executed, nor of its libraries. */
Test(doctor, executes_nothing)
{
    const char *source = scratch_text(scratch, "mark.c", 0600,
                                      "#include <unistd.h>\n#include <fcntl.h>\n"
                                      "static void __attribute__((constructor)) mark(void) "
                                      "{ close(open(\"%s/mark\", O_CREAT | O_WRONLY, 0600)); }\n",
                                      scratch_dir(scratch));
    const char *library = scratch_path(scratch, "libmark.so");
    const char *program = scratch_path(scratch, "program");
    const char *main_file = scratch_text(scratch, "main.c", 0600, "int main(void) { return 0; }\n");
    struct command make = {0}, link = {0}, bare = {0};

    command_add(&make, "cc", "-shared", "-fPIC", "-o", library, source, NULL);
    expect_outcome(command_run(&make), 0, "", "");
    command_add(&link, "cc", "-o", program, main_file, "-Wl,--no-as-needed", library, NULL);
    expect_outcome(command_run(&link), 0, "", "");
    expect_reason(program, NOT, "no TLS");
    cr_expect(access(scratch_path(scratch, "mark"), F_OK) != 0);
    command_add(&bare, program, NULL);
    expect_outcome(command_run(&bare), 0, "", "");
    cr_expect(access(scratch_path(scratch, "mark"), F_OK) == 0); /* it would have shown */
}

Test(doctor, bad)
{
    const char *words = scratch_text(scratch, "words", 0755, "%c%c hello", 1, 0);
    const char *empty = scratch_text(scratch, "empty", 0755, "%s", "");
    const char *truncated = scratch_write(scratch, "truncated", 0755,
                                          "\x7f"
                                          "ELF\2\1\1",
                                          7);
    const char *plain = scratch_text(scratch, "plain", 0644, "#!/bin/sh\n");

    expect_outcome(PINSHIM("doctor"), 2, "", "name one program");
    expect_outcome(PINSHIM("doctor", "curl", "wget"), 2, "", "name one program");
    expect_outcome(PINSHIM("doctor", ""), 2, "", "not found");
    expect_outcome(PINSHIM("doctor", "no-such-program"), 2, "", "not found in PATH");
    expect_outcome(PINSHIM("doctor", plain), 2, "", "Permission denied");
    expect_outcome(PINSHIM("doctor", scratch_dir(scratch)), 2, "", "Is a directory");
    expect_outcome(PINSHIM("doctor", "99999999999999999999"), 2, "",
                   "there is no process 99999999999999999999; a program of that name is "
                   "./99999999999999999999\n");
    expect_outcome(PINSHIM("doctor", "2147483648"), 2, "", "no process 2147483648; a program");
    expect_outcome(PINSHIM("doctor", "0"), 2, "", "no process 0; a program of that name is ./0\n");
    expect_reason(truncated, NOT, "is a damaged ELF file");
    expect_reason(empty, UNKNOWN, "shell script"); /* execvp gives it to the shell */
    expect_outcome(PINSHIM("doctor", words), 1, "cannot tell", "");
}
