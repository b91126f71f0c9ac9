#include "config/der.h"

enum {
    TAG_INTEGER = 0x02,
    TAG_BIT_STRING = 0x03,
    TAG_OCTET_STRING = 0x04,
    TAG_NULL = 0x05,
    TAG_OID = 0x06,
    TAG_SEQUENCE = 0x30,
    TAG_VERSION = 0xa0
};

/* Takes the element with `tag` off the front of `in`: its contents into `contents`, all of it,
 * header included, into `whole` (either may be NULL). */
static bool take(struct span *in, uint8_t tag, struct span *contents, struct span *whole)
{
    size_t header = 2, length;

    if (in->length < 2 || in->data[0] != tag)
        return false;
    length = in->data[1];
    if (length & 0x80) {
        size_t octets = length & 0x7f;
        /* DER: no indefinite form, no longer form than needed (X.690 section 10.1). */
        if (octets == 0 || octets > 4 || in->length < 2 + octets || in->data[2] == 0)
            return false;
        length = 0;
        for (size_t i = 0; i < octets; i++)
            length = length << 8 | in->data[2 + i];
        if (length < 0x80)
            return false;
        header += octets;
    }
    if (length > in->length - header)
        return false;
    if (contents != NULL)
        *contents = (struct span){in->data + header, length};
    if (whole != NULL)
        *whole = (struct span){in->data, header + length};
    in->data += header + length;
    in->length -= header + length;
    return true;
}

static bool take_integer(struct span *in)
{
    struct span number;

    return take(in, TAG_INTEGER, &number, NULL) && number.length > 0;
}

/* In as few octets as it takes (X.690 section 8.3.2): OpenSSL writes it so when it hashes a key,
 * and what is written otherwise would never match. */
static bool take_positive(struct span *in)
{
    struct span number;

    return take(in, TAG_INTEGER, &number, NULL) && number.length > 0 && number.data[0] < 0x80 &&
           (number.data[0] != 0 || (number.length > 1 && number.data[1] >= 0x80));
}

/* An AlgorithmIdentifier of a key. Its parameters are absent, NULL, the name of a curve or a
 * structure (RFC 3279, 5480, 8410); OpenSSL takes whatever else is there, and hashes some of it
 * as it writes that itself. */
static bool take_algorithm(struct span *in)
{
    struct span algorithm, oid, parameters;
    uint8_t tag;

    if (!take(in, TAG_SEQUENCE, &algorithm, NULL) || !take(&algorithm, TAG_OID, &oid, NULL) ||
        oid.length == 0)
        return false;
    if (algorithm.length == 0)
        return true;
    tag = algorithm.data[0];
    return (tag == TAG_NULL || tag == TAG_OID || tag == TAG_SEQUENCE) &&
           take(&algorithm, tag, &parameters, NULL) && algorithm.length == 0 &&
           (tag != TAG_NULL || parameters.length == 0);
}

bool der_is_spki(struct span der)
{
    struct span info, key;

    return take(&der, TAG_SEQUENCE, &info, NULL) && der.length == 0 && take_algorithm(&info) &&
           take(&info, TAG_BIT_STRING, &key, NULL) && key.length > 1 &&
           key.data[0] == 0 && /* no unused bits: a key is whole octets */
           info.length == 0;
}

bool der_certificate_spki(struct span cert, bool trailing, struct span *spki)
{
    struct span certificate, tbs, key;

    if (!take(&cert, TAG_SEQUENCE, &certificate, NULL) || (cert.length != 0 && !trailing))
        return false;
    if (!take(&certificate, TAG_SEQUENCE, &tbs, NULL) ||
        !take(&certificate, TAG_SEQUENCE, NULL, NULL) ||
        !take(&certificate, TAG_BIT_STRING, NULL, NULL) || certificate.length != 0)
        return false;
    take(&tbs, TAG_VERSION, NULL, NULL);         /* absent in version 1 */
    if (!take_integer(&tbs) ||                   /* serialNumber */
        !take(&tbs, TAG_SEQUENCE, NULL, NULL) || /* signature */
        !take(&tbs, TAG_SEQUENCE, NULL, NULL) || /* issuer */
        !take(&tbs, TAG_SEQUENCE, NULL, NULL) || /* validity */
        !take(&tbs, TAG_SEQUENCE, NULL, NULL) || /* subject */
        !take(&tbs, TAG_SEQUENCE, NULL, &key) || !der_is_spki(key))
        return false;
    *spki = key;
    return true;
}

bool der_certificate_parts(struct span cert, struct span *tbs, struct span *signature)
{
    struct span inside, whole, bits;

    if (!take(&cert, TAG_SEQUENCE, &inside, NULL) || cert.length != 0 ||
        !take(&inside, TAG_SEQUENCE, NULL, &whole) || !take(&inside, TAG_SEQUENCE, NULL, NULL) ||
        !take(&inside, TAG_BIT_STRING, &bits, NULL) || bits.length == 0 || inside.length != 0)
        return false;
    *tbs = whole;
    *signature = bits;
    return true;
}

bool der_is_rsa_public_key(struct span der)
{
    struct span key;

    return take(&der, TAG_SEQUENCE, &key, NULL) && der.length == 0 && take_positive(&key) &&
           take_positive(&key) && key.length == 0;
}

bool der_is_private_key(struct span der)
{
    struct span key, rest;

    if (!take(&der, TAG_SEQUENCE, &key, NULL))
        return false;
    rest = key;
    /* PKCS#8 (RFC 5958): version, algorithm, key; SEC 1 (RFC 5915): version, key;
     * PKCS#1 (RFC 8017): version and eight numbers. */
    if (take_integer(&rest)) {
        struct span after = rest;
        if (take(&after, TAG_SEQUENCE, NULL, NULL) && take(&after, TAG_OCTET_STRING, NULL, NULL))
            return true;
        if (take(&rest, TAG_OCTET_STRING, NULL, NULL))
            return true;
        for (unsigned more = 0; more < 3; more++)
            if (!take_integer(&rest))
                return false;
        return true;
    }
    /* Encrypted PKCS#8: algorithm, octets. */
    rest = key;
    return take(&rest, TAG_SEQUENCE, NULL, NULL) && take(&rest, TAG_OCTET_STRING, NULL, NULL) &&
           rest.length == 0;
}
