/* What the fuzzers share. A fuzzer is one file tests/fuzz/NAME.c with LLVMFuzzerTestOneInput, and
 * its seeds in tests/fuzz/corpus/NAME/. */
#ifndef PINSHIM_TESTS_FUZZ_SUPPORT_FUZZ_H
#define PINSHIM_TESTS_FUZZ_SUPPORT_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* libFuzzer calls this with each input; it returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

/* Ends the process with this place and the words, which libFuzzer takes for a crash. */
void fuzz_fail(const char *file, int line, const char *words) __attribute__((noreturn));

/* What must be so, whatever the input. */
#define HOLDS(condition)                                                                           \
    do                                                                                             \
        if (!(condition))                                                                          \
            fuzz_fail(__FILE__, __LINE__, #condition);                                             \
    while (0)

/* "DIRECTORY/NAME" in a directory of this process's own ($TMPDIR, which the caller removes). The
 * string is malloc'ed and lives as long as the process; it is made once for each name. */
const char *fuzz_path(const char *name);

/* Writes that file anew, mode 0600, directories before it included. Returns its path. */
const char *fuzz_write(const char *name, const void *data, size_t size);

/* What is left of an input. */
struct fuzz_input {
    const uint8_t *at, *end;
};

/* The next octet, and the next two as a number; 0 when there are no more. */
uint8_t fuzz_octet(struct fuzz_input *input);
uint16_t fuzz_number(struct fuzz_input *input);

/* The octets up to `stop` (which is dropped) or the end, malloc'ed with a NUL behind them. */
char *fuzz_text(struct fuzz_input *input, const char *stop, size_t *length);

#endif
