/* The recording server's SSL_CTX. */
#ifndef PINSHIM_TESTS_SUPPORT_SERVER_CONTEXT_H
#define PINSHIM_TESTS_SUPPORT_SERVER_CONTEXT_H

#include <stdbool.h>

#include <openssl/ssl.h>

struct server_context {
    const char *cert, *key;               /* a PEM chain and its key; NULL: none */
    const char *second_cert, *second_key; /* shown from the second handshake of a connection on */
    const char *alpn;                     /* names, separated by commas; NULL: none */
    const char *psk;                      /* an external key in hex (RFC 4279, RFC 8446), or NULL */
    const char *ticket_key; /* a word; servers with the same one resume each other's sessions */
    const char *groups;     /* key exchange groups (RFC 8446 section 4.2.7), or NULL */
    const char *ciphers;    /* of TLS 1.2 and before, as OpenSSL writes them, or NULL */
    bool dtls, quic;        /* over UDP */
    bool tls12;             /* at most */
    bool weak;              /* from TLS 1.0 on, at security level 0 */
    bool anonymous;         /* ADH; at most TLS 1.2 */
    bool no_tickets;        /* TLS 1.2 sessions by id, TLS 1.3 tickets that hold nothing */
    bool renegotiation;     /* a client may start it (RFC 5746) */
    bool raw_key; /* instead of certificates, on both sides (RFC 7250), for those that know them */
    bool request_client_cert;
};

/* Makes the context. `early_data`: it is accepted. Ends the program when it cannot. */
SSL_CTX *server_context_new(const struct server_context *options, bool early_data);

/* Ends the program with status 2 and OpenSSL's errors. */
void die(const char *what) __attribute__((noreturn));

#endif
