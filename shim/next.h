/* What lies before and behind us in the order in which objects were loaded: other preloads, which
 * interpose what we do. Read from the objects' own tables (elf.h), for dlsym is interposed, too. */
#ifndef PINSHIM_SHIM_NEXT_H
#define PINSHIM_SHIM_NEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "shim/elf.h"

/* Calls `visit` for each object behind us until it returns false, which it must for libc at the
 * latest: see elf_walk_started. */
void next_walk(bool (*visit)(const struct elf_object *object, void *arg), void *arg);

/* The same for those alone that are among the first `count` of all objects. */
void next_walk_first(unsigned count, bool (*visit)(const struct elf_object *object, void *arg),
                     void *arg);

/* The function `name` of the first object behind us that defines it: what dlsym(RTLD_NEXT) finds of
 * libc's, while dlerror keeps what it has to say. NULL if there is none. */
void *next_function(const char *name);

/* Does the code at this address lie in an object before us? */
bool next_precedes(const void *address);

#endif
