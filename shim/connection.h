/* What the shim keeps of one SSL object. */
#ifndef PINSHIM_SHIM_CONNECTION_H
#define PINSHIM_SHIM_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "config/name.h"
#include "shim/openssl.h"

struct policy_section;

/* OpenSSL's info callback (SSL_set_info_callback). */
typedef void info_callback(const SSL *ssl, int where, int ret);

struct connection {
    bool judged;      /* the certificate of the handshake under way was judged */
    bool refused;     /* the connection is refused */
    bool switched;    /* … in the callback, and SSL_VERIFY_PEER was not the program's idea */
    int verify_mode;  /* the program's own, then */
    char *words;      /* malloc'ed: why, for OpenSSL's error queue; NULL: attached, or none */
    BIO *rbio, *wbio; /* the program's, while a refusal has cut the connection off; ours to free */
    struct {
        uintptr_t tag;                        /* 0: none */
        uint64_t serial;                      /* struct loaded's */
        const struct policy_section *section; /* of that one alone */
    } session; /* what the one that the handshake may resume was verified under (session.h) */
    struct address sent_to; /* where the first datagram of an unconnected socket went; else none */
    uint16_t sent_to_port;
    uint64_t sent_before, received_before; /* over its BIOs, when the handshake started */
    info_callback *program_info;           /* what the program set with SSL_set_info_callback */
};

/* A new SSL, whose end connection_ex_free will be told of: it gets a place, if one is free. */
void connection_announce(const SSL *ssl);

/* The connection of `ssl`; NULL when nothing was kept yet. */
struct connection *connection_get(struct openssl *o, const SSL *ssl);

/* The same, made when it does not exist. NULL when memory is short. */
struct connection *connection_make(struct openssl *o, SSL *ssl);

/* Takes the words out, for the caller to free or hand on. */
char *connection_take_words(struct connection *connection);

/* A handshake starts: forgets an earlier one and gives back what its refusal had changed. */
void connection_restart(struct openssl *o, SSL *ssl);

/* A handshake is over: what was only for it is forgotten. Not what is refused. */
void connection_finish(const SSL *ssl);

/* Keeps what the program set with SSL_set_info_callback (NULL: nothing any more). What was got or
 * made before is no longer valid. False when memory is short. */
bool connection_set_program_info(struct openssl *o, SSL *ssl, info_callback *callback);

/* The program's own info callback for `ssl`: its SSL's, else its SSL_CTX's. NULL if neither. */
info_callback *connection_program_info(struct openssl *o, const SSL *ssl);

/* ex_data callbacks for class SSL (CRYPTO_get_ex_new_index). */
void connection_ex_free(void *parent, void *ptr, CRYPTO_EX_DATA *data, int index, long argl,
                        void *argp);
int connection_ex_dup(CRYPTO_EX_DATA *to, const CRYPTO_EX_DATA *from, void **from_d, int index,
                      long argl, void *argp);

#endif
