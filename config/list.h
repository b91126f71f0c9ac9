/* A growing array of one type. */
#ifndef PINSHIM_CONFIG_LIST_H
#define PINSHIM_CONFIG_LIST_H

#include <stddef.h>

struct list {
    void *items;
    size_t count, room;
};

/* Adds one item of `size` octets, zeroed. NULL when memory is short; the list is as before. */
void *list_add(struct list *list, size_t size);

/* Frees a list of malloc'ed strings. */
void list_free_strings(struct list *list);

#endif
