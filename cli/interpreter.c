#include "cli/interpreter.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The kernel looks at that much of a file (BINPRM_BUF_SIZE). */
#define HEAD_SIZE 256

#define BLANKS " \t"

void interpreter_free(struct interpreter *interpreter)
{
    free(interpreter->path);
    free(interpreter->program);
    *interpreter = (struct interpreter){0};
}

/* Reads the head of the file, a NUL behind it. Returns its length or -1. */
static ssize_t read_head(const char *path, char head[HEAD_SIZE + 1])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    ssize_t length;

    if (fd < 0)
        return -1;
    length = read(fd, head, HEAD_SIZE);
    close(fd);
    if (length >= 0)
        head[length] = '\0';
    return length;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* The first word that env(1) would execute, in what stands behind it on the "#!" line. That is
 * one argument: with -S it is split into several, and without, it is the program's name.
 * Returns NULL when that is beyond us, which includes an environment without our object. */
static char *env_program(char *argument)
{
    char *word;

    if (strncmp(argument, "-S", 2) == 0)
        argument += 2;
    else if (strncmp(argument, "--split-string=", 15) == 0)
        argument += 15;
    else
        return *argument && *argument != '-' && !strchr(argument, '=') ? argument : NULL;
    if (strpbrk(argument, "\\\"'$#"))
        return NULL;
    while ((word = strsep(&argument, BLANKS))) {
        if (!*word)
            continue;
        if (*word == '-' || strncmp(word, "LD_", 3) == 0)
            return NULL;
        if (!strchr(word, '='))
            return word;
    }
    return NULL;
}

/* Takes "#!PATH ARGUMENT" apart, as fs/binfmt_script does. */
static enum interpreter_kind parse(char *line, struct interpreter *out, char *why, size_t size)
{
    char *path = line + strspn(line, BLANKS), *argument = path + strcspn(path, BLANKS), *program;
    size_t length = strlen(argument);

    while (length > 0 && strchr(BLANKS, argument[length - 1]))
        argument[--length] = '\0';
    if (*argument)
        *argument++ = '\0';
    argument += strspn(argument, BLANKS);
    if (!*path) {
        snprintf(why, size, "names no interpreter in its #! line");
        return INTERPRETER_UNKNOWN;
    }
    *out = (struct interpreter){0};
    if (strcmp(base_name(path), "env") == 0) {
        program = env_program(argument);
        if (!program) {
            snprintf(why, size,
                     "has a #! line with 'env %.100s', which cannot be followed; name the "
                     "interpreter there, or run that with the script as its argument",
                     argument);
            return INTERPRETER_UNKNOWN;
        }
        out->program = strdup(program);
    }
    out->path = strdup(path);
    if (out->path)
        return INTERPRETER_FOUND;
    interpreter_free(out);
    snprintf(why, size, "cannot be looked at: out of memory");
    return INTERPRETER_UNKNOWN;
}

enum interpreter_kind interpreter_read(const char *path, struct interpreter *out, char *why,
                                       size_t size)
{
    char head[HEAD_SIZE + 1], *end, shell[] = "/bin/sh";
    ssize_t length = read_head(path, head);

    if (length < 0) {
        snprintf(why, size, "cannot be read (%s), so nobody can tell whether it would be protected",
                 strerror(errno));
        return INTERPRETER_UNKNOWN;
    }
    if (length >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0)
        return INTERPRETER_NONE;
    end = memchr(head, '\n', (size_t)length);
    if (length >= 2 && memcmp(head, "#!", 2) == 0) {
        if (!end && length == HEAD_SIZE) {
            snprintf(why, size, "has a #! line that is longer than the kernel reads");
            return INTERPRETER_UNKNOWN;
        }
        if (end)
            *end = '\0';
        return parse(head + 2, out, why, size);
    }
    if (memchr(head, 0, end ? (size_t)(end - head) : (size_t)length)) {
        snprintf(why, size, "is neither an ELF program nor a script");
        return INTERPRETER_UNKNOWN;
    }
    return parse(shell, out, why, size);
}
