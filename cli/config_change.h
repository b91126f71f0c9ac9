/* A change of a config: pins and sections added and taken out, in the files where they stand or in
 * new ones of include_dir. One process at a time makes one (a lock); config_load judges the whole
 * config as it would be before anything is written; each file is put in place in one step; comments
 * and whatever else a person wrote stay.
 *
 *     change = config_change_begin(path, why, sizeof why);
 *     good = change && config_change_add(change, &section, &result, why, sizeof why) && ... &&
 *            config_change_commit(change, why, sizeof why);
 *     config_change_end(change);
 *
 * On failure a function returns false (NULL), with the reason and the mend in `why`; what has been
 * asked for so far counts for nothing when config_change_end follows. */
#ifndef PINSHIM_CLI_CONFIG_CHANGE_H
#define PINSHIM_CLI_CONFIG_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/config_text.h"
#include "config/config.h"

struct config_change;

/* A pin to add. */
struct new_pin {
    const char *pin; /* as it shall stand in the file: "sha256/…", "store:…", … */
    bool backup;
    const char *comment; /* one line beside it (pin_about.h makes them); NULL: none */
};

/* Where pins are added: the global section of that domain and those ports, or a new one. The
 * options from `match` on are written into a new section only; NULL leaves one out. */
struct new_section {
    const char *domain;
    const uint16_t *ports; /* in any order; none: any port */
    size_t port_count;
    bool include_subdomains;
    const char *match, *mode, *expires, *owner;
    const char *const
        *notes; /* lines put above a new section as comments; NULL-terminated or NULL */
    const struct new_pin *pins;
    size_t pin_count;
};

/* What an addition came to. */
struct addition {
    const char *file; /* the change's: where the section stands */
    bool new_section;
    size_t added;   /* pins */
    size_t already; /* pins that the section has in that role */
};

/* Locks the config at `path` against other changes and reads it. It must be free of errors.
 * *unreadable (may be NULL): whether it could not be read at all, or not be locked. */
struct config_change *config_change_begin(const char *path, bool *unreadable, char *why,
                                          size_t size);

/* The same for a look alone: takes no lock, and config_change_commit fails. */
struct config_change *config_change_peek(const char *path, bool *unreadable, char *why,
                                         size_t size);

/* The config as it was when the change began. */
const struct config *config_change_before(const struct config_change *change);

/* Adds pins. A new section goes to a file of its own in include_dir, named for its domain; without
 * include_dir that is a failure which says what to write. Only names of letters, digits, '-', '_'
 * and '.', wildcards and addresses are taken. */
bool config_change_add(struct config_change *change, const struct new_section *section,
                       struct addition *out, char *why, size_t size);

/* The section of a config that config_change_add adds such pins to: an index into its policy.
 * False: there is none. */
bool config_change_section(const struct config *config, const struct new_section *section,
                           uint32_t *out);

/* What a removal came to. */
struct removal {
    const char *file; /* the change's */
    size_t removed;   /* pins */
    bool empty;       /* the section has no pins left, and is off, so that it needs none */
    bool section;     /* the section went with its last pin … */
    bool file_gone;   /* … and the file with its last section and no comment in it */
};

/* Takes a pin out of a section (an index into config_change_before's policy), as current and as
 * backup pin; `pin` is its text as it stands there, or another for the same digest. With its last
 * one a section goes, unless it says mode = "off". NULL takes the section out. */
bool config_change_remove(struct config_change *change, uint32_t section, const char *pin,
                          struct removal *out, char *why, size_t size);

/* The pin that a section's text means: "file:" and "store:" too. False when it cannot be told. */
bool config_change_pin(const struct config_change *change, const char *text, struct pin *out);

/* Where a section (as above) stands now: the file's text, and which of its sections it is. False,
 * and `why`, when it cannot be found. */
bool config_change_find(struct config_change *change, uint32_t section,
                        const struct config_text **text, size_t *ordinal, char *why, size_t size);

/* The text of one of the config's files, as it would be now; the change's. NULL when it cannot be
 * read. */
const struct config_text *config_change_text(struct config_change *change, const char *file);

/* Puts another text in the place of a file's; config_change_commit tells whether it is a good one.
 */
bool config_change_replace(struct config_change *change, const char *file, const char *data,
                           size_t length, char *why, size_t size);

/* Reads the config as it would be. Free `out` with config_free in either case. */
bool config_change_look(struct config_change *change, struct config *out, char *why, size_t size);

/* Checks and writes. Nothing is written unless all of it is good, and can be written. */
bool config_change_commit(struct config_change *change, char *why, size_t size);

/* Unlocks, and forgets what was not written. NULL is fine. */
void config_change_end(struct config_change *change);

#endif
