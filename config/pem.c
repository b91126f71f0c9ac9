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

enum pem_result pem_find(struct pem_reader *reader, struct pem_block *out, char *why, size_t size)
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
    *out = (struct pem_block){
        .label = begin, .label_length = (size_t)(body - begin), .body = body + 5, .body_end = stop};
    if (label_has(out, "PRIVATE KEY")) {
        snprintf(why, size,
                 "it holds a private key; keep that away from here and name the certificate or "
                 "the public key (openssl pkey -in KEY -pubout)");
        return PEM_BROKEN;
    }
    return PEM_BLOCK;
}

ssize_t pem_decode(const struct pem_block *block, uint8_t *out)
{
    size_t size = (size_t)(block->body_end - block->body);

    return base64_decode(block->body, size, 1, out, size);
}

enum pem_result pem_next(struct pem_reader *reader, struct pem_block *out, char *why, size_t size)
{
    enum pem_result result = pem_find(reader, out, why, size);
    ssize_t n;

    if (result != PEM_BLOCK)
        return result;
    out->der = malloc((size_t)(out->body_end - out->body) + 1);
    n = out->der == NULL ? -1 : pem_decode(out, out->der);
    if (n < 0) {
        free(out->der);
        snprintf(why, size, "its PEM block is not base64; copy it again");
        return PEM_BROKEN;
    }
    out->length = (size_t)n;
    return PEM_BLOCK;
}
