#include "tests/client/libctx.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "tests/client/api.h"
#include "tests/client/options.h"

#if OPENSSL_VERSION_NUMBER >= 0x30000000L

void libctx_change(const char *moment)
{
    static OSSL_LIB_CTX *first;
    bool around = option_is(options.libctx, "around");
    bool back = around && strcmp(moment, "after") == 0;

    if (!option_is(options.libctx, moment) && !back && !(around && strcmp(moment, "before") == 0))
        return;
    OSSL_LIB_CTX *next = back ? first : api.OSSL_LIB_CTX_new();
    OSSL_LIB_CTX *last = next ? api.OSSL_LIB_CTX_set0_default(next) : NULL;
    if (!last)
        die("OSSL_LIB_CTX_set0_default");
    first = first ? first : last;
}

#else

void libctx_change(const char *moment)
{
    (void)moment;
    if (options.libctx)
        die("--libctx: since OpenSSL 3.0");
}

#endif
