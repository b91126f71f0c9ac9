/* A server that talks in clear text before TLS, as a table says. */
#ifndef PINSHIM_TESTS_COMMAND_DIALOGUE_H
#define PINSHIM_TESTS_COMMAND_DIALOGUE_H

#include <stddef.h>

#include "tests/support/pki.h"

/* Octets with their count: protocols have zeros in them. */
#define OCTETS(text) text, sizeof(text) - 1

/* First it hears, then it says. */
struct turn {
    const char *hears; /* exactly; NULL: nothing is waited for */
    size_t hears_length;
    const char *says;
    size_t says_length;
};

enum ending {
    ENDS_IN_TLS,
    ENDS_CLOSED,
    ENDS_SILENT,  /* waits for the client to give up */
    ENDS_IN_FLOOD /* repeats the last thing it said until the client gives up */
};

struct dialogue {
    const char *protocol;
    struct turn turns[5]; /* to the first that hears and says nothing */
    enum ending ending;
};

struct talker;

/* Serves one client on 127.0.0.1, with that identity. */
struct talker *talker_start(const struct dialogue *dialogue, const struct identity *identity);

/* Its port, as text. */
const char *talker_port(const struct talker *talker);

/* Waits for its end. Returns whether it heard all that it was to hear. */
bool talker_join(struct talker *talker);

#endif
