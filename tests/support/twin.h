/* A second OpenSSL for one process: copies of the libssl and libcrypto that the tests are linked
 * to, under sonames of the same length: libssl.so.9 and libcrypto.so.9 for those of OpenSSL 3.
 * Unlike the originals they are unloaded when they are closed. */
#ifndef PINSHIM_TESTS_SUPPORT_TWIN_H
#define PINSHIM_TESTS_SUPPORT_TWIN_H

#include "tests/support/scratch.h"

enum twin {
    /* Their symbols have the same versions, and the loader binds the copies to whichever of the two
     * it meets first, as it does for a libssl that a Python wheel brings along. */
    TWIN_SAME_VERSIONS,
    /* The same, but each of the copies prefers its own functions: linked -Bsymbolic, as OpenSSL's
     * own Makefile does and Debian's packages do not. */
    TWIN_SYMBOLIC,
    /* Their symbols have versions of their own, as those of another release have. */
    TWIN_OWN_VERSIONS,
};

/* Makes the copies, DIR/libssl.so and DIR/libcrypto.so. Returns DIR, the scratch directory's. */
const char *twin_make(struct scratch *scratch, enum twin kind);

#endif
