#include "shim/certificate.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config/date.h"
#include "config/text.h"
#include "shim/encoding.h"
#include "shim/slot.h"

/* A certificate's place is one of WAYS in its set: whoever sends certificates made for one set
 * pushes out those, and no others. */
enum { SETS = 16, WAYS = 4, NAME_ROOM = 200 };

struct kept {
    struct certificate known;
    struct slot *slot;     /* where it is kept; NULL: only its user has it */
    struct span tbs, bits; /* in `der`: TBSCertificate, the signature without unused bits */
    int unused;            /* flags of the signature's BIT STRING */
    size_t length;
    uint8_t der[];
};

static struct place {
    struct slot slot;
    struct kept *kept;
} table[SETS][WAYS];

/* What tells certificates apart at a glance. */
struct seal {
    const ASN1_BIT_STRING *signature;
    const X509_ALGOR *algorithm;
};

static struct seal seal_of(struct openssl *o, const X509 *cert)
{
    struct seal seal = {NULL, NULL};

    o->X509_get0_signature(&seal.signature, &seal.algorithm, cert);
    return seal;
}

static int unused_bits(const ASN1_BIT_STRING *bits)
{
    return (int)(bits->flags & (ASN1_STRING_FLAG_BITS_LEFT | 7));
}

static struct place *set_of(const struct seal *seal)
{
    int length = seal->signature->length;

    return table[length > 0 ? seal->signature->data[length - 1] % SETS : 0];
}

/* The certificate itself, to the last octet: by the parts that it has kept, else by encoding it.
 * Of the outer algorithm, which it has not, it is enough that it is the inner one: a certificate
 * in which it is another is not kept. */
static bool is_kept(struct openssl *o, const struct kept *kept, X509 *cert, const struct seal *seal)
{
    const ASN1_BIT_STRING *signature = seal->signature;
    struct span tbs;
    bool same;

    if ((size_t)signature->length != kept->bits.length ||
        memcmp(signature->data, kept->bits.data, kept->bits.length) != 0 ||
        unused_bits(signature) != kept->unused ||
        o->X509_ALGOR_cmp(seal->algorithm, o->X509_get0_tbs_sigalg(cert)) != 0)
        return false;
    if (encoding_find_tbs(o, cert, &tbs))
        return tbs.length == kept->tbs.length && memcmp(tbs.data, kept->tbs.data, tbs.length) == 0;
    tbs = encoding_make(o, cert);
    same = tbs.data != NULL && tbs.length == kept->length &&
           memcmp(tbs.data, kept->der, kept->length) == 0;
    o->CRYPTO_free((void *)tbs.data, __FILE__, __LINE__);
    return same;
}

static void discard(struct kept *kept)
{
    if (kept == NULL)
        return;
    free(kept->known.subject);
    free(atomic_load(&kept->known.told));
    free(kept);
}

void certificate_release(struct certificate *certificate)
{
    struct kept *kept = (struct kept *)certificate; /* its first field */

    if (kept != NULL && kept->slot != NULL)
        slot_leave(kept->slot);
    else
        discard(kept);
}

static struct kept *find(struct openssl *o, X509 *cert, const struct seal *seal)
{
    struct place *set = set_of(seal);

    for (unsigned i = 0; i < WAYS; i++) {
        if (!slot_enter(&set[i].slot))
            continue;
        if (set[i].kept != NULL && is_kept(o, set[i].kept, cert, seal))
            return set[i].kept;
        slot_leave(&set[i].slot);
    }
    return NULL;
}

/* Where a new one may go: in place of the same certificate, else into a free place, else into each
 * of the set in turn. */
static struct place *choose_place(struct place *set, const struct kept *new)
{
    static atomic_uint turn;
    struct place *free_place = NULL;

