#include "shim/connection.h"

#include <stdlib.h>

#include "shim/refusal.h"

struct connection *connection_get(struct openssl *o, const SSL *ssl)
{
    return o->ssl_index < 0 ? NULL : o->SSL_get_ex_data(ssl, o->ssl_index);
}

struct connection *connection_make(struct openssl *o, SSL *ssl)
{
    struct connection *connection = connection_get(o, ssl);

    if (connection != NULL || o->ssl_index < 0)
        return connection;
    connection = calloc(1, sizeof *connection);
    if (connection != NULL && o->SSL_set_ex_data(ssl, o->ssl_index, connection) != 1) {
        free(connection);
        connection = NULL;
    }
    return connection;
}

char *connection_take_words(struct connection *connection)
{
    char *words = connection->words;

    connection->words = NULL;
    return words;
}

/* The program may have given the object other BIOs since; then ours are gone already. */
static void restore_bios(struct openssl *o, SSL *ssl, struct connection *connection)
{
    if (connection->wbio == NULL)
        return;
    o->ERR_set_mark();
    if (refusal_is_cut(o, o->SSL_get_wbio(ssl))) {
        o->SSL_set0_wbio(ssl, connection->wbio);
        connection->wbio = NULL;
    }
    if (refusal_is_cut(o, o->SSL_get_rbio(ssl))) {
        o->SSL_set0_rbio(ssl, connection->rbio);
        connection->rbio = NULL;
    }
    o->BIO_free_all(connection->wbio);
    o->BIO_free_all(connection->rbio);
    o->ERR_pop_to_mark();
}

void connection_restart(struct openssl *o, SSL *ssl)
{
    struct connection *connection = connection_get(o, ssl);
    info_callback *program_info;

    if (connection == NULL)
        return;
    if (connection->switched)
        o->SSL_set_verify(ssl, connection->verify_mode, o->SSL_get_verify_callback(ssl));
    restore_bios(o, ssl, connection);
    free(connection->words);
    program_info = connection->program_info;
    *connection = (struct connection){.program_info = program_info};
}

/* Few programs set any: without one there is none to look for at each step of each handshake. */
static atomic_bool any_program_info;

void connection_set_program_info(struct connection *connection, info_callback *callback)
{
    if (callback != NULL)
        atomic_store(&any_program_info, true);
    connection->program_info = callback;
}

info_callback *connection_program_info(struct openssl *o, const SSL *ssl)
{
    struct connection *connection = atomic_load_explicit(&any_program_info, memory_order_acquire)
                                        ? connection_get(o, ssl)
                                        : NULL;

    if (connection != NULL && connection->program_info != NULL)
        return connection->program_info;
    return o->SSL_CTX_get_info_callback(o->SSL_get_SSL_CTX(ssl));
}

void connection_ex_free(void *parent, void *ptr, CRYPTO_EX_DATA *data, int index, long argl,
                        void *argp)
{
    struct connection *connection = ptr;
    struct openssl *o = argp;

    (void)parent, (void)data, (void)index, (void)argl;
    if (connection == NULL)
        return;
    o->BIO_free_all(connection->wbio);
    o->BIO_free_all(connection->rbio);
    free(connection->words);
    free(connection);
}

/* SSL_dup: the copy has a handshake of its own before it, so only what the program set goes with
 * it. The copy may have a connection by now: where libssl calls itself through its PLT, it has set
 * the copy's info callback through our hook. */
int connection_ex_dup(CRYPTO_EX_DATA *to, const CRYPTO_EX_DATA *from, void **from_d, int index,
                      long argl, void *argp)
{
    const struct openssl *o = argp;
    const struct connection *original = *from_d;
    struct connection *copy = o->CRYPTO_get_ex_data(to, index);

    (void)from, (void)argl;
    if (copy == NULL && original != NULL && original->program_info != NULL) {
        copy = calloc(1, sizeof *copy);
        if (copy == NULL)
            return 0;
    }
    if (copy != NULL && original != NULL)
        copy->program_info = original->program_info;
    *from_d = copy;
    return 1;
}
