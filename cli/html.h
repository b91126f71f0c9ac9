/* Pieces of an HTML page. What is written is well-formed XML as well, so that any parser tells
 * whether something got out of its place. */
#ifndef PINSHIM_CLI_HTML_H
#define PINSHIM_CLI_HTML_H

#include <stddef.h>
#include <stdio.h>

/* Text, in an element or in a quoted attribute: markup is escaped (HTML 13.1.4), and control
 * characters and what is not UTF-8 are made visible. NULL is "-". */
void html_text(FILE *page, const char *text);

/* The same, cut after `limit` characters, with an ellipsis. */
void html_text_cut(FILE *page, const char *text, size_t limit);

/* "<TAG class="CLASS">text</TAG>"; CLASS may be NULL. Tag and class are the caller's own words. */
void html_element(FILE *page, const char *tag, const char *class, const char *text);

/* The same, the text formatted; cut at 1 KiB. */
void html_format(FILE *page, const char *tag, const char *class, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* "<table>" with its head; `columns` ends in NULL; a column whose name begins in '#' holds numbers.
 * Rows are the caller's, and so is "</tbody></table></div>": html_table_end. */
void html_table_begin(FILE *page, const char *const *columns);
void html_table_end(FILE *page);

#endif
