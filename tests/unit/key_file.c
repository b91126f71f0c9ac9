/* Pins of keys in files, each checked against what OpenSSL makes of the same key. */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "config/key_file.h"
#include "config/pin.h"

/* Making RSA keys takes its time. */
TestSuite(key_file, .timeout = 60);

#define MUST(x) cr_assert((x), "OpenSSL: %s", #x)

static const struct kind {
    const char *name, *type, *detail;
} kinds[] = {
    {"RSA-2048", "RSA", "2048"}, {"RSA-4096", "RSA", "4096"}, {"P-256", "EC", "P-256"},
    {"P-384", "EC", "P-384"},    {"P-521", "EC", "P-521"},    {"Ed25519", "ED25519", NULL},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static EVP_PKEY *make_key(const struct kind *kind)
{
    bool rsa = strcmp(kind->type, "RSA") == 0, ec = strcmp(kind->type, "EC") == 0;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(rsa  ? EVP_PKEY_RSA
                                            : ec ? EVP_PKEY_EC
                                                 : EVP_PKEY_ED25519,
                                            NULL);
    EVP_PKEY *key = NULL;

    MUST(ctx && EVP_PKEY_keygen_init(ctx) == 1);
    if (rsa)
        MUST(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, atoi(kind->detail)) == 1);
    if (ec)
        MUST(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx, EC_curve_nist2nid(kind->detail)) == 1);
    MUST(EVP_PKEY_keygen(ctx, &key) == 1);
    EVP_PKEY_CTX_free(ctx);

    MUST(key);
    return key;
}

static X509 *make_cert(EVP_PKEY *key, long version)
{
    X509 *cert = X509_new();

    MUST(cert && X509_set_version(cert, version));
    MUST(ASN1_INTEGER_set(X509_get_serialNumber(cert), 1));
    MUST(X509_gmtime_adj(X509_getm_notBefore(cert), 0));
    MUST(X509_gmtime_adj(X509_getm_notAfter(cert), 3600));
    MUST(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                                    (const unsigned char *)"a.test", -1, -1, 0));
    MUST(X509_set_issuer_name(cert, X509_get_subject_name(cert)));
    MUST(X509_set_pubkey(cert, key));
    MUST(X509_sign(cert, key, EVP_PKEY_id(key) == EVP_PKEY_ED25519 ? NULL : EVP_sha256()));
    return cert;
}

/* The SHA-256 of the SubjectPublicKeyInfo that OpenSSL encodes. */
static void openssl_pin(EVP_PKEY *key, uint8_t digest[DIGEST_SIZE])
{
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);

    MUST(length > 0 && EVP_Digest(der, (size_t)length, digest, NULL, EVP_sha256(), NULL));
    OPENSSL_free(der);
}

enum form {
    CERT_PEM,
    CERT_DER,
    CERT_V1_DER,
    CERT_TRUSTED_PEM,
    PUBLIC_PEM,
    PUBLIC_DER,
    RSA_PUBLIC_PEM,
    RSA_PUBLIC_DER,
    PUBLIC_FORMS,
    PRIVATE_PEM = PUBLIC_FORMS,
    PRIVATE_DER,
    ENCRYPTED_PEM,
    ENCRYPTED_DER,
    TRADITIONAL_PEM,
    TRADITIONAL_ENCRYPTED_PEM,
    TRADITIONAL_DER,
    FORMS
};

static bool has_form(EVP_PKEY *key, enum form form)
{
    bool edwards = EVP_PKEY_id(key) == EVP_PKEY_ED25519, rsa = EVP_PKEY_id(key) == EVP_PKEY_RSA;

    return form == RSA_PUBLIC_PEM || form == RSA_PUBLIC_DER ? rsa
           : form >= TRADITIONAL_PEM                        ? !edwards
                                                            : true;
}

