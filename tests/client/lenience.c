#include "tests/client/lenience.h"

#include <time.h>

#include "tests/client/options.h"

#define HALF_AN_HOUR 1800

static void be_lenient(X509_VERIFY_PARAM *param, const char *word)
{
    if (option_is(word, "time"))
        api.X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME);
    else if (option_is(word, "past"))
        api.X509_VERIFY_PARAM_set_time(param, time(NULL) - HALF_AN_HOUR);
    else if (option_is(word, "proxy"))
        api.X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_ALLOW_PROXY_CERTS);
    else if (option_is(word, "critical"))
        api.X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_IGNORE_CRITICAL);
}

void lenience_set(SSL_CTX *ctx)
{
    if (option_is(options.purpose, "any") && api.SSL_CTX_set_purpose(ctx, X509_PURPOSE_ANY) != 1)
        die("SSL_CTX_set_purpose");
    if (option_is(options.purpose, "store") &&
        api.X509_STORE_set_purpose(api.SSL_CTX_get_cert_store(ctx), X509_PURPOSE_ANY) != 1)
        die("X509_STORE_set_purpose");
    be_lenient(api.SSL_CTX_get0_param(ctx), options.lenient);
    be_lenient(api.X509_STORE_get0_param(api.SSL_CTX_get_cert_store(ctx)), options.lenient_store);
}
