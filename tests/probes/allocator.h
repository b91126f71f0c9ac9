/* An allocator of a program's own, in place of libc's: whoever frees what it did not give ends the
 * process. */
#ifndef PINSHIM_TESTS_PROBES_ALLOCATOR_H
#define PINSHIM_TESTS_PROBES_ALLOCATOR_H

/* How often code in libpinshim.so has called it, and the `strdup` that is chosen at run time. */
extern unsigned allocator_calls, allocator_copies;

#endif
