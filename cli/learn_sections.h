/* Which sections a host's keys make: one, or where its ports have different keys, several. */
#ifndef PINSHIM_CLI_LEARN_SECTIONS_H
#define PINSHIM_CLI_LEARN_SECTIONS_H

#include "cli/learn.h"

/* A pin of a section. */
struct learn_pin {
    const char *pin;
    bool is_ca;         /* the key of the CA that signed, and not of the leaf */
    unsigned port;      /* 0: not known */
    struct key_row key; /* where it comes from; of several keys and ports added up */
};

/* Ports, and the pins that all of them have. Pins of the first port stand for them all. */
struct learn_section {
    const struct learn_pin *pins;
    size_t count;
    unsigned port;
};

struct learn_sections {
    struct learn_pin *pins; /* the sections' */
    size_t pin_count;
    struct learn_section *items; /* those of the same pins one after the other */
    size_t count;
    bool any_port; /* one item, for all ports */
};

/* Sorts the `count` keys of one host from number `first` on; `ca`: for pins of CAs. False: memory
 * is out. Free with learn_sections_free. */
bool learn_sections_make(const struct learn *learn, size_t first, size_t count, bool ca,
                         struct learn_sections *out);
void learn_sections_free(struct learn_sections *sections);

/* Have two sections the same pins, and so are one of two ports? */
bool learn_sections_equal(const struct learn_section *a, const struct learn_section *b);

#endif
