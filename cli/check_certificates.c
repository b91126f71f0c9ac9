/* The dates of the certificates that pins were read from, and of those that the store knows. */
#include <stdlib.h>
#include <string.h>

#include "cli/cert_chain.h"
#include "cli/cert_text.h"
#include "cli/certs.h"
#include "cli/check.h"
#include "cli/cli.h"
#include "cli/pin_store.h"
#include "config/sources.h"

/* A section's pin whose certificate has been looked at, as config_pin_file names it. */
struct seen {
    uint32_t section;
    uint8_t digest[DIGEST_SIZE];
};

struct look {
    const struct config *config;
    time_t now;
    struct pin_store store;
    struct list seen; /* struct seen */
    struct findings *findings;
};

static bool ends_soon(const X509 *x509, time_t now)
{
    time_t soon = now + WARN_BEFORE;

    return X509_cmp_time(X509_get0_notAfter(x509), &soon) < 0;
}

static bool is_ca(X509 *x509)
{
    return chain_position(x509) != POSITION_LEAF;
}

/* Says what there is to say of a certificate that a pin names. */
static void check_named(const struct look *look, const struct config_pin_file *pin,
                        const char *path, X509 *x509)
{
    const struct config *config = look->config;
    const struct policy_section *section = policy_section(config->policy, pin->section);
    const struct config_origin at = {config->origins[pin->section].file, pin->line};
    const char *domain = policy_string(config->policy, section->title);
    char end[CERT_TIME_SIZE];

    cert_not_after(x509, end);
    if (cert_expired(x509))
        findings_add(look->findings, &at, domain,
                     "the certificate in %s expired at %s%s; name the one that has replaced it, "
                     "and keep the old key pinned until no server has it",
                     path, end, is_ca(x509) ? ", and nothing that it signed verifies" : "");
    else
        findings_add(look->findings, &at, domain,
                     "the certificate in %s expires at %s; pin the key of the next one beside it "
                     "before",
                     path, end);
}

/* The same of one that only the store knows. */
static void check_known(const struct look *look, uint32_t section, const struct pin *pin,
                        const struct store_entry *entry)
{
    bool expired = cert_expired(entry->cert.x509);
    char end[CERT_TIME_SIZE], text[PIN_TEXT_SIZE];

    cert_not_after(entry->cert.x509, end);
    pin_format(pin, text);
    findings_section(
        look->findings, look->config, section, "the certificate of %s (%s) %s at %s%s; %s", text,
        entry->file, expired ? "expired" : "expires", end,
        expired && is_ca(entry->cert.x509) ? ", and nothing that it signed verifies" : "",
        pin->kind == PIN_CERT ? "pin the next one beside it"
                              : "'pinshim store add' takes a new one for the same "
                                "key; else pin the new key beside it");
}

static void remember(struct look *look, uint32_t section, const struct pin *key)
{
    struct seen *seen = list_add(&look->seen, sizeof(*seen));

    if (seen) {
        seen->section = section;
        memcpy(seen->digest, key->digest, DIGEST_SIZE);
    } else {
        look->findings->failed = true;
    }
}

/* The certificates of "file:" and "store:" pins, or what the store has for their keys, if that ends
 * later. */
static void check_files(struct look *look)
{
    const struct config *config = look->config;
    const struct config_pin_file *pin = config->pin_files.items;
    const struct source *sources = config->sources.items;

    for (size_t i = 0; i < config->pin_files.count; i++) {
        const char *path = sources[pin[i].source].path;
        char why[WHY_SIZE];
        struct certs certs;
        struct pin key;

        if (!check_has_pins(policy_section(config->policy, pin[i].section)))
            continue;
        /* It held one key or certificate a moment ago; what has none now has no date either. */
        if (certs_read(path, &certs, why, sizeof(why)))
            for (size_t k = 0; k < certs.count; k++) {
                const struct store_entry *entry;
                X509 *x509 = certs.items[k].x509;

                if (!cert_pin(&certs.items[k], &key))
                    continue;
                entry = pin_store_find(&look->store, &key);
                if (x509 || (entry && entry->cert.x509))
                    remember(look, pin[i].section, &key);
                if (x509 && ends_soon(x509, look->now) &&
                    !(entry && entry->cert.x509 && !ends_soon(entry->cert.x509, look->now)))
                    check_named(look, &pin[i], path, x509);
            }
        certs_free(&certs);
    }
}

static int compare_seen(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;

    if (x->section != y->section)
        return x->section < y->section ? -1 : 1;
    return memcmp(x->digest, y->digest, DIGEST_SIZE);
}

/* The pins that are written as digests: the store may know whose they are. */
static void check_digests(struct look *look)
{
    const struct policy *policy = look->config->policy;

    if (look->seen.count > 1)
        qsort(look->seen.items, look->seen.count, sizeof(struct seen), compare_seen);
    for (uint32_t i = 0; look->store.entries.count > 0 && i < policy->sections.count; i++) {
        const struct policy_section *section = policy_section(policy, i);
        const struct policy_pin *pins = policy_pins(policy, section);

        for (uint32_t k = 0; check_has_pins(section) && k < section->pins.count; k++) {
            struct pin pin = {.kind = pins[k].kind};
            struct seen wanted = {.section = i};
            const struct store_entry *entry;

            memcpy(pin.digest, pins[k].digest, DIGEST_SIZE);
            memcpy(wanted.digest, pins[k].digest, DIGEST_SIZE);
            entry = pin_store_find(&look->store, &pin);
            if (entry && entry->cert.x509 && ends_soon(entry->cert.x509, look->now) &&
                !(look->seen.count > 0 && bsearch(&wanted, look->seen.items, look->seen.count,
                                                  sizeof(wanted), compare_seen)))
                check_known(look, i, &pin, entry);
        }
    }
}

void check_certificates(const struct config *config, time_t now, struct findings *findings)
{
    struct look look = {.config = config, .now = now, .findings = findings};
    const struct config_origin whole = {((char **)config->files.items)[0], 0};
    char why[WHY_SIZE];

    if (!pin_store_read(config->store, &look.store, why, sizeof(why)))
        findings_add(findings, &whole, NULL,
                     "%s; the dates of certificates in it are not looked at", why);
    check_files(&look);
    check_digests(&look);
    free(look.seen.items);
    pin_store_free(&look.store);
}
