/* pinshim refresh: meets the certificates of pins of which only the digest is known. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/arguments.h"
#include "cli/chain_source.h"
#include "cli/cli.h"
#include "cli/input.h"
#include "cli/config_open.h"
#include "cli/pin_list.h"
#include "cli/pin_store.h"
#include "cli/section_choice.h"

static const struct command_line line = {
    .usage = "refresh [OPTION...] [DOMAIN]",
    .about =
        "Looks for the certificates of the pins whose status is unknown (imported, or typed),\n"
        "and puts those that are met into the store; 'pinshim list' then knows their dates.\n"
        "Connects to each domain, at the section's first port or 443, or takes the\n"
        "certificates of --cert, or of the server --from, which a wildcard needs. Nothing is\n"
        "trusted for it, and no pin changes: a certificate counts only for the pin that it\n"
        "matches already.\n",
    .accepted =
        ARG(CERT) | ARG(FROM) | ARG(STARTTLS) | ARG(SERVERNAME) | ARG(TIMEOUT) | ARG(CONFIG),
    .examples = "  pinshim refresh\n"
                "  pinshim refresh '*.example.com' --from www.example.com\n"
                "  pinshim refresh api.example.com --cert chain.pem\n",
    .status = "0 no pin asked for is unknown any more, 1 some still are, 2 wrong usage, or\n"
              "the config, a file or the store cannot be used.\n",
};

struct refresh {
    const struct arguments *arguments;
    const struct config *config;
    size_t met, unknown;
};

static const struct policy_section *section_of(const struct refresh *r,
                                               const struct listed_pin *pin)
{
    return policy_section(r->config->policy, pin->section);
}

static const char *title_of(const struct refresh *r, const struct listed_pin *pin)
{
    return policy_string(r->config->policy, section_of(r, pin)->title);
}

/* By its title, or by what list shows for one with include_subdomains. */
static bool is_asked_for(const struct refresh *r, uint32_t section)
{
    const struct policy *policy = r->config->policy;
    const struct policy_section *own = policy_section(policy, section);
    const char *title = policy_string(policy, own->title), *wanted = r->arguments->rest[0];

    return r->arguments->count == 0 || strcasecmp(wanted, title) == 0 ||
           (section_is_widened(policy, own) && strncmp(wanted, "**.", 3) == 0 &&
            strcasecmp(wanted + 3, title) == 0);
}

static bool is_wanted(const struct refresh *r, const struct listed_pin *pin)
{
    return !pin->source && is_asked_for(r, pin->section);
}

static bool matches(const struct listed_pin *pin, const struct cert *cert)
{
    struct pin own;

    if (!cert->x509 || cert->completed)
        return false;
    if (!(pin->pin.kind == PIN_CERT ? cert_fingerprint(cert->x509, &own) : cert_pin(cert, &own)))
        return false;
    return memcmp(own.digest, pin->pin.digest, DIGEST_SIZE) == 0;
}

/* Where the section's servers are: HOST:PORT, malloc'ed. NULL, and `why`, when it does not say. */
static char *place_of(const struct refresh *r, const struct listed_pin *pin, char *why, size_t size)
{
    const struct policy *policy = r->config->policy;
    const struct policy_section *section = section_of(r, pin);
    const char *name = policy_string(policy, section->name);
    char address[ADDRESS_SIZE], *place = NULL;
    unsigned port = section->ports.count > 0 ? policy_ports(policy, section)[0] : 0;

    if (section->kind == PATTERN_ONE_LABEL ||
        (section->kind == PATTERN_NETWORK && section->prefix != section->network.bits)) {
        snprintf(why, size, "it is no single server; name one with --from HOST[:PORT]");
        return NULL;
    }
    if (section->kind == PATTERN_NETWORK) {
        address_format(&section->network, address);
        name = address;
    }
    /* Without a port the protocol's own counts. */
    if (asprintf(&place, strchr(name, ':') ? "[%s]" : "%s", name) < 0)
        place = NULL;
    if (place && port) {
        char *longer = NULL;

        if (asprintf(&longer, "%s:%u", place, port) < 0)
            longer = NULL;
        free(place);
        place = longer;
    }
    if (!place)
        snprintf(why, size, "out of memory");
    return place;
}

/* The certificates that may be those of the section's pins. */
static bool find_chain(const struct refresh *r, const struct listed_pin *pin,
                       struct chain_source *out, char *why, size_t size)
{
    const struct arguments *arguments = r->arguments;
    char *place;
    bool good;

