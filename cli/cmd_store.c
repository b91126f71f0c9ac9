/* pinshim store: the keys and certificates that pins came from. */
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/cert_text.h"
#include "cli/cli.h"
#include "cli/config_fault.h"
#include "cli/config_open.h"
#include "cli/config_store.h"
#include "cli/pin_store.h"
#include "cli/section_choice.h"
#include "cli/table.h"

static const struct command_line line = {
    .usage = "store list | add FILE... | get ID... | remove ID... [OPTION...]",
    .about =
        "The store holds the keys and certificates that pins came from, each under the\n"
        "first 16 hex digits of its key's SHA-256; a pin \"store:ID\" names one.\n"
        "\n"
        "  list     what there is, and which sections pin it\n"
        "  add      puts the certificates and public keys of files there (\"-\": standard\n"
        "           input); a private key is refused\n"
        "  get      prints entries in PEM; several certificates may have one key\n"
        "  remove   takes entries out, unless a section pins their key or certificate\n"
        "\n"
        "All but remove work with a config that is wrong, by an entry that it lacks perhaps.\n",
    .accepted = ARG(CONFIG) | ARG(JSON),
    .examples = "  pinshim store add next.pub.pem\n"
                "  pinshim store get 9c56cc51b374c3ba | openssl x509 -noout -text\n",
    .status = "0 good; 1 there is no such entry, or it is in use; 2 wrong usage, or\n"
              "something cannot be read or written.\n",
};

static const struct table_column columns[] = {
    {"ID", TABLE_TEXT, TABLE_BOTH},      {"KIND", TABLE_TEXT, TABLE_BOTH},
    {"CN", TABLE_TEXT, TABLE_BOTH},      {"PIN", TABLE_TEXT, TABLE_BOTH},
    {"EXPIRES", TABLE_TEXT, TABLE_BOTH}, {"FINGERPRINT", TABLE_TEXT, TABLE_BOTH},
    {"USED_BY", TABLE_TEXT, TABLE_BOTH}, {"FILE", TABLE_TEXT, TABLE_BOTH},
    {"DAMAGE", TABLE_TEXT, TABLE_JSON},
};

/* The sections that pin the entry's key or certificate, separated by ", ", as 'pinshim list' names
 * them; malloc'ed, "": none, or there is no policy (NULL) to tell. NULL when memory is out. */
