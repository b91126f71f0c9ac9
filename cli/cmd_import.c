/* pinshim import: the pins of another system. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/config_open.h"
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
              "config as it would be is wrong; 2 wrong usage, or something cannot be read or\n"
              "written.\n",
};

static void tell_lost(const struct foreign *foreign)
{
    for (size_t i = 0; i < foreign->lost.count; i++)
        cli_print(stderr, "pinshim import: %s", ((char **)foreign->lost.items)[i]);
}

static bool add_section(struct config_change *change, const struct foreign_section *section,
                        struct addition *out, char *why, size_t size)
{
    const struct foreign_pin *pins = section->pins.items;
    struct new_pin *new_pins = calloc(section->pins.count + 1, sizeof(*new_pins));
    const struct new_section new_section = {
        .domain = section->domain,
        .include_subdomains = section->include_subdomains,
        .mode = section->mode == MODE_UNSET ? NULL : mode_name(section->mode),
        .expires = section->expires[0] ? section->expires : NULL,
        .pins = new_pins,
        .pin_count = section->pins.count};
    bool good = new_pins;

    for (size_t i = 0; good && i < section->pins.count; i++)
        new_pins[i] = (struct new_pin){.pin = pins[i].text, .backup = pins[i].backup};
    if (!good)
        foreign_no_memory(why, size);
    good = good && config_change_add(change, &new_section, out, why, size);
    free(new_pins);
    return good;
}

static void print_addition(const struct foreign_section *section, const struct addition *addition)
{
    if (!addition->new_section && (section->mode != MODE_UNSET || section->expires[0]))
        cli_print(
            stderr,
            "pinshim import: %s stands in %s already; only pins were added, its mode and date "
            "stay",
            section->domain, addition->file);
    cli_print(stdout, "%s%s: %zu added to %s, %zu there before",
              section->include_subdomains ? "**." : "", section->domain, addition->added,
              addition->file, addition->already);
}

/* The section's key files must be there, at least: what is in them, the config's check says. */
static bool find_files(const struct foreign_section *section, char *why, size_t size)
{
    const struct foreign_pin *pins = section->pins.items;

    for (size_t i = 0; i < section->pins.count; i++) {
        const char *path = pins[i].text + strlen("file:");

        if (strncmp(pins[i].text, "file:", strlen("file:")) == 0 &&
            faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0) {
            snprintf(why, size, "%s: %s cannot be read: %s", section->domain, path,
                     strerror(errno));
            return false;
        }
    }
    return true;
}

/* Adds all of it and puts it in place. `additions` has room for what each comes to. */
static int change_config(struct config_change *change, const struct foreign *foreign,
                         struct addition *additions)
{
    const struct foreign_section *sections = foreign->sections.items;
    size_t count = foreign->sections.count;
    struct config after = {0};
    char why[2 * WHY_SIZE];
    bool found = true, good = true;
    int status = STATUS_GOOD;

    for (size_t i = 0; found && i < count; i++)
        found = find_files(&sections[i], why, sizeof(why));
    for (size_t i = 0; found && good && i < count; i++)
        good = add_section(change, &sections[i], &additions[i], why, sizeof(why));
    if (!found || !good || !config_change_look(change, &after, why, sizeof(why))) {
        cli_error("%s; nothing has changed", why);
        status = found ? STATUS_NO : STATUS_USAGE;
    } else if (!config_change_commit(change, why, sizeof(why))) {
        cli_error("%s", why);
        status = STATUS_USAGE;
    }
    for (size_t i = 0; status == STATUS_GOOD && i < count; i++)
        print_addition(&sections[i], &additions[i]);
    config_free(&after);
    return status;
}

static int write_sections(const struct foreign *foreign, const char *config)
{
    struct addition *additions = calloc(foreign->sections.count, sizeof(*additions));
    struct config_change *change = NULL;
    int status = STATUS_USAGE;

    if (additions)
        change = config_open(config, false, &status);
    else
        cli_error("out of memory");
    if (change)
        status = change_config(change, foreign, additions);
    config_change_end(change);
    free(additions);
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
