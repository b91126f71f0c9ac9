/* pinshim add: a pin into include_dir, and what it came from into the store. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/add_pin.h"
#include "cli/arguments.h"
#include "cli/check.h"
#include "cli/cli.h"
#include "cli/config_open.h"
#include "cli/pin_store.h"
#include "cli/section_choice.h"
#include "cli/system_trust.h"

static const struct command_line line = {
    .usage = "add DOMAIN (--cert FILE | --pem - | --from HOST[:PORT] | --pin PIN) [OPTION...]",
    .about = "Adds a pin for DOMAIN (a name, *.name, **.name, an address, a CIDR block): to its\n"
             "section where that stands, else to a new one in a file of its own in the config's\n"
             "include_dir. Comments and whatever else was written there stay. The certificate or\n"
             "key that it came from goes to the store. Nothing is written unless the config as it\n"
             "would be is good; warnings about it are those of 'pinshim check'.\n"
             "\n"
             "--from shows what it is about to trust and asks, at the terminal. A chain that the\n"
             "system's trust store and the config's trust_anchors do not verify is refused.\n",
    .accepted = ARG(CERT) | ARG(PEM) | ARG(FROM) | ARG(STARTTLS) | ARG(SERVERNAME) | ARG(TIMEOUT) |
                ARG(INSECURE_FIRST_USE) | ARG(PIN) | ARG(CN) | ARG(EXPIRES) | ARG(FINGERPRINT) |
                ARG(POSITION) | ARG(BACKUP) | ARG(PORTS) | ARG(INCLUDE_SUBDOMAINS) | ARG(TRUST) |
                ARG(TRUST_YES) | ARG(YES) | ARG(CONFIG),
    .examples =
        "  pinshim add api.example.com --cert server.pem\n"
        "  pinshim add api.example.com --cert next.pub.pem --backup\n"
        "  pinshim add db.example.com --from db.example.com --starttls postgres\n"
        "  pinshim add api.example.com --pin sha256/xp3s...5s8= --cn api --expires 2027-06-30\n",
    .status = "0 good (also when the pin was there already), 1 refused: the chain, the\n"
              "config as it would be, or the answer was no; 2 wrong usage, or something cannot be\n"
              "read, written or reached.\n",
};

/* A pin that is not looked at is hardly what was wanted. */
static void warn_of_mode(const struct config *config, uint32_t index)
{
    const struct policy_section *section = policy_section(config->policy, index);
    const struct policy_view view = {.policy = config->policy, .override = MODE_UNSET};
    const struct config_origin *at = &config->origins[index];
    bool own = section->mode == MODE_OFF;

    if (policy_mode(&view, section) == MODE_OFF)
        cli_print(stderr,
                  "%s:%u: warning: domain \"%s\": the pin does nothing: %s says mode = \"off\"; "
                  "take that out, or write \"audit\" or \"enforce\"",
                  at->file, at->line, policy_string(config->policy, section->title),
                  own ? "the section" : "the config");
}

/* What check would warn of in the section, now that it is there. */
static void warn(const struct config *config, const struct new_section *new)
{
    struct findings findings = {0};
    const struct finding *finding;
    const char *title, *file;
    uint32_t section;

    if (!config_change_section(config, new, &section))
        return;
    warn_of_mode(config, section);
    title = policy_string(config->policy, policy_section(config->policy, section)->title);
    file = config->origins[section].file;
    check_all(config, &findings);
    finding = findings.items.items;
    for (size_t i = 0; i < findings.items.count; i++)
        if (finding[i].domain && strcmp(finding[i].domain, title) == 0 &&
            strcmp(finding[i].at.file, file) == 0)
            cli_print(stderr, "%s:%u: warning: domain \"%s\": %s", finding[i].at.file,
                      finding[i].at.line, finding[i].domain, finding[i].message);
    findings_free(&findings);
}

/* Puts what was pinned into the store, and then the change into place. */
static bool write_both(struct config_change *change, const struct add_pin *pin, char *why,
                       size_t size)
{
    const char *store = config_change_before(change)->store;
    char *file = NULL;
    bool fresh = false, good;

    if (pin->cert && !pin_store_put(store, pin->cert, &file, &fresh, why, size))
        return false;
    good = config_change_commit(change, why, size);
    if (good && fresh)
        cli_print(stdout, "stored %s", file);
    else if (fresh)
        remove(file);
    free(file);
    return good;
}

