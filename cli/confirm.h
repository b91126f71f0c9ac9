/* Questions to the person at the terminal. */
#ifndef PINSHIM_CLI_CONFIRM_H
#define PINSHIM_CLI_CONFIRM_H

#include <stdbool.h>

/* Is there a terminal to ask at? Standard input may be something else: a certificate, say. */
bool can_ask(void);

/* Prints the text (lines) and the question there, and reads a line. Returns its first letter in
 * lower case; '\0' for an empty line or without a terminal. */
char ask(const char *text, const char *question);

#endif
