/* A throw-away public key infrastructure: a root CA, an intermediate CA under it, and what they
 * issue. Made with OpenSSL alone, so that pins computed here cross-check the ones in config/. */
#ifndef PINSHIM_TESTS_SUPPORT_PKI_H
#define PINSHIM_TESTS_SUPPORT_PKI_H

#include <stdbool.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "tests/support/scratch.h"

#define PKI_NAMES "DNS:localhost,DNS:api.example.test,IP:127.0.0.1,IP:::1"

enum pki_key { PKI_P256, PKI_RSA2048, PKI_ED25519 };

/* A certificate, its key, and their files. */
struct identity {
    X509 *cert;
    EVP_PKEY *key;
    char *leaf_file;  /* PEM: the certificate alone */
    char *chain_file; /* PEM: the certificate and what is above it, the root left out */
    char *key_file;   /* PEM, mode 0600 */
    char *pin;        /* sha256/BASE64 of the DER SubjectPublicKeyInfo (RFC 7469 section 2.4) */
    char *cert_pin;   /* cert-sha256/HEX of the DER certificate */
};

/* What to issue. Zero is a server's P-256 leaf for PKI_NAMES, valid now. */
struct request {
    const char *common_name; /* NULL: the name of the files */
    const char *names; /* subjectAltName as OpenSSL's config writes it; NULL: PKI_NAMES, "": none */
    const char *usage; /* extendedKeyUsage; NULL: serverAuth,clientAuth */
    const char *basic; /* basicConstraints; NULL: as `ca` says */
    const char *key_usage;   /* keyUsage; NULL: that of a CA, or of a leaf; "": none */
    const char *constraints; /* nameConstraints; NULL: none */
    const EVP_MD *digest;    /* signed over it; NULL: SHA-256 */
    enum pki_key key_type;
    EVP_PKEY *key;              /* certify this key; NULL: make one. Borrowed */
    bool version_1;             /* of X.509, before there were extensions */
    bool proxy;                 /* an RFC 3820 certificate; the issuer is an end entity */
    bool unheard_of;            /* with a critical extension that nobody knows */
    bool ca;                    /* basicConstraints CA:TRUE; no names and no extendedKeyUsage */
    long not_before, not_after; /* seconds from now; both 0: an hour ago, in a day */
};

/* The usual set. */
struct pki {
    struct scratch *scratch;
    struct identity root, intermediate;
    struct identity genuine;     /* the server's, by the intermediate CA */
    struct identity mis_issued;  /* the same names by the same CA, another key */
    struct identity client;      /* a client certificate */
    struct identity self_signed; /* the same names by nobody */
    char *ca_file;               /* PEM: the root */
};

/* Makes the usual set, its files in the scratch directory. Fails the test when OpenSSL does. */
void pki_make(struct pki *pki, struct scratch *scratch, enum pki_key key_type);

/* Issues one certificate; its files are NAME.pem, NAME-chain.pem and NAME.key in the scratch
 * directory. `issuer` NULL: signed by itself. Free with identity_free. */
void pki_issue(struct scratch *scratch, const char *name, const struct identity *issuer,
               const struct request *request, struct identity *out);

/* Makes `identity` send `more` (the last one NULL) after its leaf; the file is `name`. */
void pki_send(struct scratch *scratch, const char *name, const struct identity *const *more,
              struct identity *identity);

/* Frees the certificate and the key; the files and strings are the scratch directory's. */
void identity_free(struct identity *identity);

/* Frees the six identities. */
void pki_free(struct pki *pki);

#endif
