/* What the client saw, as one JSON object a connection. */
#ifndef PINSHIM_TESTS_CLIENT_REPORT_H
#define PINSHIM_TESTS_CLIENT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* An object under construction. */
struct report {
    FILE *out;
    char *text; /* whole after report_close; malloc'ed */
    size_t length;
    bool comma; /* something stands before the next field */
};

void report_open(struct report *report);
void report_close(struct report *report);

/* Writes the line to standard output, in one write, and frees it. */
void report_print(struct report *report);

void report_number(struct report *report, const char *name, long value);
void report_flag(struct report *report, const char *name, bool value);

/* `text` NULL: null. Octets outside printable ASCII are written \u00NN. */
void report_text(struct report *report, const char *name, const char *text, size_t length);

/* Opens an object or array ('{' or '[') at `name`, NULL inside an array; and closes the innermost
 * one by the closing bracket. */
void report_begin(struct report *report, const char *name, char bracket);
void report_end(struct report *report, char bracket);

#endif
