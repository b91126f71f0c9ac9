/* Pins added to a config: to the section that has their domain, or to a new one. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/config_change_files.h"
#include "cli/section_choice.h"
#include "config/text.h"

/* Where pins of that domain and those ports stand. */
struct place {
    struct changed_file *file;
    size_t ordinal;
    const struct policy_section *section; /* NULL: this change has made it */
};

static int compare_ports(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* Sorted, each once. */
static bool sort_ports(const uint16_t *ports, size_t count, struct list *out)
{
    uint16_t *port;

    for (size_t i = 0; i < count; i++) {
        if (!(port = list_add(out, sizeof(*port))))
            return false;
        *port = ports[i];
    }
    port = out->items;
    if (count > 1)
        qsort(port, count, sizeof(*port), compare_ports);
    out->count = count > 0;
    for (size_t i = 1; i < count; i++)
        if (port[i] != port[out->count - 1])
            port[out->count++] = port[i];
    return true;
}

static bool same_ports(const struct list *a, const struct list *b)
{
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->items, b->items, a->count * sizeof(uint16_t)) == 0);
}

static bool read_domain(const struct new_section *new, struct pattern *out, char *why, size_t size)
{
    char reason[400];

    for (const char *c = new->domain; *c; c++)
        if ((unsigned char)*c < 0x80 && !isalnum((unsigned char)*c) && !strchr("-_.*:/[]%", *c)) {
            snprintf(why, size, "'%s' is no domain: a name, *.name, **.name, or an address",
                     new->domain);
            return false;
        }
    if (!pattern_parse(new->domain, out, reason, sizeof(reason))) {
        snprintf(why, size, "domain \"%s\": %s", new->domain, reason);
        return false;
    }
    if (new->include_subdomains && out->kind == PATTERN_EXACT)
        out->kind = PATTERN_ANY_DEPTH;
    return true;
}

/* The global section of that pattern with those ports, sorted. */
static bool find_section(const struct policy *policy, const struct pattern *pattern,
                         const struct list *ports, uint32_t *out)
{
    bool same = false;

    for (uint32_t i = 0; !same && i < policy->sections.count; i++) {
        const struct policy_section *section = policy_section(policy, i);
        struct list own = {NULL, 0, 0};

        same = section->scope == 0 && section_means(policy, section, pattern) &&
               sort_ports(policy_ports(policy, section), section->ports.count, &own) &&
               same_ports(&own, ports);
        free(own.items);
        *out = i;
    }
    return same;
}

/* True with place->file NULL: there is none yet. */
static bool find_place(struct config_change *change, const struct pattern *pattern,
                       const struct list *ports, struct place *out, char *why, size_t size)
{
    const struct policy *policy = change->before.policy;
    const struct fresh_section *fresh = change->fresh.items;
    uint32_t section;

    *out = (struct place){0};
    for (size_t i = 0; i < change->fresh.count; i++)
        if (fresh[i].pattern.kind == pattern->kind && fresh[i].pattern.prefix == pattern->prefix &&
            strcmp(fresh[i].pattern.name, pattern->name) == 0 &&
            address_equal(&fresh[i].pattern.network, &pattern->network) &&
            same_ports(&fresh[i].ports, ports)) {
            out->file = (struct changed_file *)change->files.items + fresh[i].file;
            out->ordinal = fresh[i].ordinal;
            return true;
        }
    if (!find_section(policy, pattern, ports, &section))
        return true;
    out->section = policy_section(policy, section);
    out->file = change_section(change, section, &out->ordinal, why, size);
    return out->file;
}

bool config_change_section(const struct config *config, const struct new_section *new,
                           uint32_t *out)
{
    struct pattern pattern;
    struct list ports = {NULL, 0, 0};
    char why[400];
    bool found = read_domain(new, &pattern, why, sizeof(why)) &&
                 sort_ports(new->ports, new->port_count, &ports) &&
                 find_section(config->policy, &pattern, &ports, out);

    free(ports.items);
    return found;
}

/* Does the section have the pin in that role? */
static bool has_pin(const struct config_change *change, const struct place *place,
                    const struct new_pin *new)
{
    const struct text_section *section =
        (const struct text_section *)place->file->text.sections.items + place->ordinal;
    const struct text_pin *pin = section->pins.items;
    const struct text_list *lists = section->lists.items;
    struct pin a, b;
    bool known = config_change_pin(change, new->pin, &a);

    for (size_t i = 0; i < section->pins.count; i++) {
        if (lists[pin[i].list].backup != new->backup)
            continue;
        if (strcmp(pin[i].value, new->pin) == 0)
            return true;
        if (known && config_change_pin(change, pin[i].value, &b) && a.kind == b.kind &&
            memcmp(a.digest, b.digest, DIGEST_SIZE) == 0)
            return true;
    }
    return false;
}

