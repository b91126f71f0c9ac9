/* What the shim keeps of one SSL object, in its ex_data. */
#ifndef PINSHIM_SHIM_CONNECTION_H
#define PINSHIM_SHIM_CONNECTION_H

#include <stdbool.h>

#include "shim/openssl.h"

/* OpenSSL's info callback (SSL_set_info_callback). */
typedef void info_callback(const SSL *ssl, int where, int ret);

struct connection {
    bool judged;     /* the certificate of the handshake under way was judged */
    bool refused;    /* … and refused, or the backstop refused the connection */
    char *words;     /* malloc'ed: why, for OpenSSL's error queue; NULL: attached, or none */
    int verify_mode; /* the program's own, while a refusal has it switched */
    bool switched;
    info_callback *program_info; /* the program's own, while ours waits for the alert */
    bool info_set;
};

/* The connection of `ssl`; NULL when nothing was kept yet. */
struct connection *connection_get(struct openssl *o, const SSL *ssl);

/* The same, made when it does not exist. NULL when memory is short. */
struct connection *connection_make(struct openssl *o, SSL *ssl);

/* Forgets an earlier handshake of a reused object and gives back what a refusal switched. */
void connection_restart(struct openssl *o, SSL *ssl);

/* ex_data callbacks for class SSL (CRYPTO_get_ex_new_index). */
void connection_ex_free(void *parent, void *ptr, CRYPTO_EX_DATA *data, int index, long argl,
                        void *argp);
int connection_ex_dup(CRYPTO_EX_DATA *to, const CRYPTO_EX_DATA *from, void **from_d, int index,
                      long argl, void *argp);

#endif
