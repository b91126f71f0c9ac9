/* Reading a config file (libconfuse) into a policy image. */
#ifndef PINSHIM_CONFIG_CONFIG_H
#define PINSHIM_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "config/list.h"
#include "config/policy.h"

/* No file of a config may be larger: 100,000 sections take some 20 MB. */
#define CONFIG_LIMIT ((size_t)64 * 1024 * 1024)

struct confuse;

/* The first thing found wrong, for a person: one reason, with the mend. */
struct config_error {
    char file[1024]; /* as it should be shown; cut when longer */
    unsigned line;   /* 0: the file as a whole */
    char text[512];
    bool unreadable; /* the file could not be read at all (exit status 2 of the command) */
};

/* Where a section was written, for warnings. */
struct config_origin {
    const char *file; /* one of config.files */
    unsigned line;
};

/* A pin that came from a file (`file:`, `store:`), for warnings about what the file says beside the
 * key. It stands in the file that its section stands in. */
struct config_pin_file {
    uint32_t section; /* index into policy.sections */
    uint32_t source;  /* index into config.sources */
    unsigned line;
};

/* A file as it would be: looked at before it is put in place. */
struct config_trial {
    const char *path; /* as config.files would name it: the config's own, or INCLUDE_DIR/NAME */
    const char *text; /* what would be in it; NULL: it would be gone */
    size_t length;
};

struct config {
    struct policy *policy;          /* malloc'ed; policy->size octets */
    struct config_origin *origins;  /* parallel to policy.sections */
    struct config_origin *programs; /* parallel to policy.scopes; [0] says nothing */
    struct list pin_files;          /* struct config_pin_file, as written */
    struct list files;              /* char *: the config, then what it includes */
    struct list sources; /* struct source: every file and directory that was read; set on failure
                            too, so that a mended one is noticed */
    /* What `events` said as far as the file could be read; set on failure too, so that a broken
     * config is reported where its owner looks. NULL-terminated; NULL: nothing said. */
    char **events;
    char *include_dir; /* malloc'ed, as a path of its own; NULL: not given */
    char *store;       /* malloc'ed, as a path of its own: the option's, or its default */
};

/* Reads the config at `path`. `user` is the user whose files (beside root's) are trusted, in
 * general geteuid(). Returns true and fills `out`; or false, fills `error`, and leaves only
 * out->events and out->sources set. Free `out` with config_free in either case. Not thread-safe:
 * libconfuse's lexer is global. */
bool config_load(const char *path, uid_t user, struct config *out, struct config_error *error);

/* The same with `count` files in the place of those on disk. */
bool config_load_trial(const char *path, uid_t user, const struct config_trial *trials,
                       size_t count, struct config *out, struct config_error *error);

/* The same with a libconfuse that the caller has opened, or tried to (confuse_open): loads no
 * library itself. */
bool config_load_with(const struct confuse *confuse, const char *path, uid_t user,
                      struct config *out, struct config_error *error);

void config_free(struct config *config);

/* "FILE:LINE: text" or "FILE: text". */
void config_error_format(const struct config_error *error, char *out, size_t size);

#endif
