#include "cli/certs.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/der.h"

/* What one object of a file turned out to be. */
enum object {
    OBJECT_DAMAGED, /* named as one of the others, but cannot be read as such */
    OBJECT_OTHER,   /* nothing that has to do with pins */
    OBJECT_TAKEN,
    OBJECT_PRIVATE_KEY,
};

bool certs_add(struct certs *certs, X509 *x509, X509_PUBKEY *key)
{
    struct cert *items;

    if (!x509 && !key)
        return false;
    items = reallocarray(certs->items, certs->count + 1, sizeof(*items));
    if (!items) {
        X509_free(x509);
        X509_PUBKEY_free(key);
        return false;
    }
    certs->items = items;
    items[certs->count++] = (struct cert){.x509 = x509, .key = key};
    return true;
}

void certs_free(struct certs *certs)
{
    for (size_t i = 0; i < certs->count; i++) {
        X509_free(certs->items[i].x509);
        X509_PUBKEY_free(certs->items[i].key);
    }
    free(certs->items);
    *certs = (struct certs){0};
}

/* The readers below take one object off the front of *der, as OpenSSL's d2i functions do. */

static bool take_certificate(struct certs *certs, const uint8_t **der, long length, bool trusted)
{
    X509 *x509 = trusted ? d2i_X509_AUX(NULL, der, length) : d2i_X509(NULL, der, length);

    return certs_add(certs, x509, NULL);
}

static bool take_public_key(struct certs *certs, const uint8_t **der, long length)
{
    return certs_add(certs, NULL, d2i_X509_PUBKEY(NULL, der, length));
}

/* PKCS#1 (RFC 8017 appendix A.1.1) names no algorithm: it gets its SubjectPublicKeyInfo here. */
static bool take_rsa_key(struct certs *certs, const uint8_t **der, long length)
{
    EVP_PKEY *key = d2i_PublicKey(EVP_PKEY_RSA, NULL, der, length);
    X509_PUBKEY *info = NULL;

    if (key && X509_PUBKEY_set(&info, key) != 1)
        info = NULL;
    EVP_PKEY_free(key);
    return certs_add(certs, NULL, info);
}

static bool take_pkcs7(struct certs *certs, const uint8_t **der, long length)
{
    PKCS7 *p7 = d2i_PKCS7(NULL, der, length);
    STACK_OF(X509) *stack = NULL;
    bool good = p7 != NULL;

    if (p7 && PKCS7_type_is_signed(p7) && p7->d.sign)
        stack = p7->d.sign->cert;
    for (int i = 0; good && stack && i < sk_X509_num(stack); i++) {
        X509 *x509 = sk_X509_value(stack, i);

        good = X509_up_ref(x509) == 1 && certs_add(certs, x509, NULL);
    }
    PKCS7_free(p7);
    return good;
}

static bool ends_in(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);

    return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* One PEM block, by its label (RFC 7468). */
static enum object take_block(struct certs *certs, const char *label, const uint8_t *data,
                              long length)
{
    const uint8_t *end = data + length;
    bool good;

    if (ends_in(label, "PRIVATE KEY"))
        return OBJECT_PRIVATE_KEY;
    if (strcmp(label, PEM_STRING_X509) == 0 || strcmp(label, PEM_STRING_X509_OLD) == 0)
        good = take_certificate(certs, &data, length, false);
    else if (strcmp(label, PEM_STRING_X509_TRUSTED) == 0)
        good = take_certificate(certs, &data, length, true);
    else if (strcmp(label, PEM_STRING_PUBLIC) == 0)
        good = take_public_key(certs, &data, length);
    else if (strcmp(label, PEM_STRING_RSA_PUBLIC) == 0)
        good = take_rsa_key(certs, &data, length);
    else if (strcmp(label, PEM_STRING_PKCS7) == 0 || strcmp(label, PEM_STRING_PKCS7_SIGNED) == 0 ||
             strcmp(label, PEM_STRING_CMS) == 0)
        good = take_pkcs7(certs, &data, length);
    else
        return OBJECT_OTHER;
    return good && data == end ? OBJECT_TAKEN : OBJECT_DAMAGED;
}

/* How many octets in front of a line say nothing: white space, and the byte order marks that
 * editors write. */
static size_t margin(const uint8_t *line, size_t length)
{
    size_t n = 0;

    for (;;) {
        if (n + 3 <= length && memcmp(line + n, "\xef\xbb\xbf", 3) == 0)
            n += 3;
        else if (n < length && line[n] != '\0' && strchr(" \t\r\f\v", line[n]))
            n++;
        else
            return n;
    }
}

/* A copy without the margins of its lines: OpenSSL passes over a block that has one, and what is
 * pinned then is another certificate than the file's first. Free with input_free. */
static bool strip_margins(const struct input *input, struct input *out)
{
    const uint8_t *at = input->data, *end = at + input->length, *next;
    uint8_t *to = OPENSSL_malloc(input->length + 1);

    *out = (struct input){to, 0};
    for (; to && at < end; at = next) {
        next = memchr(at, '\n', (size_t)(end - at));
        next = next ? next + 1 : end;
        at += margin(at, (size_t)(next - at));
        memcpy(to + out->length, at, (size_t)(next - at));
        out->length += (size_t)(next - at);
    }
    return to;
}

/* All PEM blocks. `blocks` counts them, the one that was damaged included. */
static enum object read_pem(const struct input *input, struct certs *certs, size_t *blocks)
{
    struct input text;
    BIO *bio = strip_margins(input, &text) ? BIO_new_mem_buf(text.data, (int)text.length) : NULL;
    enum object object = OBJECT_OTHER;
    char *label = NULL, *header = NULL;
    uint8_t *data = NULL;
    long length = 0;

