/* Collects what a config says and makes the policy image of it. */
#ifndef PINSHIM_CONFIG_BUILDER_H
#define PINSHIM_CONFIG_BUILDER_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "config/policy.h"

/* Growing array of one type. */
struct list {
    void *items;
    size_t count, room;
};

/* One `domain` section while it is read. */
struct section_draft {
    struct pattern pattern;
    char *title, *owner; /* malloc'ed */
    struct list ports;   /* uint16_t */
    struct list pins;    /* struct policy_pin */
    struct list backups; /* struct policy_pin */
    uint32_t scope;
    uint8_t mode, match;
    bool include_subdomains;
    int64_t expires;
    unsigned line;
};

/* The top level or one `program` section while it is read. */
struct scope_draft {
    char *program;     /* malloc'ed; NULL at the top level */
    struct list sinks; /* char * */
    bool sinks_set;
    uint8_t mode, unpinned, unnamed, expired, lock_mode;
    unsigned line;
};

struct builder {
    struct list scopes;   /* struct scope_draft; [0] is the top level */
    struct list sections; /* struct section_draft */
};

/* Adds one item of `size` octets, zeroed. NULL when memory is short. */
void *list_add(struct list *list, size_t size);

/* An empty builder with its top level. False when memory is short. */
bool builder_init(struct builder *builder);
void builder_free(struct builder *builder);

/* Makes the image and its origins (both malloc'ed) into `out`. Sections that mean the same are
 * an error, as is a want of memory: false, and `error` has line and text. */
bool builder_finish(const struct builder *builder, struct config *out, struct config_error *error);

#endif