    for (unsigned i = 0; i < WAYS; i++) {
        struct place *place = &set[i];
        bool same;
        if (!slot_enter(&place->slot))
            continue;
        same = place->kept != NULL && place->kept->known.id == new->known.id;
        if (place->kept == NULL && free_place == NULL)
            free_place = place;
        slot_leave(&place->slot);
        if (same)
            return place;
    }
    return free_place != NULL ? free_place : &set[atomic_fetch_add(&turn, 1) % WAYS];
}

/* Where nobody is in the way; else it is its user's alone. */
static void keep(struct kept *new, struct place *set)
{
    struct place *place = choose_place(set, new);
    struct kept *old;

    if (!slot_claim(&place->slot))
        return;
    old = place->kept;
    place->kept = new;
    new->slot = &place->slot;
    slot_publish(&place->slot);
    discard(old);
}

/* Fetched once for each libcrypto: a fetch costs more than the hash (3.0 and later). */
static const EVP_MD *digest_method(struct openssl *o)
{
    const EVP_MD *md = atomic_load_explicit(&o->sha256, memory_order_acquire);

    if (md == NULL) {
        md = o->EVP_MD_fetch != NULL ? o->EVP_MD_fetch(NULL, "SHA2-256", NULL) : NULL;
        if (md == NULL)
            md = o->EVP_sha256();
        /* Two threads may both fetch; one reference then stays unfreed, once. */
        atomic_store_explicit(&o->sha256, md, memory_order_release);
    }
    return md;
}

static bool digest(struct openssl *o, const void *data, size_t length, uint8_t out[DIGEST_SIZE])
{
    unsigned size = 0;

    return length > 0 && o->EVP_Digest(data, length, out, &size, digest_method(o), NULL) == 1 &&
           size == DIGEST_SIZE;
}

bool certificate_digest(struct openssl *o, unsigned char *der, int length, uint8_t out[DIGEST_SIZE])
{
    bool good = length > 0 && digest(o, der, (size_t)length, out);

    o->CRYPTO_free(der, __FILE__, __LINE__);
    return good;
}

