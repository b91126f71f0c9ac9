#include "cli/pin_list.h"

#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cert_chain.h"
#include "cli/cert_text.h"
#include "cli/cli.h"
#include "cli/pin_store.h"
#include "config/directory.h"
#include "config/text.h"

const char *pin_status_name(enum pin_status status)
{
    static const char *const names[] = {"valid", "expiring", "expired", "unknown"};

    return names[status];
}

static int64_t end_of(const X509 *x509)
{
    struct tm tm;

    if (ASN1_TIME_to_tm(X509_get0_notAfter(x509), &tm) != 1)
        return 0;
    return (int64_t)timegm(&tm) +
           1; /* notAfter's own second is within (RFC 5280 section 4.1.2.5) */
}

/* What the pins are looked up in. */
struct lookup {
    struct pin_store store;
    X509_STORE *trusted; /* the system's trust store; NULL: nobody has asked yet */
};

/* Where a certificate stands. Whether a CA is the server itself, whoever added the pin knew. */
static enum position position_of(struct lookup *lookup, X509 *x509, const char *said)
{
    if (X509_check_ca(x509) != 0 && strcmp(said, position_name(POSITION_LEAF)) == 0)
        return POSITION_LEAF;
    if (!chain_is_either(x509))
        return chain_position(x509);
    if (strcmp(said, position_name(POSITION_ROOT)) == 0)
        return POSITION_ROOT;
    if (!lookup->trusted && !(lookup->trusted = system_store()))
        return chain_position(x509);
    return chain_position_alone(x509, lookup->trusted);
}

static bool describe(struct listed_pin *pin, struct lookup *lookup, X509 *x509, const char *comment)
{
    struct pin_about said;
    char *name = cert_short_name(x509);
    struct pin fingerprint;
    struct text hex;

    if (!name || !cert_fingerprint(x509, &fingerprint)) {
        free(name);
        return false;
    }
    pin_about_parse(comment, &said);
    snprintf(pin->about.cn, sizeof(pin->about.cn), "%s", name);
    snprintf(pin->about.position, sizeof(pin->about.position), "%s",
             position_name(position_of(lookup, x509, said.position)));
    text_init(&hex, pin->about.fingerprint, sizeof(pin->about.fingerprint));
    text_add_hex(&hex, fingerprint.digest, DIGEST_SIZE);
    pin->expires = end_of(x509);
    free(name);
    return true;
}

/* What the file of a "file:" pin says beside the key. */
static bool describe_file(struct listed_pin *pin, struct lookup *lookup, const char *config,
                          const char *comment)
{
    char *path = path_beside(config, pin->written + 5), why[WHY_SIZE];
    struct certs certs = {0};
    bool good = path;

    if (good && certs_read(path, &certs, why, sizeof(why)) && certs.count == 1 &&
        certs.items[0].x509) {
        good = describe(pin, lookup, certs.items[0].x509, comment);
        pin->source = "file";
    }
    certs_free(&certs);
    free(path);
    return good;
}

/* Somebody's word for it. */
static void take_comment(struct listed_pin *pin, const char *comment)
{
    pin_about_parse(comment, &pin->about);
    pin->expires = pin_about_end(&pin->about);
    if (pin->about.cn[0] || pin->about.expires[0] || pin->about.fingerprint[0])
        pin->source = "typed";
}

static void judge(struct listed_pin *pin, int64_t section_end, int64_t within)
{
    int64_t now = time(NULL);
    bool certificate = pin->source && strcmp(pin->source, "typed") != 0;

    if (section_end && (!pin->expires || section_end < pin->expires))
        pin->expires = section_end;
    pin->status = pin->expires && pin->expires <= now            ? PIN_EXPIRED
                  : pin->expires && pin->expires <= now + within ? PIN_EXPIRING
                  : certificate                                  ? PIN_VALID
                                                                 : PIN_UNKNOWN;
}

static bool add_pin(struct config_change *change, struct lookup *lookup, uint32_t section,
                    const struct text_pin *text, bool backup, int64_t within, struct list *out)
{
    const struct config *config = config_change_before(change);
    struct listed_pin *pin = list_add(out, sizeof(*pin));
    const struct store_entry *entry;
    bool good = true;

    if (!pin || !(pin->written = strdup(text->value)))
        return false;
    pin->number = out->count;
    pin->section = section;
    pin->backup = backup;
    if (!config_change_pin(change, text->value, &pin->pin))
        snprintf(pin->text, sizeof(pin->text), "%s", text->value);
    else
        pin_format(&pin->pin, pin->text);
    entry = pin_store_find(&lookup->store, &pin->pin);
    if (entry && entry->cert.x509) {
        good = describe(pin, lookup, entry->cert.x509, text->comment);
        pin->source = "store";
    } else if (strncmp(text->value, "file:", 5) == 0) {
        good = describe_file(pin, lookup, ((char **)config->files.items)[0], text->comment);
    }
    if (!pin->source)
        take_comment(pin, text->comment);
    judge(pin, policy_section(config->policy, section)->expires, within);
    return good;
}

struct place {
    uint32_t section;
    const struct config_origin *at;
    const struct config *config;
};

/* As they stand in the files, the config first. */
static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    const char *config = ((char **)x->config->files.items)[0];

    if (x->at->file != y->at->file) {
        if (x->at->file == config || y->at->file == config)
            return x->at->file == config ? -1 : 1;
        return strcmp(x->at->file, y->at->file);
    }
    return x->at->line < y->at->line ? -1 : x->at->line > y->at->line;
}

static bool add_section(struct config_change *change, struct lookup *lookup, uint32_t section,
                        int64_t within, struct list *out, char *why, size_t size)
{
    const struct config_text *text;
    const struct text_section *written;
    const struct text_pin *pin;
    const struct text_list *lists;
    size_t ordinal;

    if (!config_change_find(change, section, &text, &ordinal, why, size))
        return false;
    written = (const struct text_section *)text->sections.items + ordinal;
    pin = written->pins.items;
    lists = written->lists.items;
    for (size_t i = 0; i < written->pins.count; i++)
        if (!add_pin(change, lookup, section, &pin[i], lists[pin[i].list].backup, within, out)) {
            snprintf(why, size, "there is not enough memory");
            return false;
        }
    return true;
}

bool pin_list_read(struct config_change *change, int64_t within, struct list *out, char *why,
                   size_t size)
{
    const struct config *config = config_change_before(change);
    uint32_t count = config->policy->sections.count;
    struct place *places = calloc(count + 1, sizeof(*places));
    struct lookup lookup = {.trusted = NULL};
    bool good = pin_store_read(config->store, &lookup.store, why, size);

    *out = (struct list){NULL, 0, 0};
    if (!places) {
        snprintf(why, size, "there is not enough memory");
        good = false;
    }
    for (uint32_t i = 0; good && i < count; i++)
        places[i] = (struct place){i, &config->origins[i], config};
    if (good && count > 1)
        qsort(places, count, sizeof(*places), compare_places);
    for (uint32_t i = 0; good && i < count; i++)
        good = add_section(change, &lookup, places[i].section, within, out, why, size);
    pin_store_free(&lookup.store);
    X509_STORE_free(lookup.trusted);
    free(places);
    return good;
}

void pin_list_free(struct list *pins)
{
    struct listed_pin *pin = pins->items;

    for (size_t i = 0; i < pins->count; i++)
        free(pin[i].written);
    free(pin);
    *pins = (struct list){NULL, 0, 0};
}
