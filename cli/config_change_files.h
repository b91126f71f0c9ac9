/* The files of a config change, as they would be. For config_change*.c alone. */
#ifndef PINSHIM_CLI_CONFIG_CHANGE_FILES_H
#define PINSHIM_CLI_CONFIG_CHANGE_FILES_H

#include "cli/config_change.h"

struct changed_file {
    char *path;              /* malloc'ed; as config.files names it */
    struct config_text text; /* as it would be */
    struct list lines;       /* unsigned: where each of its sections began at first; 0: added */
    bool changed, gone;
};

/* A section that this change has made. */
struct fresh_section {
    struct pattern pattern;
    struct list ports; /* uint16_t, sorted */
    size_t file, ordinal;
};

struct config_change {
    char *path;
    int lock;
    struct config before;
    struct list files; /* struct changed_file */
    struct list fresh; /* struct fresh_section */
};

/* The file `path` as it would be, read when it is asked for first. A new one is added, empty, if
 * `create`. NULL, and `why`, when it cannot be had. */
struct changed_file *change_file(struct config_change *change, const char *path, bool create,
                                 char *why, size_t size);

/* The file and ordinal of a section of `before`. */
struct changed_file *change_section(struct config_change *change, uint32_t section, size_t *ordinal,
                                    char *why, size_t size);

/* The path of the file in include_dir for a new section; malloc'ed. NULL, and `why`: there is no
 * include_dir, or memory is short. */
char *change_new_path(const struct config_change *change, const struct new_section *section,
                      const struct pattern *pattern, char *why, size_t size);

/* Sets `why` to a want of memory; false. */
bool change_no_memory(char *why, size_t size);

#endif
