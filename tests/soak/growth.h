/* What a process holds. */
#ifndef PINSHIM_TESTS_SOAK_GROWTH_H
#define PINSHIM_TESTS_SOAK_GROWTH_H

#include <stddef.h>

struct holdings {
    size_t allocated;     /* octets that malloc has given out, in all its arenas */
    unsigned descriptors; /* open ones */
    size_t resident;      /* octets */
};

struct holdings holdings_now(void);

#endif