static int change_config(struct config_change *change, const struct new_section *section,
                         const struct add_pin *pin)
{
    struct addition addition;
    struct config after = {0};
    char why[2 * WHY_SIZE];
    int status = STATUS_GOOD;

    if (!config_change_add(change, section, &addition, why, sizeof(why)) ||
        !config_change_look(change, &after, why, sizeof(why))) {
        cli_error("%s; nothing has changed", why);
        status = STATUS_NO;
    } else if (!write_both(change, pin, why, sizeof(why))) {
        cli_error("%s", why);
        status = STATUS_USAGE;
    } else {
        cli_print(stdout, "%s %s %s %s of domain \"%s\" in %s",
                  addition.added ? "added" : "nothing to do:", section->pins[0].pin,
                  addition.added ? "to" : "is among", pin->backup ? "backup_pins" : "pins",
                  section->domain, addition.file);
        cli_flush();
        if (!addition.added && !pin->cert && section->pins[0].comment)
            cli_print(stderr,
                      "pinshim add: what was said of it beside was not written; 'pinshim edit %s' "
                      "opens the place",
                      section->domain);
        warn(&after, section);
    }
    config_free(&after);
    return status;
}

/* The lock is not held while a person thinks. */
static int lock_and_change(const char *path, const struct new_section *section,
                           const struct add_pin *pin)
{
    int status;
    struct config_change *change = config_open(path, false, &status);

    if (change)
        status = change_config(change, section, pin);
    config_change_end(change);
    return status;
}

static int add(const char *domain, const struct arguments *arguments, const struct config *config,
               const struct list *ports)
{
    struct add_pin pin;
    char comment[PIN_ABOUT_SIZE];
    int status = add_pin_read(domain, arguments, config, &pin);

    if (status == STATUS_GOOD) {
        bool known = pin_about_format(&pin.about, comment);
        const struct new_pin new_pin = {
            .pin = pin.text, .backup = pin.backup, .comment = known ? comment : NULL};
        const struct new_section section = {.domain = domain,
                                            .ports = ports->items,
                                            .port_count = ports->count,
                                            .include_subdomains =
                                                given(arguments, ARG_INCLUDE_SUBDOMAINS),
                                            .pins = &new_pin,
                                            .pin_count = 1};

        status = lock_and_change(arguments_config(arguments), &section, &pin);
        if (status == STATUS_GOOD && given(arguments, ARG_TRUST))
            status = add_trust(&pin, arguments);
    }
    add_pin_free(&pin);
    return status;
}

/* Would the section be taken at all? Asked before anybody is. */
static int try_section(struct config_change *change, const char *domain,
                       const struct arguments *arguments, const struct list *ports)
{
    const struct new_section section = {.domain = domain,
                                        .ports = ports->items,
                                        .port_count = ports->count,
                                        .include_subdomains =
                                            given(arguments, ARG_INCLUDE_SUBDOMAINS)};
    struct addition addition;
    char why[2 * WHY_SIZE];

    if (config_change_add(change, &section, &addition, why, sizeof(why)))
        return STATUS_GOOD;
    cli_error("%s", why);
    return STATUS_USAGE;
}

int cmd_add(int argc, char **argv)
{
    struct config_change *look;
    struct arguments arguments;
    struct list ports = {NULL, 0, 0};
    char why[2 * WHY_SIZE];
    int status = arguments_read(&line, argc, argv, &arguments);

    if (status >= 0)
        return status;
    if (arguments.count != 1) {
        cli_usage_error("name one DOMAIN, and where its pin comes from");
        return STATUS_USAGE;
    }
    if (!add_pin_arguments(&arguments) || !arguments_ports(&arguments, &ports)) {
        free(ports.items);
        return STATUS_USAGE;
    }
    if (given(&arguments, ARG_TRUST) && !system_trust_possible(why, sizeof(why))) {
        cli_error("--trust: %s", why);
        free(ports.items);
        return STATUS_USAGE;
    }
    look = config_open(arguments_config(&arguments), true, &status);
    if (look)
        status = try_section(look, arguments.rest[0], &arguments, &ports);
    if (status == STATUS_GOOD)
        status = add(arguments.rest[0], &arguments, config_change_before(look), &ports);
    config_change_end(look);
    free(ports.items);
    return status;
}
