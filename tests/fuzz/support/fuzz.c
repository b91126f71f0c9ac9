#include "tests/fuzz/support/fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void fuzz_fail(const char *file, int line, const char *words)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, words);
    abort();
}

static const char *directory(void)
{
    static char *path;

    if (path == NULL) {
        const char *parent = getenv("TMPDIR");
        HOLDS(asprintf(&path, "%s/pinshim-fuzz.XXXXXX", parent != NULL ? parent : "/tmp") > 0);
        HOLDS(mkdtemp(path) != NULL);
    }
    return path;
}

static char *make_path(const char *name)
{
    char *path;

    HOLDS(asprintf(&path, "%s/%s", directory(), name) > 0);
    for (char *slash = path + strlen(directory()) + 1; (slash = strchr(slash, '/')) != NULL;) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash++ = '/';
    }
    return path;
}

const char *fuzz_path(const char *name)
{
    static struct {
        char *name, *path;
    } known[16];
    size_t i = 0;

    while (i < sizeof known / sizeof *known && known[i].name != NULL)
        if (strcmp(known[i].name, name) == 0)
            return known[i].path;
        else
            i++;
    HOLDS(i < sizeof known / sizeof *known);
    known[i].name = strdup(name);
    known[i].path = make_path(name);
    HOLDS(known[i].name != NULL);
    return known[i].path;
}

const char *fuzz_write(const char *name, const void *data, size_t size)
{
    const char *path = fuzz_path(name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    HOLDS(fd >= 0);
    HOLDS(write(fd, data, size) == (ssize_t)size);
    HOLDS(close(fd) == 0);
    return path;
}

uint8_t fuzz_octet(struct fuzz_input *input)
{
    return (uint8_t)(input->at < input->end ? *input->at++ : 0);
}

uint16_t fuzz_number(struct fuzz_input *input)
{
    uint16_t high = fuzz_octet(input);

    return (uint16_t)(high << 8 | fuzz_octet(input));
}

char *fuzz_text(struct fuzz_input *input, const char *stop, size_t *length)
{
    size_t left = (size_t)(input->end - input->at), taken = left;
    const uint8_t *found = left == 0 ? NULL : memmem(input->at, left, stop, strlen(stop));
    char *text;

    if (found != NULL)
        taken = (size_t)(found - input->at);
    text = malloc(taken + 1);
    HOLDS(text != NULL);
    if (taken > 0)
        memcpy(text, input->at, taken);
    text[taken] = '\0';
    input->at += taken + (found != NULL ? strlen(stop) : 0);
    if (length != NULL)
        *length = taken;
    return text;
}