    *blocks = 0;
    if (!bio)
        object = OBJECT_DAMAGED;
    while (object != OBJECT_DAMAGED && PEM_read_bio(bio, &label, &header, &data, &length) == 1) {
        ++*blocks;
        object = take_block(certs, label, data, length);
        if (object == OBJECT_PRIVATE_KEY)
            certs->private_key = true;
        OPENSSL_free(label);
        OPENSSL_free(header);
        OPENSSL_clear_free(data, (size_t)length);
    }
    if (object != OBJECT_DAMAGED && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
        ++*blocks;
        object = OBJECT_DAMAGED;
    }
    BIO_free(bio);
    input_free(&text);
    ERR_clear_error();
    return object;
}

/* One DER object off the front of *der. */
static enum object take_der(struct certs *certs, const uint8_t **der, long length)
{
    static bool (*const readers[])(struct certs *, const uint8_t **, long) = {
        take_public_key,
        take_rsa_key,
        take_pkcs7,
    };
    const uint8_t *start = *der;

    if (take_certificate(certs, der, length, false))
        return OBJECT_TAKEN;
    *der = start;
    if (der_is_private_key((struct span){start, (size_t)length}))
        return OBJECT_PRIVATE_KEY;
    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
        if (readers[i](certs, der, length))
            return OBJECT_TAKEN;
        *der = start;
    }
    return OBJECT_OTHER;
}

/* DER, several objects behind each other too. */
static enum object read_der(const struct input *input, struct certs *certs)
{
    const uint8_t *der = input->data, *end = der + input->length;
    enum object object = OBJECT_OTHER;

    while (der < end) {
        object = take_der(certs, &der, end - der);
        if (object != OBJECT_TAKEN)
            break;
    }
    if (object == OBJECT_PRIVATE_KEY)
        certs->private_key = true;
    else if (der < end && certs->count > 0)
        object = OBJECT_DAMAGED;
    ERR_clear_error();
    return object;
}

static bool is_pkcs12(const struct input *input)
{
    const uint8_t *der = input->data;
    PKCS12 *p12 = d2i_PKCS12(NULL, &der, (long)input->length);

    PKCS12_free(p12);
    ERR_clear_error();
    return p12 != NULL;
}

/* Does the DER say that it is longer than the file? */
static bool is_cut_der(const struct input *input)
{
    const uint8_t *data = input->data;
    size_t octets = input->length > 4 && data[0] == 0x30 && data[1] > 0x80 ? data[1] - 0x80U : 0;
    size_t length = 0;

    if (octets < 1 || octets > 3)
        return false;
    for (size_t i = 0; i < octets; i++)
        length = length << 8 | data[2 + i];
    return length + 2 + octets > input->length;
}

static bool has(const struct input *input, const char *text)
{
    return memmem(input->data, input->length, text, strlen(text)) != NULL;
}

static void explain_empty(const char *name, const struct input *input, size_t blocks, char *why,
                          size_t size)
{
    if (input->length == 0)
        snprintf(why, size, "%s is empty", name);
    else if (is_pkcs12(input))
        snprintf(why, size,
                 "%s is a PKCS#12 file; take its certificates out: "
                 "openssl pkcs12 -in FILE -nokeys -out CERTS.pem",
                 name);
    else if (has(input, "CERTIFICATE REQUEST-----"))
        snprintf(why, size,
                 "%s has no certificate and no public key of its own: it is a request; take the "
                 "key out: openssl req -in FILE -noout -pubkey",
                 name);
    else if (is_cut_der(input))
        snprintf(why, size,
                 "%s has no certificate and no public key: it is cut short; copy it again", name);
    else
        snprintf(why, size, "%s has no certificate and no public key%s", name,
                 blocks ? "" : ", in PEM, DER or PKCS#7");
}

bool certs_read(const char *path, struct certs *out, char *why, size_t size)
{
    const char *name = input_name(path);
    struct input input;
    size_t blocks;
    bool good = false;
    enum object object;

    *out = (struct certs){0};
    if (!input_read(path, &input, why, size))
        return false;
    object = read_pem(&input, out, &blocks);
    if (blocks == 0)
        object = read_der(&input, out);
    if (object == OBJECT_DAMAGED && blocks > 0)
        snprintf(why, size, "%s: PEM block number %zu is damaged", name, blocks);
    else if (object == OBJECT_DAMAGED)
        snprintf(why, size, "%s: something else follows the DER of %zu certificates or keys", name,
                 out->count);
    else if (out->count == 0 && !out->private_key)
        explain_empty(name, &input, blocks, why, size);
    else
        good = true;
    input_free(&input);
    return good;
}

/* Not X509_pubkey_digest: that hashes the key's bit string alone. */
bool cert_pin(const struct cert *cert, struct pin *out)
{
    X509_PUBKEY *key = cert->x509 ? X509_get_X509_PUBKEY(cert->x509) : cert->key;
    uint8_t *der = NULL;
    int length = key ? i2d_X509_PUBKEY(key, &der) : -1;
    bool good =
        length > 0 && EVP_Digest(der, (size_t)length, out->digest, NULL, EVP_sha256(), NULL) == 1;

    OPENSSL_free(der);
    out->kind = PIN_SPKI;
    return good;
}

bool cert_fingerprint(const X509 *x509, struct pin *out)
{
    unsigned length = 0;

    out->kind = PIN_CERT;
    return X509_digest(x509, EVP_sha256(), out->digest, &length) == 1 && length == DIGEST_SIZE;
}
