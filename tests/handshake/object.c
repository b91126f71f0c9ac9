/* The shared object itself: what it shows and calls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/handshake/scene.h"

TestSuite(object, .init = scene_open, .fini = scene_close);

/* What a tool says of libpinshim.so. Free it. */
static char *tool(const char *name, const char *option, const char *more)
{
    struct command command = {0};
    char *shim = build_path("libpinshim.so");

    command_add(&command, name, option, more, shim, NULL);
    struct outcome outcome = command_run(&command);
    cr_assert_eq(outcome.status, 0, "%s: %s", name, outcome.err);
    free(outcome.err);
    free(shim);
    return outcome.out;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a text, one a line, sorted: the last word of a line, without its version. */
static char *names(char *text)
{
    enum { MAX = 2048 };
    char *found[MAX] = {NULL}, *rest = text, *line, *out = scratch_format(scene.scratch, "%s", "");
    size_t count = 0;

    while ((line = strsep(&rest, "\n"))) {
        char *word = strrchr(line, ' ') ? strrchr(line, ' ') + 1 : line;
        word[strcspn(word, "@")] = 0;
        if (*word && *line != '#') {
            cr_assert(count < MAX, "too many names");
            found[count++] = word;
        }
    }
    qsort(found, count, sizeof *found, compare);
    for (size_t i = 0; i < count; i++)
        out = scratch_format(scene.scratch, "%s%s\n", out, found[i]);
    return out;
}

/* A list in shim/ of the source tree, beside which the tests lie. */
static char *list(const char *name)
{
    char *path = scratch_format(scene.scratch, "%s", __FILE__), *text;

    strcpy(strstr(path, "tests/handshake/"), "");
    text = scratch_read(scene.scratch, scratch_format(scene.scratch, "%sshim/%s", path, name));
    cr_assert(*text, "shim/%s is not there: run the tests in the source tree", name);
    return text;
}

Test(object, exports_what_the_list_says)
{
    char *shown = tool("nm", "-D", "--defined-only");

    cr_assert_str_eq(names(shown), names(list("exports.list")));
    free(shown);
}

#if defined __x86_64__ || defined __aarch64__
/* Each costs every process that starts. One more there is, by which an older libc is known. */
Test(object, imports_what_the_list_says)
{
    char *undefined = tool("nm", "-D", "--undefined-only"), *rest = names(undefined), *name;
    char *allowed = scratch_format(scene.scratch, "\n%s", names(list("imports.list")));
    const char *more = "";

    while ((name = strsep(&rest, "\n")))
        if (*name && !strstr(allowed, scratch_format(scene.scratch, "\n%s\n", name)))
            more = scratch_format(scene.scratch, "%s %s", more, name);
    cr_assert(!strchr(*more ? more + 1 : more, ' '), "imported as well:%s", more);
    free(undefined);
}
#endif

/* dlsym and dlopen judge by their caller's address: the last thing ours do is to jump to them. */
static void ends_in_jump(const char *function)
{
    char *code = tool("objdump", "-d", scratch_format(scene.scratch, "--disassemble=%s", function));
    const char *start = strstr(code, scratch_format(scene.scratch, "<%s>:", function));

    cr_assert(start, "no code of %s", function);
#if defined __x86_64__
    /* objdump writes jmpq before binutils 2.37. */
    cr_assert(strstr(start, "jmp    *%r") || strstr(start, "jmpq   *%r"), "%s", start);
#elif defined __aarch64__
    cr_assert(strstr(start, "\tbr\tx"), "%s", start);
#endif
    free(code);
}

Test(object, dlsym_jumps_to_the_real_one)
{
    ends_in_jump("dlsym");
}

Test(object, dlvsym_jumps_to_the_real_one)
{
    ends_in_jump("dlvsym");
}

Test(object, dlopen_jumps_to_the_real_one)
{
    ends_in_jump("dlopen");
}

Test(object, dlmopen_jumps_to_the_real_one)
{
    ends_in_jump("dlmopen");
}

/* Nothing that writes to the program's streams, ends it, forks it, reads an environment that a
 * setuid program must not trust, or takes over its syslog connection. */
Test(object, calls_nothing_a_guest_must_not)
{
    static const char *const forbidden[] = {
        "printf", "vprintf", "__printf_chk", "__vprintf_chk", "puts",   "putchar",
        "perror", "exit",    "_exit",        "quick_exit",    "abort",  "__assert_fail",
        "system", "popen",   "fork",         "vfork",         "getenv", "openlog",
        "syslog", "signal",  "sigaction",    "setenv",        "putenv", "strtok",
    };
    char *undefined = tool("nm", "-D", "--undefined-only"),
         *late = tool("nm", "--defined-only", "-p");
    char *called = scratch_format(scene.scratch, "\n%s%s", names(undefined), names(late));

    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        cr_expect_not(strstr(called, scratch_format(scene.scratch, "\n%s\n", forbidden[i])),
                      "%s is called", forbidden[i]);
    free(undefined);
    free(late);
}
