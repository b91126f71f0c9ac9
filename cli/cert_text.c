#include "cli/cert_text.h"

#include <arpa/inet.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *whole_name(const X509_NAME *name)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text, *copy = NULL;
    long length;

    /* As UTF-8, not escaped: the table makes visible what must not reach a terminal. */
    if (bio && X509_NAME_print_ex(bio, name, 0,
                                  XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0) {
        length = BIO_get_mem_data(bio, &text);
        copy = length > 0 ? strndup(text, (size_t)length) : strdup("");
    }
    BIO_free(bio);
    return copy;
}

char *cert_subject(const X509 *x509)
{
    return whole_name(X509_get_subject_name(x509));
}

/* A string of ASN.1 as UTF-8; malloc'ed. NULL for an empty one and one with a NUL in it, which
 * would show as something it is not. */
static char *asn1_text(const ASN1_STRING *string)
{
    unsigned char *utf8 = NULL;
    int length = ASN1_STRING_to_UTF8(&utf8, string);
    char *copy = NULL;

    if (length > 0 && !memchr(utf8, 0, (size_t)length))
        copy = strndup((char *)utf8, (size_t)length);
    OPENSSL_free(utf8);
    return copy;
}

static char *common_name(const X509_NAME *name)
{
    int at = -1, last = -1;

    while ((at = X509_NAME_get_index_by_NID((X509_NAME *)name, NID_commonName, at)) >= 0)
        last = at;
    if (last < 0)
        return NULL;
    return asn1_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
}

static char *general_name(const GENERAL_NAME *name)
{
    char text[INET6_ADDRSTRLEN];
    int type, length;
    const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);

    if (type == GEN_DNS)
        return asn1_text(value);
    if (type != GEN_IPADD)
        return NULL;
    length = ASN1_STRING_length(value);
    if (length != 4 && length != 16)
        return NULL;
    inet_ntop(length == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(value), text, sizeof(text));
    return strdup(text);
}

char *cert_names(const X509 *x509)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    bool first = true;

    for (int i = 0; out && i < sk_GENERAL_NAME_num(names); i++) {
        char *name = general_name(sk_GENERAL_NAME_value(names, i));

        if (name)
            fprintf(out, "%s%s", first ? "" : ", ", name);
        first = first && !name;
        free(name);
    }
    GENERAL_NAMES_free(names);
    if (out && fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

char *cert_issuer_name(const X509 *x509)
{
    const X509_NAME *issuer = X509_get_issuer_name(x509);
    char *name = common_name(issuer);

    return name ? name : whole_name(issuer);
}

/* The named curve of an EC key (RFC 5480 section 2.1.1); NID_undef for others. */
static int key_curve(const X509 *x509)
{
    X509_ALGOR *algorithm;
    const ASN1_OBJECT *name;
    const void *value;
    int type;

    if (X509_PUBKEY_get0_param(NULL, NULL, NULL, &algorithm, X509_get_X509_PUBKEY(x509)) != 1)
        return NID_undef;
    X509_ALGOR_get0(&name, &type, &value, algorithm);
    if (OBJ_obj2nid(name) != NID_X9_62_id_ecPublicKey || type != V_ASN1_OBJECT)
        return NID_undef;
    return OBJ_obj2nid(value);
}

void cert_key_text(const X509 *x509, char out[CERT_KEY_SIZE])
{
    EVP_PKEY *key = X509_get0_pubkey(x509);
    int type = key ? EVP_PKEY_base_id(key) : NID_undef, curve = key_curve(x509);
    const char *nist = curve != NID_undef ? EC_curve_nid2nist(curve) : NULL;

    if (curve != NID_undef)
        snprintf(out, CERT_KEY_SIZE, "EC %s", nist ? nist : OBJ_nid2sn(curve));
    else if (type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS || type == EVP_PKEY_DSA)
        snprintf(out, CERT_KEY_SIZE, "%s %d", type == EVP_PKEY_DSA ? "DSA" : "RSA",
                 EVP_PKEY_bits(key));
    else
        snprintf(out, CERT_KEY_SIZE, "%s", type != NID_undef ? OBJ_nid2ln(type) : "unknown");
}

static char *alternative_name(const X509 *x509)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    char *text = NULL;

    for (int i = 0; !text && i < sk_GENERAL_NAME_num(names); i++)
        text = general_name(sk_GENERAL_NAME_value(names, i));
    GENERAL_NAMES_free(names);
    return text;
}

bool cert_names_host(const X509 *x509)
{
    char *name = alternative_name(x509);

    free(name);
    return name != NULL;
}

char *cert_short_name(const X509 *x509)
{
    char *name = common_name(X509_get_subject_name(x509));

    if (!name)
        name = alternative_name(x509);
    return name ? name : cert_subject(x509);
}

void fingerprint_format(const struct pin *pin, char out[FINGERPRINT_SIZE])
{
    for (size_t i = 0; i < DIGEST_SIZE; i++)
        snprintf(out + 3 * i, FINGERPRINT_SIZE - 3 * i, i + 1 < DIGEST_SIZE ? "%02X:" : "%02X",
                 pin->digest[i]);
}

static void time_text(const ASN1_TIME *time, char out[CERT_TIME_SIZE])
{
    struct tm tm;

    if (ASN1_TIME_to_tm(time, &tm) != 1 ||
        strftime(out, CERT_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        out[0] = '\0';
}

void cert_not_before(const X509 *x509, char out[CERT_TIME_SIZE])
{
    time_text(X509_get0_notBefore(x509), out);
}

void cert_not_after(const X509 *x509, char out[CERT_TIME_SIZE])
{
    time_text(X509_get0_notAfter(x509), out);
}

bool cert_expired(const X509 *x509)
{
    return X509_cmp_current_time(X509_get0_notAfter(x509)) < 0;
}
