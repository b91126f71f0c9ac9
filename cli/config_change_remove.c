/* Pins and sections taken out of a config. */
#include <stdio.h>
#include <string.h>

#include "cli/config_change_files.h"

/* Is it that pin, however the two are written? */
static bool is_pin(const struct config_change *change, const char *text, const char *wanted)
{
    struct pin a, b;

    return strcmp(text, wanted) == 0 ||
           (config_change_pin(change, text, &a) && config_change_pin(change, wanted, &b) &&
            a.kind == b.kind && memcmp(a.digest, b.digest, DIGEST_SIZE) == 0);
}

static const struct text_section *section_of(const struct changed_file *file, size_t ordinal)
{
    return (const struct text_section *)file->text.sections.items + ordinal;
}

static bool remove_section(struct config_change *change, struct changed_file *file, size_t ordinal,
                           struct removal *out, char *why, size_t size)
{
    unsigned *lines = file->lines.items;

    out->removed += section_of(file, ordinal)->pins.count;
    if (!config_text_remove_section(&file->text, ordinal))
        return change_no_memory(why, size);
    memmove(&lines[ordinal], &lines[ordinal + 1],
            (file->lines.count - ordinal - 1) * sizeof(*lines));
    file->lines.count--;
    file->changed = true;
    out->section = true;
    /* The config itself stays, even if nothing is left in it. */
    file->gone = config_text_blank(&file->text) && strcmp(file->path, change->path) != 0;
    out->file_gone = file->gone;
    return true;
}

bool config_change_remove(struct config_change *change, uint32_t section, const char *pin,
                          struct removal *out, char *why, size_t size)
{
    const struct policy *policy = change->before.policy;
    bool may_be_empty = policy_section(policy, section)->mode == MODE_OFF;
    size_t ordinal, i = 0;
    struct changed_file *file = change_section(change, section, &ordinal, why, size);

    *out = (struct removal){0};
    if (!file)
        return false;
    out->file = file->path;
    while (pin && i < section_of(file, ordinal)->pins.count) {
        const struct text_pin *pins = section_of(file, ordinal)->pins.items;

        if (!is_pin(change, pins[i].value, pin)) {
            i++;
        } else if (section_of(file, ordinal)->pins.count == 1 && !may_be_empty) {
            pin = NULL; /* a section without pins would be an error */
        } else {
            if (!config_text_remove_pin(&file->text, ordinal, i))
                return change_no_memory(why, size);
            file->changed = true;
            out->removed++;
            out->empty = section_of(file, ordinal)->pins.count == 0;
        }
    }
    return pin || remove_section(change, file, ordinal, out, why, size);
}
