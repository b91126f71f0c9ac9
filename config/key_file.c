#include "config/key_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/der.h"
#include "config/pem.h"
#include "config/sha256.h"

/* The SubjectPublicKeyInfo of a PKCS#1 key: its octets behind RSA's AlgorithmIdentifier. */
static void hash_rsa_public_key(struct span key, uint8_t digest[DIGEST_SIZE])
{
    static const uint8_t algorithm[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                        0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
    uint8_t header[2][6];
    size_t header_length[2], inner = key.length + 1;
    struct sha256 ctx;

    for (int i = 0; i < 2; i++) { /* the BIT STRING's, then the SEQUENCE's around it */
        uint8_t *h = header[i];
        size_t n = 0;
        h[n++] = i == 0 ? 0x03 : 0x30;
        if (inner >= 0x80) {
            unsigned octets = inner > 0xffff ? 3 : inner > 0xff ? 2 : 1;
            h[n++] = (uint8_t)(0x80 | octets);
            while (octets-- > 0)
                h[n++] = (uint8_t)(inner >> 8 * octets);
        } else {
            h[n++] = (uint8_t)inner;
        }
        header_length[i] = n;
        inner += n + sizeof algorithm;
    }
    sha256_init(&ctx);
    sha256_update(&ctx, header[1], header_length[1]);
    sha256_update(&ctx, algorithm, sizeof algorithm);
    sha256_update(&ctx, header[0], header_length[0]);
    sha256_update(&ctx, "", 1); /* no unused bits */
    sha256_update(&ctx, key.data, key.length);
    sha256_final(&ctx, digest);
}

/* Adds the key in `der` to `out`. False with a reason when there is none or one it must not be. */
static bool pin_from_der(struct span der, bool trailing, struct pin *out, char *why, size_t size)
{
    struct span spki;

    out->kind = PIN_SPKI;
    if (der_certificate_spki(der, trailing, &spki)) {
        sha256(spki.data, spki.length, out->digest);
    } else if (der_is_spki(der)) {
        sha256(der.data, der.length, out->digest);
    } else if (der_is_rsa_public_key(der)) {
        hash_rsa_public_key(der, out->digest);
    } else if (der_is_private_key(der)) {
        snprintf(why, size,
                 "it holds a private key; keep that away from here and name the certificate or "
                 "the public key (openssl pkey -in KEY -pubout)");
        return false;
    } else {
        snprintf(why, size, "it holds no certificate and no public key, in PEM or DER");
        return false;
    }
    return true;
}

bool pin_from_key_file(const uint8_t *data, size_t length, struct pin *out, char *why, size_t size)
{
    struct pem_reader reader = pem_open(data, length);
    struct pem_block block;
    struct pin pin, other;
    unsigned found = 0;
    enum pem_result result;
    bool good = true;

    if (length == 0) {
        snprintf(why, size, "it is empty");
        return false;
    }
    while (good && (result = pem_next(&reader, &block, why, size)) != PEM_END) {
        if (result == PEM_BROKEN)
            return false;
        /* openssl writes these in front of keys; they are no key. */
        if (!pem_is(&block, "EC PARAMETERS"))
            good = pin_from_der((struct span){block.der, block.length}, pem_is_trusted(&block),
                                found++ == 0 ? &pin : &other, why, size);
        free(block.der);
    }
    if (!good)
        return false;
    if (found > 1) {
        snprintf(why, size, "it holds %u keys or certificates; name a file with the one to pin",
                 found);
        return false;
    }
    if (found == 0 && !pin_from_der((struct span){data, length}, false, &pin, why, size))
        return false;
    *out = pin;
    return true;
}

/* One certificate in DER, without what OpenSSL's TRUSTED form has behind it. */
static bool add_certificate(struct list *certs, struct span der, bool trailing)
{
    struct span *added, spki;
    uint8_t *copy;

    if (!der_certificate_spki(der, trailing, &spki))
        return false;
    added = list_add(certs, sizeof *added);
    copy = added == NULL ? NULL : malloc(der.length);
    if (copy == NULL)
        return false;
    memcpy(copy, der.data, der.length);
    *added = (struct span){copy, der.length};
    return true;
}

bool certificates_from_file(const uint8_t *data, size_t length, struct list *certs, char *why,
                            size_t size)
{
    struct pem_reader reader = pem_open(data, length);
    struct pem_block block;
    enum pem_result result;
    size_t before = certs->count; /* of other files */
    bool good = true;

    while (good && (result = pem_next(&reader, &block, why, size)) != PEM_END) {
        if (result == PEM_BROKEN)
            return false;
        if (pem_is_certificate(&block))
            good = add_certificate(certs, (struct span){block.der, block.length},
                                   pem_is_trusted(&block));
        free(block.der);
    }
    if (good && certs->count == before)
        good = add_certificate(certs, (struct span){data, length}, false);
    if (!good)
        snprintf(why, size,
                 "it holds something that is no certificate; name a file of "
                 "certificates, in PEM or DER");
    return good;
}

void certificates_free(struct list *certs)
{
    struct span *cert = certs->items;

    for (size_t i = 0; i < certs->count; i++)
        free((void *)cert[i].data);
    free(cert);
    *certs = (struct list){NULL, 0, 0};
}