static char *used_by(const struct policy *policy, const struct store_entry *entry, bool json)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    bool first = true;

    for (uint32_t i = 0; out && policy && entry->id[0] && i < policy->sections.count; i++) {
        const struct policy_section *section = policy_section(policy, i);
        bool used = policy_pin_of(policy, section, entry->key.digest, entry->certificate.digest);

        if (used)
            fprintf(out, "%s%s%s", first ? "" : ", ",
                    !json && section_is_widened(policy, section) ? "**." : "",
                    policy_string(policy, section->title));
        first = first && !used;
    }
    if (out && fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

static bool add_row(struct table *table, const struct policy *policy,
                    const struct store_entry *entry, bool json)
{
    char pin[PIN_TEXT_SIZE] = "", fingerprint[FINGERPRINT_SIZE] = "", expires[CERT_TIME_SIZE] = "";
    char *name = entry->cert.x509 ? cert_short_name(entry->cert.x509) : NULL;
    char *users = used_by(policy, entry, json);
    bool certificate = entry->cert.x509, good;

    if (entry->id[0])
        pin_format(&entry->key, pin);
    if (certificate) {
        fingerprint_format(&entry->certificate, fingerprint);
        cert_not_after(entry->cert.x509, expires);
        expires[json ? strlen(expires) : strcspn(expires, "T")] = '\0';
    }
    good = users && table_row(table, (const char *const[]){
                                         entry->id[0] ? entry->id : NULL,
                                         !entry->id[0] ? "damaged"
                                         : certificate ? "certificate"
                                                       : "key",
                                         name, *pin ? pin : NULL, certificate ? expires : NULL,
                                         certificate ? fingerprint : NULL, *users ? users : NULL,
                                         entry->file, entry->damage});
    if (!entry->id[0])
        table_color(table, "red");
    free(users);
    free(name);
    return good;
}

static int list(const struct policy *policy, const struct pin_store *store, bool json)
{
    const struct store_entry *entry = store->entries.items;
    struct table *table = table_new("entries", json, columns, sizeof(columns) / sizeof(columns[0]));
    bool good = table;

    for (size_t i = 0; good && i < store->entries.count; i++)
        good = add_row(table, policy, &entry[i], json);
    good = good && table_print(table);
    table_free(table);
    cli_flush();
    for (size_t i = 0; good && i < store->entries.count; i++)
        if (entry[i].damage)
            cli_print(stderr, "pinshim store: warning: %s: %s", entry[i].file, entry[i].damage);
    if (!good)
        cli_error("cannot print the store");
    return good ? STATUS_GOOD : STATUS_USAGE;
}

static int add(const char *store, const char *path)
{
    char why[WHY_SIZE];
    struct certs certs;
    bool good = certs_read(path, &certs, why, sizeof(why));

    if (good && certs.private_key) {
        snprintf(why, sizeof(why),
                 "%s holds a private key; nothing of it was stored: name the certificate alone, or "
                 "the public key (openssl pkey -in FILE -pubout)",
                 input_name(path));
        good = false;
    }
    for (size_t i = 0; good && i < certs.count; i++) {
        char *file;
        bool fresh;

        good = pin_store_put(store, &certs.items[i], &file, &fresh, why, sizeof(why));
        if (good) {
            cli_print(stdout, "%s %s", fresh ? "stored" : "is there:", file);
            free(file);
        }
    }
    if (!good)
        cli_error("%s", why);
    certs_free(&certs);
    return good ? STATUS_GOOD : STATUS_USAGE;
}

/* Is it the entry that `id` means: its first digits? */
static bool is_entry(const struct store_entry *entry, const char *id)
{
    char hex[2 * DIGEST_SIZE + 1];

    if (!entry->id[0] || strlen(id) < STORE_ID_SIZE - 1)
        return false;
    for (size_t i = 0; i < DIGEST_SIZE; i++)
        snprintf(hex + 2 * i, 3, "%02x", entry->key.digest[i]);
    return strncasecmp(hex, id, strlen(id)) == 0;
}

static bool print_pem(const struct store_entry *entry)
{
    uint8_t *der = NULL;
    int length;
    bool good;

    if (entry->cert.x509)
        return PEM_write_X509(stdout, entry->cert.x509) == 1;
    length = i2d_X509_PUBKEY(entry->cert.key, &der);
    good = length > 0 && PEM_write(stdout, PEM_STRING_PUBLIC, "", der, length) > 0;
    OPENSSL_free(der);
    return good;
}

static bool remove_entry(const struct policy *policy, const struct store_entry *entry)
{
    char *users = used_by(policy, entry, false);
    bool good = false;

    if (!users)
        cli_error("out of memory");
    else if (*users)
        cli_error("%s is in use by %s; take its pin out first: pinshim remove DOMAIN PIN",
                  entry->id, users);
    else if (unlink(entry->file) != 0)
        cli_error("%s cannot be removed: %m", entry->file);
    else
        good = true;
    if (good)
        cli_print(stdout, "removed %s", entry->file);
    free(users);
    return good;
}

/* get and remove */
static int each(const struct policy *policy, const struct pin_store *store, const char *id,
                bool take_out)
{
    const struct store_entry *entry = store->entries.items;
    size_t found = 0;
    bool good = true;

    if (strncmp(id, "store:", 6) == 0)
        id += 6;
    for (size_t i = 0; i < store->entries.count; i++) {
        if (!is_entry(&entry[i], id))
            continue;
        found++;
        good = (take_out ? remove_entry(policy, &entry[i]) : print_pem(&entry[i])) && good;
    }
    if (found == 0)
        cli_error(
            "the store %s has no entry %s; 'pinshim store list' tells which it has (an ID has "
            "16 hex digits at least)",
            store->path, id);
    return found > 0 && good ? STATUS_GOOD : STATUS_NO;
}

/* `policy`: NULL where the config is wrong, or it does not matter. */
static int act(const struct policy *policy, const char *path, const struct arguments *arguments)
{
    const char *verb = arguments->rest[0];
    struct pin_store store = {0};
    char why[WHY_SIZE];
    int status = STATUS_GOOD, next;

    if (!pin_store_read(path, &store, why, sizeof(why))) {
        cli_error("%s", why);
        status = STATUS_USAGE;
    } else if (strcmp(verb, "list") == 0) {
        status = list(policy, &store, given(arguments, ARG_JSON));
    } else {
        for (int i = 1; i < arguments->count; i++) {
            next = strcmp(verb, "add") == 0
                       ? add(path, arguments->rest[i])
                       : each(policy, &store, arguments->rest[i], strcmp(verb, "remove") == 0);
            status = next > status ? next : status;
        }
    }
    pin_store_free(&store);
    return status;
}

/* list: who uses an entry is worth knowing, and no reason to show none. */
static int list_at_least(const char *path, const struct arguments *arguments)
{
    struct config_error error;
    struct config config;
    char why[2 * WHY_SIZE], *store = NULL;
    int status;

    if (config_load(path, geteuid(), &config, &error)) {
        status = act(config.policy, config.store, arguments);
    } else if (config_store(path, geteuid(), &store, &(struct config_error){0})) {
        config_fault_format(&error, why, sizeof(why));
        cli_print(stderr, "pinshim store: warning: %s; so who uses an entry cannot be told", why);
        status = act(NULL, store, arguments);
    } else {
        status = config_fault_print(&error);
    }
    free(store);
    config_free(&config);
    return status;
}

/* add and get */
static int act_at_once(const char *path, const struct arguments *arguments)
{
    struct config_error error;
    char *store;
    int status;

    if (!config_store(path, geteuid(), &store, &error))
        return config_fault_print(&error);
    status = act(NULL, store, arguments);
    free(store);
    return status;
}

/* remove: no section may come to use the entry meanwhile. */
static int act_locked(const char *path, const struct arguments *arguments)
{
    int status;
    struct config_change *change = config_open(path, false, &status);
    const struct config *config = change ? config_change_before(change) : NULL;

    if (config)
        status = act(config->policy, config->store, arguments);
    config_change_end(change);
    return status;
}

typedef int act_on(const char *path, const struct arguments *arguments);

/* NULL when it is no verb, or its names are missing, which has been said. */
static act_on *read_verb(const struct arguments *arguments)
{
    const char *verb = arguments->count > 0 ? arguments->rest[0] : "";
    act_on *known = strcmp(verb, "list") == 0     ? list_at_least
                    : strcmp(verb, "add") == 0    ? act_at_once
                    : strcmp(verb, "get") == 0    ? act_at_once
                    : strcmp(verb, "remove") == 0 ? act_locked
                                                  : NULL;
    bool names = known != list_at_least;

    if (!known)
        cli_usage_error("say what to do: list, add, get or remove");
    else if (names == (arguments->count > 1))
        return known;
    else
        cli_usage_error(names ? "'store %s' takes names" : "'store %s' takes no names", verb);
    return NULL;
}

int cmd_store(int argc, char **argv)
{
    struct arguments arguments;
    int status = arguments_read(&line, argc, argv, &arguments);
    act_on *verb;

    if (status >= 0)
        return status;
    verb = read_verb(&arguments);
    return verb ? verb(arguments_config(&arguments), &arguments) : STATUS_USAGE;
}
