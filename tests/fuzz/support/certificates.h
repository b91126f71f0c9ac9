/* Certificates that are the same in every run. */
#ifndef PINSHIM_TESTS_FUZZ_SUPPORT_CERTIFICATES_H
#define PINSHIM_TESTS_FUZZ_SUPPORT_CERTIFICATES_H

#include <openssl/x509.h>

#define CERTIFICATE_HOST "api.example.test" /* whom the leaves are for */

enum fixed_certificate {
    CERTIFICATE_LEAF,         /* by the intermediate CA */
    CERTIFICATE_MIS_ISSUED,   /* likewise, with another key */
    CERTIFICATE_INTERMEDIATE, /* by the root; may have no CA under it */
    CERTIFICATE_ROOT,
    CERTIFICATE_SELF_SIGNED,
    CERTIFICATE_COUNT
};

/* In PEM. */
extern const char *const CERTIFICATES[CERTIFICATE_COUNT];

/* The caller's to free. */
X509 *certificate_read(enum fixed_certificate which);

#endif
