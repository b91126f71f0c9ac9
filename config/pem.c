#include "config/pem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/base64.h"

static const char *find(const char *in, const char *end, const char *what)
{
    return memmem(in, (size_t)(end - in), what, strlen(what));
}

struct pem_reader pem_open(const uint8_t *data, size_t length)
{
    return (struct pem_reader){(const char *)data, (const char *)data + length};
}

static bool label_has(const struct pem_block *block, const char *words)
{
    return memmem(block->label, block->label_length, words, strlen(words)) != NULL;
}

bool pem_is(const struct pem_block *block, const char *label)
{
    return strlen(label) == block->label_length &&
           memcmp(block->label, label, block->label_length) == 0;
}

bool pem_is_trusted(const struct pem_block *block)
{
    return pem_is(block, "TRUSTED CERTIFICATE");
}

bool pem_is_certificate(const struct pem_block *block)
{
    return pem_is(block, "CERTIFICATE") || pem_is(block, "X509 CERTIFICATE") ||
           pem_is_trusted(block);
}

static bool decode(const char *body, const char *stop, struct pem_block *out)
{
    size_t size = (size_t)(stop - body);
    ssize_t n;

    out->der = malloc(size + 1);
    n = out->der == NULL ? -1 : base64_decode(body, size, 1, out->der, size + 1);
    if (n < 0) {
        free(out->der);
        return false;
    }
    out->length = (size_t)n;
    return true;
}

enum pem_result pem_next(struct pem_reader *reader, struct pem_block *out, char *why, size_t size)
{
    const char *begin = find(reader->at, reader->end, "-----BEGIN "), *body, *stop;

    if (begin == NULL)
        return PEM_END;
    begin += 11;
    body = find(begin, reader->end, "-----");
    stop = body == NULL ? NULL : find(body + 5, reader->end, "-----END ");
    if (stop == NULL) {
        snprintf(why, size, "its PEM block has no END line; copy the whole of it");
        return PEM_BROKEN;
    }
    reader->at = stop + 9;
    out->label = begin;
    out->label_length = (size_t)(body - begin);
    if (label_has(out, "PRIVATE KEY")) {
        snprintf(why, size,
                 "it holds a private key; keep that away from here and name the certificate or "
                 "the public key (openssl pkey -in KEY -pubout)");
        return PEM_BROKEN;
    }
    if (!decode(body + 5, stop, out)) {
        snprintf(why, size, "its PEM block is not base64; copy it again");
        return PEM_BROKEN;
    }
    return PEM_BLOCK;
}
