#include "config/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/date.h"
#include "config/directory.h"
#include "config/key_file.h"
#include "config/sink_name.h"
#include "config/sources.h"
#include "config/store.h"
#include "config/trust.h"

bool value_wrong(struct reader *r, const struct option *option, const char *value, const char *why)
{
    snprintf(r->error->text, sizeof r->error->text, "%s \"%s\": %s", option->name, value, why);
    return false;
}

bool value_short_of_memory(struct reader *r, const struct option *option)
{
    return value_wrong(r, option, "", "there is not enough memory for it");
}

bool take_mode(struct reader *r, const struct option *option, const char *value)
{
    enum mode mode;

    if (!mode_parse(value, &mode))
        return value_wrong(r, option, value, "write off, audit or enforce");
    *(r->section != NULL ? &r->section->mode : &r->scope->mode) = (uint8_t)mode;
    return true;
}

bool take_rule(struct reader *r, const struct option *option, const char *value)
{
    bool has_audit = strcmp(option->name, "expired") != 0;
    uint8_t *rule = option->name[0] == 'e'                  ? &r->scope->expired
                    : strcmp(option->name, "unpinned") == 0 ? &r->scope->unpinned
                                                            : &r->scope->unnamed;

    if (strcmp(value, "allow") == 0)
        *rule = RULE_ALLOW;
    else if (strcmp(value, "block") == 0)
        *rule = RULE_BLOCK;
    else if (has_audit && strcmp(value, "audit") == 0)
        *rule = RULE_AUDIT;
    else
        return value_wrong(r, option, value,
                           has_audit ? "write allow, audit or block" : "write allow or block");
    return true;
}

bool take_bool(struct reader *r, const struct option *option, const char *value)
{
    static const char *const yes[] = {"true", "yes", "on"}, *const no[] = {"false", "no", "off"};
    int truth = -1;

    for (unsigned i = 0; i < 3; i++)
        truth = strcasecmp(value, yes[i]) == 0 ? 1 : strcasecmp(value, no[i]) == 0 ? 0 : truth;
    if (truth < 0)
        return value_wrong(r, option, value, "write true or false");
    if (r->section != NULL)
        r->section->include_subdomains = truth;
    else
        r->scope->lock_mode = (uint8_t)truth;
    return true;
}

bool take_sink(struct reader *r, const struct option *option, const char *value)
{
    const char *path = config_sink_path(value);
    char why[128];
    char **sink;

    r->scope->sinks_set = true;
    if (!config_sink_valid(value, why, sizeof why))
        return value_wrong(r, option, value, why);
    if (path != NULL && path[0] != '/') {
        snprintf(why, sizeof why, "write the whole path, from the root on: %.5s/path", value);
        return value_wrong(r, option, value, why);
    }
    if (strcmp(value, "none") == 0)
        return true;
    if (r->scope->sinks.count == SINKS_MAX)
        return value_wrong(r, option, value, SINKS_TOO_MANY);
    sink = list_add(&r->scope->sinks, sizeof *sink);
    if (sink == NULL || (*sink = strdup(value)) == NULL)
        return value_short_of_memory(r, option);
    return true;
}

bool take_port(struct reader *r, const struct option *option, const char *value)
{
    unsigned long port = 0;
    uint16_t *added;

    if (strlen(value) <= 5 && value[strspn(value, "0123456789")] == '\0')
        port = strtoul(value, NULL, 10);
    if (port < 1 || port > 65535)
        return value_wrong(r, option, value, "a port is a number from 1 to 65535");
    added = list_add(&r->section->ports, sizeof *added);
    if (added == NULL)
        return value_short_of_memory(r, option);
    *added = (uint16_t)port;
    return true;
}

/* The pin of a key on disk. */
static bool key_file_pin(struct reader *r, const char *file, struct pin *pin, char *why,
                         size_t size)
{
    char *path = path_beside(r->path, file);
    uint8_t *data = NULL;
    size_t length = 0;
    bool good = false;

    if (path == NULL || !sources_add(r->sources, path) ||
        !builder_pin_file(r->builder, r->builder->sections.count - 1, r->line, r->sources))
        snprintf(why, size, "there is not enough memory for it");
    else
        data = trusted_read(path, r->user, KEY_FILE_LIMIT, &length, why, size, NULL);
    if (data != NULL)
        good = pin_from_key_file(data, length, pin, why, size);
    free(data);
    free(path);
    return good;
}

/* Notes a pin of the store; where that is may be said further down. */
static bool note_reference(struct reader *r, const char *id, const struct list *pins, bool backup)
{
    struct store_reference *reference = list_add(&r->references, sizeof *reference);

    if (reference == NULL)
        return false;
    *reference = (struct store_reference){.id = strdup(id),
                                          .section = r->builder->sections.count - 1,
                                          .pin = pins->count,
                                          .backup = backup,
                                          .file = r->file,
                                          .line = r->line};
    return reference->id != NULL;
}

bool take_pin(struct reader *r, const struct option *option, const char *value)
{
    bool backup = option->name[0] == 'b';
    struct list *pins = backup ? &r->section->backups : &r->section->pins;
    struct policy_pin *added;
    struct pin pin = {.kind = PIN_SPKI};
    char why[400];
    bool good;

    if (strncmp(value, "store:", 6) == 0) {
        good = store_id_valid(value + 6);
        snprintf(why, sizeof why, "an ID is 16 to 64 hex digits: the first of its key's SHA-256");
        if (good && !note_reference(r, value + 6, pins, backup))
            return value_short_of_memory(r, option);
    } else if (strncmp(value, "file:", 5) == 0) {
        good = key_file_pin(r, value + 5, &pin, why, sizeof why);
    } else {
        good = pin_parse(value, &pin, why, sizeof why);
    }
    if (!good)
        return value_wrong(r, option, value, why);
    added = list_add(pins, sizeof *added);
    if (added == NULL)
        return value_short_of_memory(r, option);
    memcpy(added->digest, pin.digest, sizeof added->digest);
    added->kind = pin.kind;
    return true;
}

