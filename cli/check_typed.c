/* The dates that somebody wrote beside pins whose certificates nobody has met. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/certs.h"
#include "cli/check.h"
#include "cli/cli.h"
#include "cli/config_text.h"
#include "cli/pin_about.h"
#include "cli/pin_store.h"
#include "config/directory.h"
#include "config/text.h"
#include "config/trust.h"

#define FILE_LIMIT ((size_t)64 << 20)

struct look {
    const struct config *config;
    time_t now;
    uint32_t *places; /* the policy's sections, as they stand in the files */
    struct pin_store store;
    bool store_read; /* only once there is a date to tell of */
    struct findings *findings;
};

/* A place in the files. */
static int compare(const struct config_origin *a, const struct config_origin *b)
{
    if (a->file != b->file)
        return (uintptr_t)a->file < (uintptr_t)b->file ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line;
}

static int compare_places(const void *a, const void *b, void *data)
{
    const struct config_origin *origins = data;

    return compare(&origins[*(const uint32_t *)a], &origins[*(const uint32_t *)b]);
}

/* The policy's section that stands in `file` as that text; NULL: there is none. */
static const struct policy_section *find(const struct look *look, const char *file,
                                         const struct text_section *text)
{
    const struct policy *policy = look->config->policy;
    const struct config_origin wanted = {file, text->line}, *origins = look->config->origins;
    uint32_t low = 0, high = policy->sections.count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (compare(&origins[look->places[middle]], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < policy->sections.count; low++) {
        const struct policy_section *section = policy_section(policy, look->places[low]);

        if (compare(&origins[look->places[low]], &wanted) != 0)
            break;
        if (strcmp(policy_string(policy, section->title), text->title) == 0)
            return section;
    }
    return NULL;
}

/* Has the store a certificate for the key with that ID? */
static bool store_knows(const struct pin_store *store, const char *id)
{
    const struct store_entry *entry = store->entries.items;
    char hex[2 * DIGEST_SIZE + 1];
    struct text text;

    for (size_t i = 0; i < store->entries.count; i++) {
        text_init(&text, hex, sizeof(hex));
        text_add_hex(&text, entry[i].key.digest, DIGEST_SIZE);
        if (entry[i].cert.x509 && strncmp(hex, id, strlen(id)) == 0)
            return true;
    }
    return false;
}

/* The one certificate or key of a file. */
static bool read_file(const struct look *look, const char *name, struct certs *out)
{
    char *path = path_beside(((char **)look->config->files.items)[0], name), why[WHY_SIZE];
    bool good;

    *out = (struct certs){0};
    good = path && certs_read(path, out, why, sizeof(why)) && out->count == 1;
    free(path);
    return good;
}

/* Then its date counts, and check_certificates looks at that. */
static bool has_certificate(const struct look *look, const char *written)
{
    const struct store_entry *entry;
    struct certs certs = {0};
    char why[WHY_SIZE];
    struct pin pin;
    bool good, has = false;

    if (strncmp(written, "store:", 6) == 0)
        return store_knows(&look->store, written + 6);
    if (strncmp(written, "file:", 5) == 0) {
        good = read_file(look, written + 5, &certs) && cert_pin(&certs.items[0], &pin);
        has = good && certs.items[0].x509;
        certs_free(&certs);
    } else {
        good = pin_parse(written, &pin, why, sizeof(why));
    }
    entry = good && !has ? pin_store_find(&look->store, &pin) : NULL;
    return has || (entry && entry->cert.x509);
}

static void check_pin(struct look *look, const struct config_origin *at, const char *domain,
                      const struct text_pin *pin)
{
    struct pin_about about;
    int64_t end;
    char why[WHY_SIZE];

    pin_about_parse(pin->comment, &about);
    end = pin_about_end(&about);
    if (end == 0 || end > look->now + WARN_BEFORE)
        return;
    if (!look->store_read) /* what cannot be read there, check_certificates tells */
        pin_store_read(look->config->store, &look->store, why, sizeof(why));
    look->store_read = true;
    if (has_certificate(look, pin->value))
        return;
    findings_add(
        look->findings, at, domain,
        end <= look->now
            ? "the certificate of %s expired at the end of %s, says the comment beside it; "
              "pin the key of the one that has replaced it, or correct the date"
            : "the certificate of %s expires at the end of %s, says the comment beside "
              "it; pin the key of the next one beside it before, or correct the date",
        pin->value, about.expires);
}

static void check_section(struct look *look, const char *file, const struct config_text *text,
                          const struct text_section *section)
{
    const struct policy_section *found = find(look, file, section);
    const struct text_pin *pin = section->pins.items;
    struct config_origin at = {file, section->line};
    size_t seen = section->open;

    if (!found || !check_has_pins(found))
        return;
    for (size_t i = 0; i < section->pins.count; i++) {
        for (; seen < pin[i].start; seen++)
            at.line += text->data[seen] == '\n';
        if (pin[i].comment)
            check_pin(look, &at, policy_string(look->config->policy, found->title), &pin[i]);
    }
}

static void check_file(struct look *look, const char *file)
{
    struct config_text text = {0};
    const struct text_section *section;
    char why[400];
    size_t length = 0;
    char *data = (char *)trusted_read(file, geteuid(), FILE_LIMIT, &length, why, sizeof(why), NULL);
    bool good = data && config_text_read(data, length, &text);

    section = text.sections.items;
    for (size_t i = 0; good && i < text.sections.count; i++)
        check_section(look, file, &text, &section[i]);
    config_text_free(&text);
    free(data);
}

void check_typed(const struct config *config, time_t now, struct findings *findings)
{
    struct look look = {.config = config, .now = now, .findings = findings};
    uint32_t count = config->policy->sections.count;

    look.places = calloc(count + 1, sizeof(*look.places));
    if (!look.places) {
        findings->failed = true;
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        look.places[i] = i;
    if (count > 1)
        qsort_r(look.places, count, sizeof(*look.places), compare_places, config->origins);
    for (size_t i = 0; i < config->files.count; i++)
        check_file(&look, ((char **)config->files.items)[i]);
    pin_store_free(&look.store);
    free(look.places);
}
