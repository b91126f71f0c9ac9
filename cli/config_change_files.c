#include "cli/config_change_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/directory.h"
#include "config/trust.h"

#define FILE_LIMIT ((size_t)64 * 1024 * 1024)

bool change_no_memory(char *why, size_t size)
{
    snprintf(why, size, "there is not enough memory");
    return false;
}

static bool note_lines(struct changed_file *file)
{
    const struct text_section *section = file->text.sections.items;

    for (size_t i = 0; i < file->text.sections.count; i++) {
        unsigned *line = list_add(&file->lines, sizeof(*line));

        if (!line)
            return false;
        *line = section[i].line;
    }
    return true;
}

static bool read_text(struct changed_file *file, char *why, size_t size)
{
    size_t length;
    char reason[400];
    char *data = (char *)trusted_read(file->path, geteuid(), FILE_LIMIT, &length, reason,
                                      sizeof(reason), NULL);
    bool good = data;

    if (!data)
        snprintf(why, size, "%s: %s", file->path, reason);
    else if (!(good = config_text_read(data, length, &file->text) && note_lines(file)))
        snprintf(why, size, "%s cannot be taken apart; change it in an editor: pinshim edit",
                 file->path);
    free(data);
    return good;
}

struct changed_file *change_file(struct config_change *change, const char *path, bool create,
                                 char *why, size_t size)
{
    struct changed_file *file = change->files.items;
    bool good;

    for (size_t i = 0; i < change->files.count; i++)
        if (strcmp(file[i].path, path) == 0)
            return &file[i];
    file = list_add(&change->files, sizeof(*file));
    if (!file || !(file->path = strdup(path))) {
        change->files.count -= file != NULL;
        change_no_memory(why, size);
        return NULL;
    }
    if (create && access(path, F_OK) != 0)
        good = config_text_read("", 0, &file->text) || change_no_memory(why, size);
    else
        good = read_text(file, why, size);
    if (good)
        return file;
    config_text_free(&file->text);
    free(file->lines.items);
    free(file->path);
    change->files.count--;
    return NULL;
}

struct changed_file *change_section(struct config_change *change, uint32_t section, size_t *ordinal,
                                    char *why, size_t size)
{
    const struct config *before = &change->before;
    const struct config_origin *at = &before->origins[section];
    const char *title =
        policy_string(before->policy, policy_section(before->policy, section)->title);
    struct changed_file *file = change_file(change, at->file, false, why, size);
    const struct text_section *sections = file ? file->text.sections.items : NULL;
    const unsigned *lines = file ? file->lines.items : NULL;

    for (size_t i = 0; file && i < file->lines.count; i++)
        if (lines[i] == at->line && strcmp(sections[i].title, title) == 0) {
            *ordinal = i;
            return file;
        }
    if (file)
        snprintf(why, size, "%s:%u: domain \"%s\" cannot be found; change it in an editor",
                 at->file, at->line, title);
    return NULL;
}

/* A name that stands for the section, and can leave no directory: no slash gets in. */
static char *file_name(const struct new_section *section, const struct pattern *pattern)
{
    const char *wide = pattern->kind == PATTERN_ANY_DEPTH   ? "__."
                       : pattern->kind == PATTERN_ONE_LABEL ? "_."
                                                            : "";
    char address[ADDRESS_SIZE] = "", prefix[8] = "", *name, *longer;
    unsigned bits = pattern->network.bits;

    if (pattern->kind == PATTERN_NETWORK) {
        address_format(&pattern->network, address);
        if (pattern->prefix < bits)
            snprintf(prefix, sizeof(prefix), "_%u", pattern->prefix);
    }
    if (asprintf(&name, "%s%s%s%s", wide, pattern->name, address, prefix) < 0)
        return NULL;
    for (size_t i = 0; name && i < section->port_count; i++) {
        if (asprintf(&longer, "%s-%u", name, section->ports[i]) < 0)
            longer = NULL;
        free(name);
        name = longer;
    }
    if (name && strlen(name) > 200) /* a file name has 255 octets, and a new one a few more */
        name[200] = '\0';
    return name;
}

char *change_new_path(const struct config_change *change, const struct new_section *section,
                      const struct pattern *pattern, char *why, size_t size)
{
    const char *directory = change->before.include_dir;
    char *name, *file = NULL, *path = NULL;

    if (!directory) {
        snprintf(
            why, size,
            "%s has no include_dir, where new sections go; write include_dir = \"pins.d\" into "
            "it, and make that directory beside it",
            change->path);
        return NULL;
    }
    name = file_name(section, pattern);
    if (name && asprintf(&file, "%s.conf", name) < 0)
        file = NULL;
    if (file)
        path = path_inside(directory, file);
    if (!path)
        change_no_memory(why, size);
    free(file);
    free(name);
    return path;
}
