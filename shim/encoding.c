#include "shim/encoding.h"

#include <stdint.h>
#include <string.h>

/* How a certificate keeps what it was made from, in all versions: a pointer, a length, and whether
 * a field was changed since. It lies among the first fields of an object that is far larger. */
struct kept_encoding {
    const uint8_t *data;
    long length;
    int modified;
};

enum { SEARCHED = 176, NOWHERE = SEARCHED };

struct span encoding_make(struct openssl *o, X509 *cert)
{
    unsigned char *der = NULL;
    int length = o->i2d_X509(cert, &der);

    return (struct span){der, length > 0 ? (size_t)length : 0};
}

static struct kept_encoding read_at(const X509 *cert, size_t offset)
{
    struct kept_encoding kept;

    memcpy(&kept, (const char *)cert + offset, sizeof kept);
    return kept;
}

bool encoding_find_tbs(struct openssl *o, const X509 *cert, struct span *tbs)
{
    size_t offset = atomic_load_explicit(&o->encoding_offset, memory_order_relaxed);
    struct kept_encoding kept;

    if (offset == 0 || offset == NOWHERE)
        return false;
    kept = read_at(cert, offset);
    if (kept.data == NULL || kept.modified != 0)
        return false;
    *tbs = (struct span){kept.data, (size_t)kept.length};
    return true;
}

void encoding_learn(struct openssl *o, const X509 *cert, struct span tbs)
{
    struct kept_encoding kept;
    size_t found = NOWHERE;

    if (atomic_load_explicit(&o->encoding_offset, memory_order_relaxed) != 0)
        return;
    /* Only what is followed by this very length is taken for a pointer. */
    for (size_t at = sizeof(void *); at + sizeof kept <= SEARCHED; at += sizeof(void *)) {
        kept = read_at(cert, at);
        if (kept.length == (long)tbs.length && (uintptr_t)kept.data > UINT16_MAX &&
            kept.modified == 0 && memcmp(kept.data, tbs.data, tbs.length) == 0)
            found = at;
    }
    atomic_store_explicit(&o->encoding_offset, found, memory_order_relaxed);
}
