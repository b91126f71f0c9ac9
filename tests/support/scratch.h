/* A test's own directory, and the strings that live as long as it. */
#ifndef PINSHIM_TESTS_SUPPORT_SCRATCH_H
#define PINSHIM_TESTS_SUPPORT_SCRATCH_H

#include <stddef.h>
#include <sys/types.h>

struct scratch;

/* Makes an empty directory (mode 0755: daemons that drop their rights must get in) under $TMPDIR,
 * else /tmp. Fails the test when it cannot. Free with scratch_free. */
struct scratch *scratch_new(void);

/* Removes the directory with all that is in it, and frees the strings. NULL is fine. */
void scratch_free(struct scratch *scratch);

/* The directory's absolute path. Owned by the scratch, as every string below. */
const char *scratch_dir(const struct scratch *scratch);

/* A formatted string. */
char *scratch_format(struct scratch *scratch, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The path of `name` in the directory; it need not exist. */
char *scratch_path(struct scratch *scratch, const char *name);

/* Writes `length` octets into the new or emptied file `name`, with `mode` whatever the umask.
 * Returns its path. */
char *scratch_write(struct scratch *scratch, const char *name, mode_t mode, const void *data,
                    size_t length);

/* The same with a formatted text. */
char *scratch_text(struct scratch *scratch, const char *name, mode_t mode, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The whole file at `path`, NUL-terminated; "" when there is none. */
char *scratch_read(struct scratch *scratch, const char *path);

#endif