static bool add_pins(struct config_change *change, const struct place *place,
                     const struct new_section *new, struct addition *out, char *why, size_t size)
{
    for (size_t i = 0; i < new->pin_count; i++) {
        const struct new_pin *pin = &new->pins[i];

        if (has_pin(change, place, pin)) {
            out->already++;
            continue;
        }
        if (!config_text_add_pin(&place->file->text, place->ordinal, pin->pin, pin->backup,
                                 pin->comment))
            return change_no_memory(why, size);
        place->file->changed = true;
        out->added++;
    }
    return true;
}

/* As a string of the config; control characters have no place in one. */
static void write_option(FILE *out, const char *name, const char *value)
{
    char quote = strstr(value, "${") ? '\'' : '"';

    fprintf(out, "    %s = %c", name, quote);
    for (; *value; value++) {
        if ((unsigned char)*value < ' ' || *value == 0x7f)
            continue;
        if (*value == quote || *value == '\\')
            fputc('\\', out);
        fputc(*value, out);
    }
    fprintf(out, "%c\n", quote);
}

static void write_notes(FILE *out, const char *const *notes)
{
    for (; notes && *notes; notes++) {
        fputs("# ", out);
        for (const char *c = *notes; *c; c++)
            fputc((unsigned char)*c < ' ' || *c == 0x7f ? ' ' : *c, out);
        fputc('\n', out);
    }
}

/* The section without its pins. malloc'ed; NULL: no memory. */
static char *write_section(const struct new_section *new)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    if (!out)
        return NULL;
    write_notes(out, new->notes);
    fprintf(out, "domain \"%s\" {\n", new->domain);
    for (size_t i = 0; i < new->port_count; i++)
        fprintf(out, "%s%u", i == 0 ? "    ports = {" : ", ", new->ports[i]);
    if (new->port_count > 0)
        fputs("}\n", out);
    if (new->include_subdomains)
        fputs("    include_subdomains = true\n", out);
    if (new->match)
        write_option(out, "match", new->match);
    if (new->mode)
        write_option(out, "mode", new->mode);
    if (new->expires)
        write_option(out, "expires", new->expires);
    if (new->owner)
        write_option(out, "owner", new->owner);
    fputs("}\n", out);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* Adds an empty section, and notes it. */
static bool add_section(struct config_change *change, const struct new_section *new,
                        const struct pattern *pattern, struct list *ports, struct place *out,
                        char *why, size_t size)
{
    char *path = change_new_path(change, new, pattern, why, size), *text = NULL;
    struct fresh_section *fresh = NULL;
    unsigned *line = NULL;

    out->file = path ? change_file(change, path, true, why, size) : NULL;
    free(path);
    if (!out->file)
        return false;
    text = write_section(new);
    if (text)
        line = list_add(&out->file->lines, sizeof(*line));
    if (line)
        fresh = list_add(&change->fresh, sizeof(*fresh));
    if (!fresh || !config_text_append(&out->file->text, text)) {
        free(text);
        return change_no_memory(why, size);
    }
    free(text);
    out->ordinal = out->file->text.sections.count - 1;
    out->file->changed = true;
    out->file->gone = false;
    *fresh = (struct fresh_section){
        .pattern = *pattern,
        .ports = *ports,
        .file = (size_t)(out->file - (struct changed_file *)change->files.items),
        .ordinal = out->ordinal};
    *ports = (struct list){NULL, 0, 0};
    return true;
}

bool config_change_add(struct config_change *change, const struct new_section *new,
                       struct addition *out, char *why, size_t size)
{
    struct pattern pattern;
    struct place place;
    struct list ports = {NULL, 0, 0};
    bool good = read_domain(new, &pattern, why, size);

    *out = (struct addition){0};
    if (good && !sort_ports(new->ports, new->port_count, &ports))
        good = change_no_memory(why, size);
    good = good && find_place(change, &pattern, &ports, &place, why, size);
    if (good && !place.file) {
        out->new_section = true;
        good = add_section(change, new, &pattern, &ports, &place, why, size);
    }
    good = good && add_pins(change, &place, new, out, why, size);
    if (good)
        out->file = place.file->path;
    free(ports.items);
    return good;
}