static void write_public(BIO *bio, EVP_PKEY *key, enum form form)
{
    X509 *cert = make_cert(key, form == CERT_V1_DER ? 0 : 2);
    unsigned char *der = NULL;
    int length;

    if (form == CERT_PEM) {
        MUST(PEM_write_bio_X509(bio, cert));
    } else if (form == CERT_DER || form == CERT_V1_DER) {
        MUST(i2d_X509_bio(bio, cert));
    } else if (form == CERT_TRUSTED_PEM) {
        MUST(X509_add1_trust_object(cert, OBJ_nid2obj(NID_server_auth)));
        MUST(PEM_write_bio_X509_AUX(bio, cert));
    } else if (form == PUBLIC_PEM) {
        MUST(PEM_write_bio_PUBKEY(bio, key));
    } else if (form == PUBLIC_DER) {
        MUST(i2d_PUBKEY_bio(bio, key));
    } else {
        length = i2d_PublicKey(key, &der); /* PKCS#1 (RFC 8017 appendix A.1.1) */
        MUST(length > 0);
        if (form == RSA_PUBLIC_PEM)
            MUST(PEM_write_bio(bio, "RSA PUBLIC KEY", "", der, length));
        else
            MUST(BIO_write(bio, der, length) == length);
        OPENSSL_free(der);
    }
    X509_free(cert);
}

static void write_private(BIO *bio, EVP_PKEY *key, enum form form)
{
    const EVP_CIPHER *cipher = EVP_aes_256_cbc();
    char password[] = "secret";

    if (form == PRIVATE_PEM)
        MUST(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL));
    else if (form == PRIVATE_DER)
        MUST(i2d_PKCS8PrivateKey_bio(bio, key, NULL, NULL, 0, NULL, NULL));
    else if (form == ENCRYPTED_PEM)
        MUST(PEM_write_bio_PKCS8PrivateKey(bio, key, cipher, NULL, 0, NULL, password));
    else if (form == ENCRYPTED_DER)
        MUST(i2d_PKCS8PrivateKey_bio(bio, key, cipher, password, 6, NULL, NULL));
    else if (form == TRADITIONAL_DER)
        MUST(i2d_PrivateKey_bio(bio, key));
    else
        MUST(PEM_write_bio_PrivateKey_traditional(bio, key, form == TRADITIONAL_PEM ? NULL : cipher,
                                                  (unsigned char *)password,
                                                  form == TRADITIONAL_PEM ? 0 : 6, NULL, NULL));
}

/* The key in that form, in a memory BIO. */
static BIO *write_key(EVP_PKEY *key, enum form form)
{
    BIO *bio = BIO_new(BIO_s_mem());

    MUST(bio);
    if (form < PUBLIC_FORMS)
        write_public(bio, key, form);
    else
        write_private(bio, key, form);
    return bio;
}

static bool pin_of(BIO *bio, struct pin *pin, char *why, size_t size)
{
    char *data;
    long length = BIO_get_mem_data(bio, &data);

    return pin_from_key_file((const uint8_t *)data, (size_t)length, pin, why, size);
}

static void check_kind(const struct kind *kind)
{
    EVP_PKEY *key = make_key(kind);
    uint8_t want[DIGEST_SIZE];

    openssl_pin(key, want);
    for (enum form form = 0; form < FORMS; form++) {
        struct pin pin = {.kind = PIN_CERT};
        char why[256] = "";
        BIO *bio;

        if (!has_form(key, form))
            continue;
        bio = write_key(key, form);
        bool good = pin_of(bio, &pin, why, sizeof why);
        cr_expect_eq(good, form < PUBLIC_FORMS, "%s, form %d: %s", kind->name, form, why);
        if (form >= PUBLIC_FORMS)
            cr_expect(strstr(why, "it holds a private key"), "%s, form %d: %s", kind->name, form,
                      why);
        else
            cr_expect(good && pin.kind == PIN_SPKI && memcmp(pin.digest, want, DIGEST_SIZE) == 0,
                      "%s, form %d: another pin than OpenSSL's", kind->name, form);
        BIO_free(bio);
    }
    EVP_PKEY_free(key);
}

Test(key_file, rsa_2048)
{
    check_kind(&kinds[0]);
}

Test(key_file, rsa_4096)
{
    check_kind(&kinds[1]);
}

Test(key_file, elliptic)
{
    for (size_t i = 2; i < KINDS; i++)
        check_kind(&kinds[i]);
}

