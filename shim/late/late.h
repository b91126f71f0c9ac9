/* Functions of libc that are bound when they are needed.
 *
 * The loader binds what an object imports before main runs, be it ever used or not (BIND_NOW), and
 * the shim is in processes that never speak TLS. So only what such a process needs is imported;
 * shim/imports.list names it. For each other function the build puts a hidden stub of the same name
 * into the object (stubs.S), which jumps through a slot of its own. The first call of any of them
 * binds all, and makes the slots read-only, as RELRO does those of the loader.
 *
 * The sources know nothing of this. Where they are linked in another way (the command, the units,
 * under a sanitizer), the same calls are plain imports. */
#ifndef PINSHIM_SHIM_LATE_H
#define PINSHIM_SHIM_LATE_H

#define LATE_MAX 128 /* functions; the build fails when there are more */

#ifdef __aarch64__
#    define LATE_PAGE 65536 /* the largest there is: what can be protected apart from the rest */
#else
#    define LATE_PAGE 4096
#endif

#ifndef __ASSEMBLER__

#    include <stddef.h>

/* The function that stub `index` stands for: what the loader would have bound it to. Binds them
 * all. Called by the stubs alone; any number of threads and signal handlers may be in it at once.
 */
void *late_bind(size_t index);

#endif
#endif
