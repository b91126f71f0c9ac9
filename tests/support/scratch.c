#include "tests/support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

struct kept {
    struct kept *next;
    char text[];
};

struct scratch {
    struct kept *strings;
    char dir[];
};

static char *keep(struct scratch *scratch, size_t size)
{
    struct kept *kept = malloc(sizeof *kept + size);

    cr_assert(kept, "out of memory");
    kept->next = scratch->strings;
    scratch->strings = kept;
    return kept->text;
}

struct scratch *scratch_new(void)
{
    static const char name[] = "/pinshim-test.XXXXXX";
    const char *tmp = getenv("TMPDIR");
    struct scratch *scratch;

    if (!tmp || *tmp != '/')
        tmp = "/tmp";
    scratch = malloc(sizeof *scratch + strlen(tmp) + sizeof name);
    cr_assert(scratch, "out of memory");
    scratch->strings = NULL;
    stpcpy(stpcpy(scratch->dir, tmp), name);
    cr_assert(mkdtemp(scratch->dir) && chmod(scratch->dir, 0755) == 0, "%s: %s", scratch->dir,
              strerror(errno));
    return scratch;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

void scratch_free(struct scratch *scratch)
{
    if (!scratch)
        return;
    nftw(scratch->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    while (scratch->strings) {
        struct kept *next = scratch->strings->next;
        free(scratch->strings);
        scratch->strings = next;
    }
    free(scratch);
}

const char *scratch_dir(const struct scratch *scratch)
{
    return scratch->dir;
}

static char *keep_formatted(struct scratch *scratch, const char *format, va_list args)
{
    char *formatted = NULL, *text;
    int length = vasprintf(&formatted, format, args);

    cr_assert(length >= 0, "out of memory");
    text = keep(scratch, (size_t)length + 1);
    memcpy(text, formatted, (size_t)length + 1);
    free(formatted);
    return text;
}

char *scratch_format(struct scratch *scratch, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *text = keep_formatted(scratch, format, args);
    va_end(args);
    return text;
}

char *scratch_path(struct scratch *scratch, const char *name)
{
    return scratch_format(scratch, "%s/%s", scratch->dir, name);
}

char *scratch_write(struct scratch *scratch, const char *name, mode_t mode, const void *data,
                    size_t length)
{
    char *path = scratch_path(scratch, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    cr_assert(fd >= 0 && write(fd, data, length) == (ssize_t)length && fchmod(fd, mode) == 0,
              "%s: %s", path, strerror(errno));
    close(fd);
    return path;
}

char *scratch_text(struct scratch *scratch, const char *name, mode_t mode, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const char *text = keep_formatted(scratch, format, args);
    va_end(args);
    return scratch_write(scratch, name, mode, text, strlen(text));
}

char *scratch_read(struct scratch *scratch, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st = {0};

    if (fd < 0) {
        cr_assert(errno == ENOENT, "%s: %s", path, strerror(errno));
        return scratch_format(scratch, "%s", "");
    }
    cr_assert(fstat(fd, &st) == 0, "%s: %s", path, strerror(errno));
    char *text = keep(scratch, (size_t)st.st_size + 1);
    ssize_t length = read(fd, text, (size_t)st.st_size);
    cr_assert(length >= 0, "%s: %s", path, strerror(errno));
    text[length] = 0;
    close(fd);
    return text;
}
