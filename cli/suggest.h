/* What somebody who mistyped a name may have meant. */
#ifndef PINSHIM_CLI_SUGGEST_H
#define PINSHIM_CLI_SUGGEST_H

#include <stddef.h>

/* The name nearest to what was typed, among `count` of at most 15 letters each; NULL when none is
 * near. */
const char *suggest(const char *typed, const char *const *names, size_t count);

#endif
