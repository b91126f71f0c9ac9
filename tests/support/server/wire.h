/* What a client put on the wire, as far as two runs of it can be compared. */
#ifndef PINSHIM_TESTS_SUPPORT_SERVER_WIRE_H
#define PINSHIM_TESTS_SUPPORT_SERVER_WIRE_H

#include <openssl/ssl.h>

/* Texts, "" before anything came. */
struct wire {
    /* The last ClientHello: its length, its ciphers and its extensions, each in its order. */
    char hello[1024];
    /* Types of handshake messages, "ccs" for ChangeCipherSpec, descriptions of alerts. */
    char messages[256];
};

/* Makes the context note all that into the struct wire of each connection. */
void wire_watch(SSL_CTX *ctx);

#endif