static void write_name(struct openssl *o, const X509_NAME *name, char out[NAME_ROOM])
{
    BIO *bio = o->BIO_new(o->BIO_s_mem());
    int length = -1;

    if (bio != NULL &&
        o->X509_NAME_print_ex(bio, name, 0,
                              XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0)
        length = o->BIO_read(bio, out, NAME_ROOM - 1);
    out[length > 0 ? length : 0] = '\0';
    out[text_utf8_whole(out, strlen(out))] = '\0';
    o->BIO_free(bio);
}

static bool find_words(struct openssl *o, X509 *cert, struct certificate *known)
{
    known->subject = malloc(2 * NAME_ROOM);
    if (known->subject == NULL)
        return false;
    known->issuer = known->subject + NAME_ROOM;
    write_name(o, o->X509_get_subject_name(cert), known->subject);
    write_name(o, o->X509_get_issuer_name(cert), known->issuer);
    return true;
}

static int64_t unix_time(struct openssl *o, const ASN1_TIME *time, int64_t malformed)
{
    struct date date;
    struct tm tm;

    if (o->ASN1_TIME_to_tm(time, &tm) != 1)
        return malformed;
    date = (struct date){tm.tm_year + 1900, (unsigned)tm.tm_mon + 1, (unsigned)tm.tm_mday};
    return date_to_days(&date) * 86400 + tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
}

/* What of `parts` is not known yet. i2d_X509_PUBKEY takes the key as it came: i2d_PUBKEY would
 * decode and encode it again, at 200 times the cost. */
static bool find_out(struct openssl *o, X509 *cert, struct kept *kept, unsigned parts)
{
    struct certificate *known = &kept->known;
    unsigned missing = parts & ~kept->known.parts;
    unsigned char *spki = NULL;

    if ((missing & CERTIFICATE_SPKI) != 0) {
        int length = o->i2d_X509_PUBKEY(o->X509_get_X509_PUBKEY(cert), &spki);
        if (!certificate_digest(o, spki, length, known->spki))
            return false;
    }
    if ((missing & CERTIFICATE_WHOLE) != 0 && !digest(o, kept->der, kept->length, known->cert))
        return false;
    if ((missing & CERTIFICATE_WORDS) != 0 && !find_words(o, cert, known))
        return false;
    kept->known.parts |= parts;
    return true;
}

static struct kept *make(struct openssl *o, X509 *cert, const struct seal *seal)
{
    static atomic_ulong last_id;
    struct span der = encoding_make(o, cert), bits;
    struct kept *kept = der.length == 0 ? NULL : malloc(sizeof *kept + der.length);

    if (kept != NULL) {
        memset(kept, 0, sizeof *kept);
        memcpy(kept->der, der.data, kept->length = der.length);
        kept->known.id = atomic_fetch_add(&last_id, 1) + 1;
        kept->known.self_issued =
            o->X509_NAME_cmp(o->X509_get_subject_name(cert), o->X509_get_issuer_name(cert)) == 0;
        kept->known.not_before = unix_time(o, o->X509_get0_notBefore(cert), INT64_MAX);
        kept->known.not_after = unix_time(o, o->X509_get0_notAfter(cert), INT64_MIN);
        kept->unused = unused_bits(seal->signature);
        if (der_certificate_parts((struct span){kept->der, kept->length}, &kept->tbs, &bits)) {
            kept->bits = (struct span){bits.data + 1, bits.length - 1};
            encoding_learn(o, cert, kept->tbs);
        }
    }
    o->CRYPTO_free((void *)der.data, __FILE__, __LINE__);
    return kept;
}

/* The same certificate, for more of it to be found out: what is kept does not change. */
static struct kept *copy(const struct kept *old)
{
    struct kept *kept = malloc(sizeof *kept + old->length);
    ptrdiff_t moved = kept == NULL ? 0 : (char *)kept - (char *)old;

    if (kept == NULL)
        return NULL;
    memcpy(kept, old, sizeof *kept + old->length);
    kept->slot = NULL;
    kept->known.parts &= ~(unsigned)CERTIFICATE_WORDS;
    kept->known.subject = kept->known.issuer = NULL;
    atomic_store(&kept->known.told, NULL);
    kept->tbs.data += moved;
    kept->bits.data += moved;
    return kept;
}

/* OpenSSL may have made of it what it does not write (BER), and the outer algorithm is not in what
 * is_kept compares. */
static bool may_be_kept(struct openssl *o, const struct kept *kept, X509 *cert,
                        const struct seal *seal)
{
    return kept->tbs.data != NULL && kept->bits.length == (size_t)seal->signature->length &&
           memcmp(kept->bits.data, seal->signature->data, kept->bits.length) == 0 &&
           o->X509_ALGOR_cmp(seal->algorithm, o->X509_get0_tbs_sigalg(cert)) == 0;
}

struct certificate *certificate_know(struct openssl *o, X509 *cert, unsigned parts)
{
    struct seal seal = seal_of(o, cert);
    struct kept *found = find(o, cert, &seal), *new;

    if (found != NULL && (parts & ~found->known.parts) == 0)
        return &found->known;
    new = found != NULL ? copy(found) : make(o, cert, &seal);
    if (new != NULL && found != NULL)
        parts |= found->known.parts;
    if (found != NULL)
        certificate_release(&found->known);
    if (new == NULL || !find_out(o, cert, new, parts)) {
        discard(new);
        return NULL;
    }
    if (may_be_kept(o, new, cert, &seal))
        keep(new, set_of(&seal));
    return &new->known;
}

bool certificate_equal(const struct certificate *a, const struct certificate *b)
{
    const struct kept *one = (const void *)a, *other = (const void *)b;

    return a->id == b->id ||
           (one->length == other->length && memcmp(one->der, other->der, one->length) == 0);
}
