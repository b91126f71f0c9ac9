/* pinshim import: the pins of another system. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/config_change.h"
#include "cli/foreign.h"
#include "cli/foreign_policy.h"
#include "cli/input.h"

static const struct command_line line = {
    .usage = "import --format FORMAT [OPTION...] FILE [DOMAIN]",
    .about = "Adds the pins of another system to the config, each domain's to its section, else\n"
             "to a new one in include_dir: Tyk's pinned_public_keys (tyk), the header of\n"
             "RFC 7469 (hpkp), Android's network-security-config (android), TrustKit's\n"
             "configuration as property list or JSON (trustkit), hosts with sha256/ pins as for\n"
             "OkHttp (okhttp), curl's --pinnedpubkey (curl). hpkp and curl need DOMAIN. \"-\" is\n"
             "standard input. What cannot be taken over is told on standard error. Nothing is\n"
             "written unless the config as it would be is good. The pins' certificates are not\n"
             "known: their status is unknown.\n",
    .accepted = ARG(FORMAT) | ARG(CONFIG),
    .examples = "  pinshim import --format android res/xml/network_security_config.xml\n"
                "  pinshim import --format curl pins.txt api.example.com\n",
    .status = "0 good, also when something was left out; 1 nothing was taken in, or the\n"
              "config as it would be is wrong; 2 wrong usage, or the file or the config cannot\n"
              "be used.\n",
};

static void tell_lost(const struct foreign *foreign)
{
    for (size_t i = 0; i < foreign->lost.count; i++)
        cli_print(stderr, "pinshim import: %s", ((char **)foreign->lost.items)[i]);
}

static bool add_section(struct config_change *change, const struct foreign_section *section,
                        char *why, size_t size)
{
    const struct foreign_pin *pins = section->pins.items;
    struct new_pin *new_pins = calloc(section->pins.count + 1, sizeof(*new_pins));
    struct new_section new_section = {
        .domain = section->domain,
        .include_subdomains = section->include_subdomains,
        .mode = section->mode == MODE_UNSET ? NULL : mode_name(section->mode),
        .expires = section->expires[0] ? section->expires : NULL,
        .pins = new_pins,
        .pin_count = section->pins.count};
    struct addition addition;
    bool good = new_pins;

    for (size_t i = 0; good && i < section->pins.count; i++)
        new_pins[i] = (struct new_pin){.pin = pins[i].text, .backup = pins[i].backup};
    if (!good)
        foreign_no_memory(why, size);
    good = good && config_change_add(change, &new_section, &addition, why, size);
    if (good && !addition.new_section && (new_section.mode || new_section.expires))
        cli_print(
            stderr,
            "pinshim import: %s stands in %s already; only pins were added, its mode and date "
            "stay",
            section->domain, addition.file);
    if (good)
        cli_print(stdout, "%s%s: %zu added to %s, %zu there before",
                  section->include_subdomains ? "**." : "", section->domain, addition.added,
                  addition.file, addition.already);
    free(new_pins);
    return good;
}

static int write_sections(const struct foreign *foreign, const char *config)
{
    const struct foreign_section *sections = foreign->sections.items;
    char why[2 * WHY_SIZE];
    bool unreadable, good;
    struct config_change *change = config_change_begin(config, &unreadable, why, sizeof(why));
    int status = unreadable ? STATUS_USAGE : STATUS_NO;

    good = change;
    for (size_t i = 0; good && i < foreign->sections.count; i++)
        good = add_section(change, &sections[i], why, sizeof(why));
    good = good && config_change_commit(change, why, sizeof(why));
    if (good)
        status = STATUS_GOOD;
    else
        cli_error("%s; nothing has changed", why);
    config_change_end(change);
    return status;
}

static bool holds_private_key(const struct input *input)
{
    return memmem(input->data, input->length, "PRIVATE KEY-----", 16) != NULL;
}

/* Its text, NUL-terminated, without the mark that editors put in front of UTF-8; malloc'ed. */
static char *copy_text(const struct input *input, size_t *length)
{
    bool mark = input->length >= 3 && memcmp(input->data, "\xef\xbb\xbf", 3) == 0;
    char *text;

    *length = input->length - (mark ? 3 : 0);
    text = malloc(*length + 1);
    if (text) {
        memcpy(text, input->data + (mark ? 3 : 0), *length);
        text[*length] = '\0';
    }
    return text;
}

/* The pins of a file, settled. */
static bool read_file(const struct foreign_format *format, const char *path, const char *domain,
                      struct foreign *out, char *why, size_t size)
{
    char reason[WHY_SIZE];
    struct input input;
    size_t length;
    char *text;
    bool good = false;

    if (!input_read(path, &input, why, size))
        return false;
    text = copy_text(&input, &length);
    if (!text)
        foreign_no_memory(why, size);
    else if (length == 0)
        snprintf(why, size, "%s is empty", input_name(path));
    else if (holds_private_key(&input))
        snprintf(why, size, "%s holds a private key; no pins are in it", input_name(path));
    else if (format->read(text, length, domain, out, reason, sizeof(reason)))
        good = foreign_settle(format, out) || foreign_no_memory(why, size);
    else
        snprintf(why, size, "%s: %s", input_name(path), reason);
    if (text)
        explicit_bzero(text, length);
    free(text);
    input_free(&input);
    return good;
}

static int import(const struct foreign_format *format, const struct arguments *arguments)
{
    const char *domain = arguments->count > 1 ? arguments->rest[1] : NULL;
    struct foreign foreign = {.most = FOREIGN_MOST};
    char why[2 * WHY_SIZE];
    int status = STATUS_USAGE;

    if (!read_file(format, arguments->rest[0], domain, &foreign, why, sizeof(why))) {
        cli_error("%s", why);
    } else {
        tell_lost(&foreign);
        status = STATUS_NO;
        if (foreign.sections.count == 0)
            cli_error("there are no pins in %s that could be taken in",
                      input_name(arguments->rest[0]));
        else
            status = write_sections(&foreign, arguments_config(arguments));
    }
    foreign_free(&foreign);
    return status;
}

int cmd_import(int argc, char **argv)
{
    const struct foreign_format *format;
    struct arguments arguments;
    int status = arguments_read(&line, argc, argv, &arguments);

    if (status >= 0)
        return status;
    format = foreign_format_find(arguments.value[ARG_FORMAT]);
    if (!format)
        return STATUS_USAGE;
    if (arguments.count != (format->one_domain ? 2 : 1)) {
        cli_usage_error(format->one_domain ? "name a FILE, and the DOMAIN that its pins are for"
                                           : "name one FILE; it says itself which domains");
        return STATUS_USAGE;
    }
    return import(format, &arguments);
}
