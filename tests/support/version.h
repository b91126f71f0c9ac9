/* The version of an installed program, where releases of Debian differ. */
#ifndef PINSHIM_TESTS_SUPPORT_VERSION_H
#define PINSHIM_TESTS_SUPPORT_VERSION_H

#include <stdbool.h>

/* Is `program`, asked with `option`, of version MAJOR.MINOR or later? The first number with a dot
 * in what it says counts. Fails the test when it says none. */
bool version_from(const char *program, const char *option, unsigned major, unsigned minor);

#endif