    *out = (struct chain_source){0};
    if (given(arguments, ARG_CERT)) {
        good = chain_source_file(arguments->value[ARG_CERT], out, why, size);
        if (good && out->certs.private_key)
            snprintf(why, size, "%s holds a private key; name the certificate alone",
                     input_name(arguments->value[ARG_CERT]));
        return good && !out->certs.private_key;
    }
    if (given(arguments, ARG_FROM))
        return chain_source_live(arguments->value[ARG_FROM], arguments, out, why, size);
    place = place_of(r, pin, why, size);
    good = place && chain_source_live(place, arguments, out, why, size);
    free(place);
    return good;
}

/* Puts what matches the pin into the store. False when the store cannot be written. */
static bool record(struct refresh *r, const struct listed_pin *pin,
                   const struct chain_source *source)
{
    char why[WHY_SIZE], *file = NULL;
    bool fresh, good = true;

    for (size_t i = 0; i < source->certs.count; i++) {
        const struct cert *cert = &source->certs.items[i];

        if (!matches(pin, cert))
            continue;
        good = pin_store_put(r->config->store, cert, &file, &fresh, why, sizeof(why));
        if (good)
            cli_print(stdout, "%s: met %s: %s", title_of(r, pin), pin->text, file);
        else
            cli_error("%s", why);
        free(file);
        r->met++;
        return good;
    }
    cli_print(stderr, "pinshim refresh: %s: no certificate for %s was met", title_of(r, pin),
              pin->text);
    r->unknown++;
    return true;
}

/* One section's unknown pins, from number `first` on; *next: the first of another section. */
static bool refresh_section(struct refresh *r, const struct list *pins, size_t first, size_t *next)
{
    const struct listed_pin *items = pins->items;
    struct chain_source source;
    char why[2 * WHY_SIZE];
    bool reached = find_chain(r, &items[first], &source, why, sizeof(why)), good = true;

    if (!reached)
        cli_error("%s: %s", title_of(r, &items[first]), why);
    for (*next = first; *next < pins->count && items[*next].section == items[first].section;
         ++*next) {
        if (!is_wanted(r, &items[*next]))
            continue;
        if (!reached)
            r->unknown++;
        else
            good = good && record(r, &items[*next], &source);
    }
    chain_source_free(&source);
    /* A file that cannot be read is one error, and a server that is away another. */
    return good && (reached || !given(r->arguments, ARG_CERT));
}

/* Is there any section that was asked for? */
static bool has_section(const struct refresh *r)
{
    const struct policy *policy = r->config->policy;

    for (uint32_t i = 0; i < policy->sections.count; i++)
        if (is_asked_for(r, i))
            return true;
    return false;
}

static int refresh(struct refresh *r, const struct list *pins)
{
    const struct listed_pin *items = pins->items;
    size_t next;

    if (r->arguments->count > 0 && !has_section(r)) {
        cli_error("no section is for \"%s\"; 'pinshim list' tells which there are",
                  r->arguments->rest[0]);
        return STATUS_NO;
    }

    for (size_t i = 0; i < pins->count; i = next) {
        next = i + 1;
        if (is_wanted(r, &items[i]) && !refresh_section(r, pins, i, &next))
            return STATUS_USAGE;
    }
    if (r->met + r->unknown == 0)
        cli_print(stdout, "no pin asked for is unknown");
    return r->unknown > 0 ? STATUS_NO : STATUS_GOOD;
}

int cmd_refresh(int argc, char **argv)
{
    struct config_change *change;
    struct arguments arguments;
    struct refresh r = {.arguments = &arguments};
    struct list pins = {NULL, 0, 0};
    char why[2 * WHY_SIZE];
    int status = arguments_read(&line, argc, argv, &arguments);

    if (status >= 0)
        return status;
    if (arguments.count > 1 || (given(&arguments, ARG_CERT) && given(&arguments, ARG_FROM))) {
        cli_usage_error("name one DOMAIN at most, and one of --cert and --from");
        return STATUS_USAGE;
    }
    change = config_open(arguments_config(&arguments), true, &status);
    if (!change)
        return status;
    r.config = config_change_before(change);
    if (pin_list_read(change, 0, &pins, why, sizeof(why))) {
        status = refresh(&r, &pins);
    } else {
        cli_error("%s", why);
        status = STATUS_USAGE;
    }
    pin_list_free(&pins);
    config_change_end(change);
    return status;
}