/* A pin hashed with strlen is the same for all RSA-2048 keys; X509_pubkey_digest is no pin. */
Test(key_file, two_rsa_keys_differ)
{
    EVP_PKEY *a = make_key(&kinds[0]), *b = make_key(&kinds[0]);
    BIO *bio_a = write_key(a, CERT_PEM), *bio_b = write_key(b, CERT_PEM);
    struct pin pin_a, pin_b;
    unsigned char bits[EVP_MAX_MD_SIZE];
    X509 *cert = make_cert(a, 2);
    char why[256];

    MUST(pin_of(bio_a, &pin_a, why, sizeof why) && pin_of(bio_b, &pin_b, why, sizeof why));
    cr_expect_arr_neq(pin_a.digest, pin_b.digest, DIGEST_SIZE);
    MUST(X509_pubkey_digest(cert, EVP_sha256(), bits, NULL));
    cr_expect_arr_neq(pin_a.digest, bits, DIGEST_SIZE);
    X509_free(cert);
    BIO_free(bio_a);
    BIO_free(bio_b);
    EVP_PKEY_free(a);
    EVP_PKEY_free(b);
}

/* No prefix of a file is a key, and none crashes. */
static void cut_everywhere(const struct kind *kind, enum form form)
{
    EVP_PKEY *key = make_key(kind);
    BIO *bio = write_key(key, form);
    char *data;
    long length = BIO_get_mem_data(bio, &data);

    for (long n = 0; n < length; n++) {
        uint8_t *cut = malloc((size_t)n + !n); /* of that size: a sanitizer sees reads behind it */
        struct pin pin;
        char why[256] = "";

        memcpy(cut, data, (size_t)n);
        cr_expect_not(pin_from_key_file(cut, (size_t)n, &pin, why, sizeof why),
                      "%s, form %d: %ld of %ld octets accepted", kind->name, form, n, length);
        cr_expect_neq(why[0], 0, "%s, form %d: %ld octets: no reason", kind->name, form, n);
        free(cut);
    }
    BIO_free(bio);
    EVP_PKEY_free(key);
}

Test(key_file, cut_der)
{
    static const enum form forms[] = {CERT_DER,    CERT_V1_DER,     PUBLIC_DER,
                                      PRIVATE_DER, TRADITIONAL_DER, ENCRYPTED_DER};

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        cut_everywhere(&kinds[0], forms[i]);
        cut_everywhere(&kinds[2], forms[i]);
    }
    cut_everywhere(&kinds[0], RSA_PUBLIC_DER);
    cut_everywhere(&kinds[5], CERT_DER);
}

/* OpenSSL's TRUSTED form is the one that something may follow; a cut one it is not. */
Test(key_file, cut_trusted)
{
    EVP_PKEY *key = make_key(&kinds[2]);
    X509 *cert = make_cert(key, 2);
    unsigned char *der = NULL;
    int length = i2d_X509(cert, &der);

    MUST(length > 0);
    for (int n = 1; n <= length; n++) {
        BIO *bio = BIO_new(BIO_s_mem());
        struct pin pin;
        char why[256];

        MUST(PEM_write_bio(bio, PEM_STRING_X509_TRUSTED, "", der, n));
        cr_expect_eq(pin_of(bio, &pin, why, sizeof why), n == length, "%d of %d octets", n, length);
        BIO_free(bio);
    }
    OPENSSL_free(der);
    X509_free(cert);
    EVP_PKEY_free(key);
}

/* With any one octet wrong, a key is refused or its pin another one, and nothing crashes. */
Test(key_file, damaged_der)
{
    EVP_PKEY *key = make_key(&kinds[2]);
    BIO *bio = write_key(key, PUBLIC_DER);
    uint8_t right[DIGEST_SIZE];
    char *data, why[256];
    long length = BIO_get_mem_data(bio, &data);

    openssl_pin(key, right);
    for (long i = 0; i < length; i++)
        for (unsigned change = 1; change < 256; change++) {
            struct pin pin;
            data[i] = (char)(data[i] ^ (int)change);
            if (pin_from_key_file((uint8_t *)data, (size_t)length, &pin, why, sizeof why))
                cr_expect_arr_neq(pin.digest, right, DIGEST_SIZE, "octet %ld", i);
            data[i] = (char)(data[i] ^ (int)change);
        }
    BIO_free(bio);
    EVP_PKEY_free(key);
}