bool take_match(struct reader *r, const struct option *option, const char *value)
{
    static const struct {
        const char *word;
        uint8_t positions;
    } words[] = {{"leaf", POSITION_LEAF},
                 {"intermediate", POSITION_INTERMEDIATE},
                 {"root", POSITION_ROOT},
                 {"ca", POSITION_INTERMEDIATE | POSITION_ROOT},
                 {"any", POSITION_ANY}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(value, words[i].word) == 0) {
            r->section->match = words[i].positions;
            return true;
        }
    return value_wrong(r, option, value, "write leaf, intermediate, root, ca or any");
}

bool take_expires(struct reader *r, const struct option *option, const char *value)
{
    struct date day;

    switch (date_parse(value, &day)) {
    case DATE_MALFORMED:
        return value_wrong(r, option, value, "write a date as YYYY-MM-DD (UTC)");
    case DATE_NO_SUCH_DAY:
        return value_wrong(r, option, value, "there is no such day");
    case DATE_GOOD:
        break;
    }
    /* The pins hold to the last second of that day. */
    r->section->expires = (date_to_days(&day) + 1) * 86400;
    return true;
}

bool take_owner(struct reader *r, const struct option *option, const char *value)
{
    free(r->section->owner);
    r->section->owner = strdup(value);
    return r->section->owner != NULL || value_short_of_memory(r, option);
}

bool take_interval(struct reader *r, const struct option *option, const char *value)
{
    size_t digits = strspn(value, "0123456789");

    if (digits == 0 || digits > 6 || value[digits] != '\0')
        return value_wrong(r, option, value, "write a number of seconds; 0: never");
    r->scope->reload_interval = (uint32_t)strtoul(value, NULL, 10);
    return true;
}

bool take_path(struct reader *r, const struct option *option, const char *value)
{
    char **path = option->name[0] == 's' ? &r->store : &r->include;

    if (value[0] == '\0')
        return value_wrong(r, option, value, "write the path of a directory");
    free(*path);
    *path = path_beside(r->path, value);
    if (path == &r->include)
        r->include_line = r->line;
    return *path != NULL || value_short_of_memory(r, option);
}

bool take_verify(struct reader *r, const struct option *option, const char *value)
{
    uint8_t *verify = r->section != NULL ? &r->section->verify : &r->scope->verify;
    uint8_t before = *verify == VERIFY_UNSET ? 0 : *verify;

    if (value == NULL) {
        *verify = 0;
    } else if (strcmp(value, "chain") == 0) {
        *verify = before | VERIFY_CHAIN;
        if (r->chain_line == 0) {
            r->chain_line = r->line;
            r->chain_file = r->file;
        }
    } else if (strcmp(value, "hostname") == 0) {
        *verify = before | VERIFY_HOSTNAME;
    } else {
        return value_wrong(r, option, value, "write chain or hostname");
    }
    return true;
}

/* A certificate at least must be there: without one, `verify` refuses everybody. */
static bool check_anchors(struct reader *r, const char *path, char *why, size_t size)
{
    struct list files = {NULL, 0, 0}, certs = {NULL, 0, 0};
    bool good;

    snprintf(why, size, "there is no *.pem, *.crt or *.cer in it");
    good = anchor_files(path, r->user, &files, why, size);
    for (size_t i = 0; good && i < files.count; i++) {
        const char *file = ((char **)files.items)[i];
        uint8_t *data = NULL;
        size_t length = 0;
        if (!(good = sources_add(r->sources, file)))
            snprintf(why, size, "there is not enough memory for it");
        else if (certs.count == 0)
            data = trusted_read(file, r->user, ANCHORS_LIMIT, &length, why, size, NULL);
        if (data != NULL)
            certificates_from_file(data, length, &certs, why, size);
        free(data);
    }
    good = good && certs.count > 0;
    certificates_free(&certs);
    list_free_strings(&files);
    return good;
}

bool take_anchors(struct reader *r, const struct option *option, const char *value)
{
    char *path = path_beside(r->path, value), why[300];
    bool good = false;

    if (value[0] == '\0')
        snprintf(why, sizeof why, "name a PEM file, or a directory of such");
    else if (path == NULL || !sources_add(r->sources, path))
        snprintf(why, sizeof why, "there is not enough memory for it");
    else
        good =
            trusted_path(path, r->user, why, sizeof why) && check_anchors(r, path, why, sizeof why);
    free(path);
    if (!good)
        return value_wrong(r, option, value, why);
    r->scope->trust_anchors = strdup(value);
    return r->scope->trust_anchors != NULL || value_short_of_memory(r, option);
}

bool take_inspection(struct reader *r, const struct option *option, const char *value)
{
    char *path, why[300];
    uint8_t *data = NULL;
    size_t length = 0;
    bool good = false;

    r->scope->inspection_set = true;
    if (value == NULL)
        return true;
    if (strncmp(value, "file:", 5) != 0)
        return value_wrong(r, option, value,
                           "write file:PATH, of a file with the CA's certificate");
    path = path_beside(r->path, value + 5);
    if (path == NULL || !sources_add(r->sources, path))
        snprintf(why, sizeof why, "there is not enough memory for it");
    else
        data = trusted_read(path, r->user, KEY_FILE_LIMIT, &length, why, sizeof why, NULL);
    if (data != NULL)
        good = certificates_from_file(data, length, &r->scope->inspection_cas, why, sizeof why);
    free(data);
    free(path);
    return good || value_wrong(r, option, value, why);
}
