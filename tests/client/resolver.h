/* Resolving a name as programs do, for the sake of having done it. */
#ifndef PINSHIM_TESTS_CLIENT_RESOLVER_H
#define PINSHIM_TESTS_CLIENT_RESOLVER_H

/* Resolves the names of --resolve (separated by commas), in that order, by --resolver. Ends the
 * program when that fails. */
void resolver_run(void);

#endif
