/* Trips that ask which section a peer falls under, and by which name. */
#ifndef PINSHIM_TESTS_HANDSHAKE_NAMING_H
#define PINSHIM_TESTS_HANDSHAKE_NAMING_H

#include <openssl/opensslv.h>

#include "tests/handshake/scene.h"

#define WRONG_PIN "pins = {\"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}"
#define SECTION(title) "domain \"" title "\" { " WRONG_PIN " }\n"

struct naming {
    const char *client, *server, *shell; /* as in struct trip */
    const char *policy;
    const char *host, *source; /* of the event */
    const char *title;         /* of the section; NULL: none, the connection works */
    const char *address;       /* of the event */
};

/* Under enforce the connection is refused by that section, or works when there is none. */
void naming(struct naming naming);

/* Skips the test where the loopback has no IPv6. */
void naming_needs_ipv6(void);

#endif
