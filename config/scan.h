/* A look over a config's text before libconfuse gets it.
 *
 * libconfuse 3.3 miscounts lines behind comments, does not take comments inside lists, accepts
 * a file that ends inside a section or a string, expands ${VARIABLES} and skips characters it
 * does not know. So: comments become spaces, and the rest becomes errors with the right line. */
#ifndef PINSHIM_CONFIG_SCAN_H
#define PINSHIM_CONFIG_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

/* What an empty list is rewritten to: libconfuse tells nobody of one. */
#define SCAN_EMPTY_LIST "\x7f"

struct scan {
    unsigned *lines; /* malloc'ed: where each section begins, in the order in which they end */
    size_t count;
};

/* Rewrites `text` (NUL-terminated, `length` octets) in place. False with line and text in
 * `error` when something is wrong. Free scan->lines in either case. */
bool config_scan(char *text, size_t length, struct scan *scan, struct config_error *error);

#endif
