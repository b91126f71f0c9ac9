#include "tests/handshake/compilation.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/handshake/scene.h"

const char *compilation_make(void)
{
    char *pinshim = build_path("pinshim");
    struct command command = {0};
    struct outcome outcome;

    command_add(&command, pinshim, "compile", scene.protection.config, NULL);
    outcome = command_run(&command);
    cr_assert_eq(outcome.status, 0, "%s", outcome.err);
    outcome_free(&outcome);
    free(pinshim);
    return scratch_format(scene.scratch, "%s.compiled", scene.protection.config);
}

void compilation_policy(const char *pin, unsigned others)
{
    char *text = malloc(200 * (size_t)others + 1), *at = text;

    *at = 0;
    for (unsigned i = 0; i < others; i++)
        at += sprintf(at, "domain \"host%u.test\" { pins = {\"%s\"} }\n", i, pin);
    scene_policy("%sdomain \"" HOST "\" { pins = {\"%s\"} owner = \"us\" }\n", text, pin);
    free(text);
}

void compilation_change(const char *path, off_t at, const char *octets)
{
    int fd = open(path, O_WRONLY);

    cr_assert(fd >= 0 && pwrite(fd, octets, strlen(octets), at) == (ssize_t)strlen(octets));
    close(fd);
}

void compilation_damage(void)
{
    const char *path = compilation_make();
    struct stat st;

    cr_assert_eq(stat(path, &st), 0);
    /* The sections come first, behind what every process looks at. */
    for (off_t at = 3 * 4096 + 100; at < st.st_size / 3; at += 4096)
        compilation_change(path, at, "damage");
}
