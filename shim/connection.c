#include "shim/connection.h"

#include <stdlib.h>

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

void connection_restart(struct openssl *o, SSL *ssl)
{
    struct connection *connection = connection_get(o, ssl);

    if (connection == NULL)
        return;
    if (connection->switched)
        o->SSL_set_verify(ssl, connection->verify_mode, o->SSL_get_verify_callback(ssl));
    if (connection->info_set)
        o->SSL_set_info_callback(ssl, connection->program_info);
    free(connection->words);
    *connection = (struct connection){0};
}

void connection_ex_free(void *parent, void *ptr, CRYPTO_EX_DATA *data, int index, long argl,
                        void *argp)
{
    struct connection *connection = ptr;

    (void)parent, (void)data, (void)index, (void)argl, (void)argp;
    if (connection != NULL)
        free(connection->words);
    free(connection);
}

/* SSL_dup: the copy has a handshake of its own before it; the pointer must not be shared. */
int connection_ex_dup(CRYPTO_EX_DATA *to, const CRYPTO_EX_DATA *from, void **from_d, int index,
                      long argl, void *argp)
{
    (void)to, (void)from, (void)index, (void)argl, (void)argp;
    *from_d = NULL;
    return 1;
}
