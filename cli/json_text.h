/* Texts for jansson, which takes no octets that are not UTF-8 (RFC 8259 section 8.1). */
#ifndef PINSHIM_CLI_JSON_TEXT_H
#define PINSHIM_CLI_JSON_TEXT_H

#include <jansson.h>

/* A JSON string; U+FFFD stands for octets that are not UTF-8. NULL gives null. A new reference;
 * NULL when memory is out. */
json_t *json_text(const char *text);

/* Prints a JSON text on stdout, perhaps a terminal, with escapes in the place of the characters
 * that a terminal acts on and libraries leave as they are: DEL and those of text_acting. Letters of
 * any language stay readable. */
void json_print(const char *json);

#endif
