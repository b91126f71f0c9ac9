/* A file, or standard input, as octets in memory. */
#ifndef PINSHIM_CLI_INPUT_H
#define PINSHIM_CLI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Certificates come small; this holds every trust store there is. */
#define INPUT_LIMIT ((size_t)16 << 20)

struct input {
    uint8_t *data;
    size_t length;
};

/* Reads `path`, "-" being standard input, up to INPUT_LIMIT. On failure returns false, leaves
 * `out` alone, and puts the reason into `why`. Free with input_free. */
bool input_read(const char *path, struct input *out, char *why, size_t size);

/* Wipes first: it may have been a private key. */
void input_free(struct input *input);

/* What messages call it. */
const char *input_name(const char *path);

#endif