/* Puts the parts one behind the other; NULL ends them. */
static void expect_file(const char *what, EVP_PKEY *key, const char *says, BIO *parts[])
{
    BIO *all = BIO_new(BIO_s_mem());
    uint8_t want[DIGEST_SIZE];
    struct pin pin;
    char why[256] = "", *data;

    for (; *parts; parts++) {
        long length = BIO_get_mem_data(*parts, &data);
        MUST(BIO_write(all, data, (int)length) == length);
        BIO_free(*parts);
    }
    bool good = pin_of(all, &pin, why, sizeof why);
    openssl_pin(key, want);
    cr_expect_eq(good, says == NULL, "%s: %s", what, why);
    if (says)
        cr_expect(strstr(why, says), "%s: %s", what, why);
    else
        cr_expect(good && memcmp(pin.digest, want, DIGEST_SIZE) == 0, "%s", what);
    BIO_free(all);
}

static BIO *words(const char *text)
{
    return BIO_new_mem_buf(text, -1);
}

#define EC_PARAMETERS                                                                              \
    "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
#define EXPECT(what, says, ...) expect_file(what, key, says, (BIO *[]){__VA_ARGS__, NULL})

Test(key_file, several)
{
    EVP_PKEY *key = make_key(&kinds[2]), *other = make_key(&kinds[2]);

    EXPECT("two certificates", "it holds 2 keys or certificates", write_key(key, CERT_PEM),
           write_key(other, CERT_PEM));
    EXPECT("a certificate and its key", "it holds 2", write_key(key, CERT_PEM),
           write_key(key, PUBLIC_PEM));
    EXPECT("three", "it holds 3", write_key(key, PUBLIC_PEM), write_key(other, PUBLIC_PEM),
           write_key(key, CERT_PEM));
    EXPECT("private behind", "it holds a private key", write_key(key, CERT_PEM),
           write_key(key, PRIVATE_PEM));
    EXPECT("private in front", "it holds a private key", write_key(key, PRIVATE_PEM),
           write_key(key, CERT_PEM));
    EXPECT("DER behind DER", "it holds no certificate", write_key(key, PUBLIC_DER),
           write_key(other, PUBLIC_DER));
    EXPECT("something behind DER", "it holds no certificate", write_key(key, CERT_DER), words("x"));
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
}

