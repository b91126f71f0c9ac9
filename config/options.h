/* The options of a config file: which exist where, what they accept, and where it is kept. */
#ifndef PINSHIM_CONFIG_OPTIONS_H
#define PINSHIM_CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "config/builder.h"

/* Where an option may stand, as bits. */
enum level { LEVEL_TOP = 1, LEVEL_PROGRAM = 2, LEVEL_DOMAIN = 4 };

/* A pin in the store, looked up when the whole config has been read. */
struct store_reference {
    char *id;       /* malloc'ed */
    size_t section; /* index of the draft */
    size_t pin;     /* index of the pin in its list */
    bool backup;
    uint32_t file; /* where it was written */
    unsigned line;
};

/* One config while it is read. */
struct reader {
    struct builder *builder;
    struct config_error *error;
    uid_t user;
    bool places_only;      /* take nothing but where the rest of the config lies */
    const char *path;      /* of the config file: relative paths are meant from its directory */
    uint32_t file;         /* the file at hand: 0 the config itself, else an included one */
    char *store, *include; /* malloc'ed; the options' values as paths, NULL: not given */
    unsigned include_line;
    unsigned chain_line;           /* where verify = {"chain"} first stands; 0: nowhere … */
    uint32_t chain_file;           /* … and in which file */
    struct list references;        /* struct store_reference */
    struct list *sources;          /* struct source: what was read beside the config itself */
    struct scope_draft *scope;     /* the level the option stands in … */
    struct section_draft *section; /* … and the domain section, or NULL */
    unsigned line;                 /* of the value at hand */
};

struct option {
    char name[24];
    unsigned levels;                                           /* set of enum level */
    enum form { FORM_ONE, FORM_LIST, FORM_LIST_OR_NONE } form; /* the last: may be empty */
    /* Takes one value; NULL for an empty list. False, and reader->error's text, when it is wrong.
     */
    bool (*take)(struct reader *reader, const struct option *option, const char *value);
};

/* Frees what the options have kept in the reader itself. */
void reader_free(struct reader *reader);

extern const struct option OPTIONS[];
extern const size_t OPTION_COUNT;

/* The option `name` at `level`, or NULL. */
const struct option *option_find(const char *name, enum level level);

/* What a person who wrote `name` at `level` most likely meant; NULL when nothing is near. */
const char *option_suggest(const char *name, enum level level);

#endif
