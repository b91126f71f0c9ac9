/* The manners of a guest: what every entry from the program's code into ours puts back when it
 * leaves. */
#ifndef PINSHIM_SHIM_GUEST_H
#define PINSHIM_SHIM_GUEST_H

#include <errno.h>
#include <pthread.h>

struct guest {
    int error;  /* the program's errno */
    int cancel; /* and whether its thread may be cancelled */
};

/* To be called first. A thread that were cancelled in our poll or write would leave OpenSSL, and
 * our lock, in the middle of something. */
static inline struct guest guest_enter(void)
{
    struct guest guest = {.error = errno};

    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &guest.cancel);
    return guest;
}

/* To be called last. */
static inline void guest_leave(const struct guest *guest)
{
    pthread_setcancelstate(guest->cancel, NULL);
    errno = guest->error;
}

#endif
