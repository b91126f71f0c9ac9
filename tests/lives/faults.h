/* A client whose shim is denied something: call number one, number two, and so on to the last
 * (tests/lives/preload/failing.h). Under enforce it then refuses or is right; in audit nothing
 * changes; and no event says what is not so. */
#ifndef PINSHIM_TESTS_LIVES_FAULTS_H
#define PINSHIM_TESTS_LIVES_FAULTS_H

#include "tests/handshake/scene.h"

/* CHANGED: as the right one begins, and is made the wrong one after the first of three handshakes.
 * What comes after it is refused, or it was told that the change could not be taken in. */
enum way { RIGHT_ENFORCED, WRONG_ENFORCED, WRONG_AUDITED, CHANGED };

struct fault {
    enum way way;
    const char *client, *load;
    const char *preload;           /* failalloc.so or failopen.so */
    const char *more[6];           /* of the environment: PINSHIM_FAIL_ALL=1 and its like */
    void (*policy)(bool right);    /* writes it; NULL: the genuine leaf is pinned, or another */
    void (*before)(void);          /* called before each run, or NULL */
    const struct identity *server; /* NULL: the genuine one */
    const char *psk;               /* that the server has as well, or NULL */
    bool deep;     /* OpenSSL is denied something: audit need not look the same, but works */
    bool unharmed; /* no connection needs what is denied */
    unsigned stop; /* after so many; 0: where no call is left to fail */
    char *bare;    /* what the client told without the shim */
};

/* Runs the client with each call denied in turn. Returns how many there are. */
unsigned long fault_each(struct fault *fault);

/* Does `fault` want this? */
bool fault_has(const struct fault *fault, const char *variable);

#endif
