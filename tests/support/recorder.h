/* The recording TLS server (tests/support/server), started and read by tests. */
#ifndef PINSHIM_TESTS_SUPPORT_RECORDER_H
#define PINSHIM_TESTS_SUPPORT_RECORDER_H

#include <jansson.h>

#include "tests/support/background.h"
#include "tests/support/pki.h"

struct recorder {
    struct background *process;
    unsigned port;
};

/* Starts it with a certificate (NULL: none, for --anonymous) and further options, the last one
 * NULL (`options` itself may be NULL). */
void recorder_start(struct recorder *recorder, const struct identity *identity,
                    const char *const *options);

/* Stops it once all clients are gone. Returns a JSON array with a record for each connection there
 * was, in the order in which they ended; free it with json_decref. */
json_t *recorder_stop(struct recorder *recorder);

#endif
