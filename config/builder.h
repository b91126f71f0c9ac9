/* Collects what a config says and makes the policy image of it. */
#ifndef PINSHIM_CONFIG_BUILDER_H
#define PINSHIM_CONFIG_BUILDER_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "config/list.h"
#include "config/policy.h"

/* What a level says of responses. */
struct response_draft {
    uint8_t responses, signal; /* RESPONSE_UNSET, SIGNAL_UNSET: nothing */
    char *message, *redirect;  /* malloc'ed; NULL: nothing */
    unsigned line;             /* of on_failure; 0: nothing */
};

/* One `domain` section while it is read. */
struct section_draft {
    struct pattern pattern;
    char *title, *owner; /* malloc'ed */
    struct list ports;   /* uint16_t */
    struct list pins;    /* struct policy_pin */
    struct list backups; /* struct policy_pin */
    uint32_t scope;
    uint8_t mode, match, verify;
    struct response_draft response;
    bool include_subdomains;
    int64_t expires;
    uint32_t file; /* index into builder.files */
    unsigned line;
};

/* The top level or one `program` section while it is read. */
struct scope_draft {
    char *program;     /* malloc'ed; NULL at the top level */
    struct list sinks; /* char * */
    bool sinks_set;
    char *trust_anchors;        /* malloc'ed; as written */
    struct list inspection_cas; /* struct span, malloc'ed (key_file.h) */
    bool inspection_set;
    struct response_draft response;
    uint8_t mode, unpinned, unnamed, expired, lock_mode, verify;
    uint8_t checks;           /* what any of its own domain sections verifies */
    uint32_t reload_interval; /* seconds; the top level's */
    uint32_t place;           /* among the scopes, before they are sorted */
    uint32_t file;
    unsigned line;
};

struct builder {
    struct list scopes;   /* struct scope_draft; [0] is the top level */
    struct list sections; /* struct section_draft */
    struct list files;    /* char *: the config and what it includes */
    /* struct config_pin_file, but `section` is an index into builder.sections */
    struct list pin_files;
};

/* An empty builder with its top level. False when memory is short. */
bool builder_init(struct builder *builder);
void builder_free(struct builder *builder);

/* Notes that a pin of section `section` on line `line` came from the source that was added last to
 * `sources`. False when memory is short. */
bool builder_pin_file(struct builder *builder, size_t section, unsigned line,
                      const struct list *sources);

/* "line N", and where it is not the file `seen_from`, its file. */
#define PLACE_SIZE 300
void builder_place(const struct builder *builder, uint32_t file, unsigned line, uint32_t seen_from,
                   char out[PLACE_SIZE]);

/* The path of file `index`. */
const char *builder_file(const struct builder *builder, uint32_t index);

/* Makes the image, what is parallel to it and their files (all malloc'ed) into `out`. Sections that
 * mean the same are an error, as is a want of memory: false, and `error` says where and what. */
bool builder_finish(struct builder *builder, struct config *out, struct config_error *error);

#endif
