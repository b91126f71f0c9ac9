#include "config/list.h"

#include <stdlib.h>
#include <string.h>

void *list_add(struct list *list, size_t size)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 8 : 2 * list->room;
        void *items = reallocarray(list->items, room, size);
        if (items == NULL)
            return NULL;
        list->items = items;
        list->room = room;
    }
    return memset((char *)list->items + size * list->count++, 0, size);
}

void list_free_strings(struct list *list)
{
    char **strings = list->items;

    for (size_t i = 0; i < list->count; i++)
        free(strings[i]);
    free(strings);
    *list = (struct list){NULL, 0, 0};
}
