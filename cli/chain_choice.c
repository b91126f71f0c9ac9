#include "cli/chain_choice.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

static bool signed_by(X509 *subject, X509 *issuer)
{
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    bool good =
        key && X509_check_issued(issuer, subject) == X509_V_OK && X509_verify(subject, key) == 1;

    ERR_clear_error();
    return good;
}

/* How many certificates lead up from the first one. */
static size_t path_length(const struct chain_source *source)
{
    const struct cert *certs = source->certs.items;
    size_t n = source->count > 0;

    while (n < source->count && signed_by(certs[n - 1].x509, certs[n].x509))
        n++;
    return n;
}

static size_t count_at(const struct chain_source *source, enum position position, size_t *first)
{
    size_t n = 0;

    for (size_t i = source->count; i-- > 0;)
        if (chain_source_position(source, i) == position) {
            *first = i;
            n++;
        }
    return n;
}

static const struct cert *choose_key(const struct chain_source *source, enum position position,
                                     char *why, size_t size)
{
    if (source->certs.count == 1 && position == POSITION_LEAF)
        return &source->certs.items[0];
    if (source->certs.count > 1)
        snprintf(why, size, "it holds %zu keys; name a file with the one to pin",
                 source->certs.count);
    else
        snprintf(why, size, "it holds a public key, which says nothing of its %s",
                 position_name(position));
    return NULL;
}

/* Nobody said what it is, and it looks like a CA's. */
static const struct cert *choose_neither(char *why, size_t size)
{
    snprintf(why, size,
             "it holds no leaf certificate, but what looks like a CA's own; say --position root to "
             "pin that CA, or --position leaf if it is what the server itself shows");
    return NULL;
}

/* Among certificates that are no chain of a server's. */
static const struct cert *choose_alone(const struct chain_source *source, enum position position,
                                       char *why, size_t size)
{
    size_t first = 0, n = count_at(source, position, &first);

    if (n == 1)
        return &source->certs.items[first];
    if (n > 1)
        snprintf(why, size,
                 "it holds %zu certificates of that position (%s); name a file with the "
                 "one to pin",
                 n, position_name(position));
    else
        snprintf(why, size,
                 "it holds no %s certificate; 'pinshim show' tells what it holds, and "
                 "--position what to pin",
                 position_name(position));
    return NULL;
}

const struct cert *chain_choose(const struct chain_source *source, const char *text, char *why,
                                size_t size)
{
    static const enum position positions[] = {POSITION_LEAF, POSITION_INTERMEDIATE, POSITION_ROOT};
    enum position position = text ? 0 : POSITION_LEAF;
    size_t first, leaves = count_at(source, POSITION_LEAF, &first), path = path_length(source);

    for (size_t i = 0; text && i < 3; i++)
        if (strcmp(position_name(positions[i]), text) == 0)
            position = positions[i];
    if (!position) {
        snprintf(why, size, "--position %s: write leaf, intermediate or root", text);
        return NULL;
    }
    if (source->count < source->certs.count)
        return choose_key(source, position, why, size);
    if (chain_source_is_either(source) && position != POSITION_INTERMEDIATE)
        return text || leaves == 1 ? &source->certs.items[0] : choose_neither(why, size);
    if (!source->live && (leaves != 1 || position == POSITION_LEAF))
        return choose_alone(source, position, why, size);
    for (size_t i = 0; i < path; i++)
        if (chain_source_position(source, i) == position)
            return &source->certs.items[i];
    snprintf(why, size, "no %s certificate leads up from the leaf", text);
    return NULL;
}

const struct cert *chain_end(const struct chain_source *source)
{
    size_t path = path_length(source);
    const struct cert *last = path > 0 ? &source->certs.items[path - 1] : NULL;

    return last && (chain_source_is_either(source) ||
                    chain_source_position(source, path - 1) == POSITION_ROOT)
               ? last
               : NULL;
}