Test(key_file, surroundings)
{
    EVP_PKEY *key = make_key(&kinds[2]);

    EXPECT("EC PARAMETERS", NULL, words(EC_PARAMETERS), write_key(key, PUBLIC_PEM));
    EXPECT("EC PARAMETERS behind", NULL, write_key(key, PUBLIC_PEM), words(EC_PARAMETERS));
    EXPECT("EC PARAMETERS, private", "it holds a private key", words(EC_PARAMETERS),
           write_key(key, TRADITIONAL_PEM));
    EXPECT("EC PARAMETERS alone", "it holds no certificate", words(EC_PARAMETERS));
    EXPECT("text around", NULL, words("subject=CN = a.test\nissuer=CN = b\n"),
           write_key(key, CERT_PEM), words("\ntrailing words\n"));
    EXPECT("a byte order mark", NULL, words("\xef\xbb\xbf"), write_key(key, CERT_PEM));
    EXPECT("no END", "its PEM block has no END line",
           words("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYI"));
    EXPECT("no dashes", "its PEM block has no END line", words("-----BEGIN PUBLIC KEY"));
    EXPECT("not base64", "its PEM block is not base64",
           words("-----BEGIN PUBLIC KEY-----\n????\n-----END PUBLIC KEY-----\n"));
    EXPECT("an empty block", "it holds no certificate",
           words("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"));
    EXPECT("another block", "it holds no certificate",
           words("-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n"));
    EXPECT("words", "it holds no certificate and no public key", words("hello\n"));
    EXPECT("an empty file", "it is empty", words(""));
    EXPECT("a pin", "it holds no certificate",
           words("sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
    EVP_PKEY_free(key);
}

Test(key_file, crlf)
{
    EVP_PKEY *key = make_key(&kinds[0]);
    BIO *bio = write_key(key, CERT_PEM), *dos = BIO_new(BIO_s_mem());
    char *data;
    long length = BIO_get_mem_data(bio, &data);

    for (long i = 0; i < length; i++)
        MUST(data[i] == '\n' ? BIO_write(dos, "\r\n", 2) == 2 : BIO_write(dos, data + i, 1) == 1);
    EXPECT("CRLF", NULL, dos);
    BIO_free(bio);
    EVP_PKEY_free(key);
}

/* The same key in a new certificate has the same pin. */
Test(key_file, renewed_certificate)
{
    EVP_PKEY *key = make_key(&kinds[2]);
    BIO *first = write_key(key, CERT_DER), *second = write_key(key, CERT_V1_DER);
    struct pin a, b;
    char why[256];

    MUST(pin_of(first, &a, why, sizeof why) && pin_of(second, &b, why, sizeof why));
    cr_expect_arr_eq(a.digest, b.digest, DIGEST_SIZE);
    BIO_free(first);
    BIO_free(second);
    EVP_PKEY_free(key);
}

/* What OpenSSL would write otherwise when it hashes the key of a certificate: a pin of it could
 * match nothing. */
Test(key_file, not_in_der)
{
    static const struct {
        const char *what;
        bool good;
        uint8_t length, der[17];
    } rows[] = {
        {"RSA", true, 12, {0x30, 0x0a, 2, 5, 0x2d, 1, 2, 3, 4, 2, 1, 3}},
        {"RSA, a zero too many", false, 13, {0x30, 0x0b, 2, 6, 0, 0x2d, 1, 2, 3, 4, 2, 1, 3}},
        {"RSA, a zero that it takes", true, 13, {0x30, 0x0b, 2, 6, 0, 0x8d, 1, 2, 3, 4, 2, 1, 3}},
        {"RSA, negative", false, 12, {0x30, 0x0a, 2, 5, 0x8d, 1, 2, 3, 4, 2, 1, 3}},
        {"RSA, exponent 0", false, 12, {0x30, 0x0a, 2, 5, 0x2d, 1, 2, 3, 4, 2, 1, 0}},
        {"SPKI", true, 15, {0x30, 13, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 4, 0, 1, 2, 3}},
        {"SPKI, unused bits",
         false,
         15,
         {0x30, 13, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 4, 3, 1, 2, 3}},
        {"SPKI, NULL", true, 15, {0x30, 13, 0x30, 6, 6, 2, 0x2b, 1, 5, 0, 3, 3, 0, 1, 2}},
        {"SPKI, NULL of an octet",
         false,
         16,
         {0x30, 14, 0x30, 7, 6, 2, 0x2b, 1, 5, 1, 0, 3, 3, 0, 1, 2}},
        {"SPKI, a curve", true, 16, {0x30, 14, 0x30, 7, 6, 2, 0x2b, 1, 6, 1, 0x2b, 3, 3, 0, 1, 2}},
        {"SPKI, PSS as it comes",
         true,
         15,
         {0x30, 13, 0x30, 6, 6, 2, 0x2b, 1, 0x30, 0, 3, 3, 0, 1, 2}},
        {"SPKI, a BIT STRING",
         false,
         16,
         {0x30, 14, 0x30, 7, 6, 2, 0x2b, 1, 3, 1, 7, 3, 3, 0, 1, 2}},
        {"SPKI, two NULLs",
         false,
         17,
         {0x30, 15, 0x30, 8, 6, 2, 0x2b, 1, 5, 0, 5, 0, 3, 3, 0, 1, 2}},
    };
    char why[200];
    struct pin pin;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(pin_from_key_file(rows[i].der, rows[i].length, &pin, why, sizeof why),
                     rows[i].good, "%s", rows[i].what);
}
