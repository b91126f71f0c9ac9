/* pinshim edit: a section's file in the editor, checked before it lands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/config_open.h"
#include "cli/confirm.h"
#include "cli/editor.h"
#include "cli/section_choice.h"
#include "config/text.h"

static const struct command_line line = {
    .usage = "edit DOMAIN [OPTION...]",
    .about =
        "Opens a copy of the file that has the section for DOMAIN in $VISUAL, else $EDITOR.\n"
        "DOMAIN is meant as in 'pinshim remove': **.NAME is also NAME with include_subdomains.\n"
        "What comes back is read as the shim would read it, and put in place if it is good.\n"
        "If not, you are asked at the terminal whether to edit it again. Other changes of\n"
        "the config wait meanwhile.\n",
    .accepted = ARG(PORTS) | ARG(PROGRAM) | ARG(CONFIG),
    .examples = "  EDITOR=nano pinshim edit api.example.com\n",
    .status = "0 good, or nothing was changed; 1 the text was wrong, and discarded;\n"
              "2 wrong usage, or something cannot be read or written.\n",
};

/* One round: runs the editor, looks at what comes back. */
static int edit_once(struct config_change *change, const char *file, struct edited *copy, char *why,
                     size_t size)
{
    struct config after = {0};
    int status = STATUS_NO;

    if (!edited_run(copy, why, size) ||
        !config_change_replace(change, file, copy->text, copy->length, why, size))
        return STATUS_USAGE;
    if (copy->text[strspn(copy->text, " \t\r\n")] == '\0') /* no process takes an emptied file */
        snprintf(why, size,
                 "there is nothing left in it; 'pinshim remove DOMAIN' takes a section out");
    else if (config_change_look(change, &after, why, size))
        status = STATUS_GOOD;
    config_free(&after);
    return status;
}

static bool again(const char *why)
{
    char raw[2 * WHY_SIZE + 32], text[2 * sizeof(raw)];
    struct text out;

    snprintf(raw, sizeof(raw), "%s", why);
    text_init(&out, text, sizeof(text));
    text_add_printable(&out, raw);
    text_add_char(&out, '\n');
    for (;;)
        switch (ask(text, "(e)dit again, or (d)iscard?")) {
        case 'e':
            return true;
        case 'd':
        case '\0': /* nobody answers */
            return false;
        }
}

static int edit_file(struct config_change *change, const char *file, struct edited *copy,
                     const char *before, size_t length)
{
    char why[2 * WHY_SIZE];
    int status;

    do {
        status = edit_once(change, file, copy, why, sizeof(why));
        if (status == STATUS_GOOD && copy->length == length &&
            memcmp(copy->text, before, length) == 0) {
            cli_print(stdout, "%s is as it was", file);
            return STATUS_GOOD;
        }
    } while (status == STATUS_NO && again(why));
    if (status == STATUS_GOOD && !config_change_commit(change, why, sizeof(why)))
        status = STATUS_USAGE;
    if (status == STATUS_GOOD)
        cli_print(stdout, "changed %s", file);
    else
        cli_error("%s; nothing has changed", why);
    return status;
}

static int edit(struct config_change *change, const struct arguments *arguments)
{
    const struct config *config = config_change_before(change);
    char why[2 * WHY_SIZE], *before;
    const char *file, *slash;
    const struct config_text *text;
    struct edited copy;
    size_t length;
    uint32_t section;
    int status = STATUS_USAGE;

    if (!section_choose(change, arguments->rest[0], NULL, arguments, &section, why, sizeof(why))) {
        cli_error("%s", why);
        return STATUS_NO;
    }
    file = config->origins[section].file;
    slash = strrchr(file, '/');
    text = config_change_text(change, file);
    before = text ? strndup(text->data, text->length) : NULL;
    length = text ? text->length : 0;
    if (!before)
        cli_error("%s cannot be read", file);
    else if (!edited_open(slash ? slash + 1 : file, before, length, &copy, why, sizeof(why)))
        cli_error("%s", why);
    else {
        status = edit_file(change, file, &copy, before, length);
        edited_close(&copy, false);
    }
    free(before);
    return status;
}

int cmd_edit(int argc, char **argv)
{
    struct config_change *change;
    struct arguments arguments;
    int status = arguments_read(&line, argc, argv, &arguments);

    if (status >= 0)
        return status;
    if (arguments.count != 1) {
        cli_usage_error("name one DOMAIN");
        return STATUS_USAGE;
    }
    change = config_open(arguments_config(&arguments), false, &status);
    if (!change)
        return status;
    status = edit(change, &arguments);
    config_change_end(change);
    return status;
}
