#include "shim/refusal.h"

#include <stdlib.h>
#include <string.h>

#include "config/text.h"
#include "shim/connection.h"
#include "shim/sink.h"

#define OPENSSL_3 0x30000000UL

void refusal_tell(const char *words)
{
    size_t size = strlen(words) + sizeof "pinshim: \n";
    char *line = malloc(size);
    struct text text;

    if (line == NULL)
        return;
    text_init(&text, line, size);
    text_add(&text, "pinshim: ");
    text_add(&text, words);
    text_add_char(&text, '\n');
    sink_write_stderr(line, text.length);
    free(line);
}

/* Is this libssl's "certificate verify failed"? How codes are packed changed with 3.0. */
static bool is_verify_failed(const struct openssl *o, unsigned long code)
{
    unsigned long lib = o->version < OPENSSL_3 ? code >> 24 & 0xff : code >> 23 & 0xff;
    unsigned long reason = o->version < OPENSSL_3 ? code & 0xfff : code & 0x7fffff;

    return lib == ERR_LIB_SSL && reason == SSL_R_CERTIFICATE_VERIFY_FAILED;
}

void refusal_attach_words(struct openssl *o, const SSL *ssl)
{
    struct connection *connection = connection_get(o, ssl);

    if (connection == NULL || connection->words == NULL ||
        !is_verify_failed(o, o->ERR_peek_last_error()))
        return;
    o->ERR_add_error_data(2, "pinshim: ", connection->words);
    free(connection->words);
    connection->words = NULL;
}

/* libssl reports the alert that it sends after it has queued its error: the moment to put the
 * words beside it, on whatever road the handshake came. */
static void on_info(const SSL *ssl, int where, int ret)
{
    struct openssl *o = openssl_of(ssl);
    struct connection *connection = connection_get(o, ssl);
    info_callback *program = connection != NULL ? connection->program_info : NULL;

    if ((where & SSL_CB_WRITE_ALERT) == SSL_CB_WRITE_ALERT)
        refusal_attach_words(o, ssl);
    if (program == NULL)
        program = o->SSL_CTX_get_info_callback(o->SSL_get_SSL_CTX(ssl));
    if (program != NULL)
        program(ssl, where, ret);
}

int refusal_in_callback(struct openssl *o, SSL *ssl, X509_STORE_CTX *store_ctx, char *words)
{
    struct connection *connection = connection_make(o, ssl);
    int mode = o->SSL_get_verify_mode(ssl);

    if (connection != NULL) {
        connection->judged = connection->refused = true;
        free(connection->words);
        connection->words = words;
        if (!connection->info_set) {
            connection->program_info = o->SSL_get_info_callback(ssl);
            connection->info_set = true;
            o->SSL_set_info_callback(ssl, on_info);
        }
        if ((mode & SSL_VERIFY_PEER) == 0 && !connection->switched) {
            connection->verify_mode = mode;
            connection->switched = true;
        }
    } else {
        free(words);
    }
    o->X509_STORE_CTX_set_error(store_ctx, X509_V_ERR_APPLICATION_VERIFICATION);
    /* libssl looks at the mode after this callback has returned. */
    if ((mode & SSL_VERIFY_PEER) == 0)
        o->SSL_set_verify(ssl, mode | SSL_VERIFY_PEER, o->SSL_get_verify_callback(ssl));
    return 0;
}

static void queue_verify_failed(struct openssl *o, const char *words)
{
    if (o->ERR_set_error != NULL && o->ERR_new != NULL && o->ERR_set_debug != NULL) {
        o->ERR_new();
        o->ERR_set_debug("pinshim", 0, "pinshim");
        o->ERR_set_error(ERR_LIB_SSL, SSL_R_CERTIFICATE_VERIFY_FAILED, NULL);
    } else {
        o->put_error(ERR_LIB_SSL, 0, SSL_R_CERTIFICATE_VERIFY_FAILED, "pinshim", 0);
    }
    if (words != NULL)
        o->ERR_add_error_data(2, "pinshim: ", words);
}

int refusal_after_handshake(struct openssl *o, SSL *ssl, char *words)
{
    struct connection *connection = connection_make(o, ssl);
    SSL_SESSION *session = o->SSL_get_session(ssl);

    if (connection != NULL)
        connection->refused = true;
    if (session != NULL)
        o->SSL_CTX_remove_session(o->SSL_get_SSL_CTX(ssl), session);
    o->SSL_set_verify_result(ssl, X509_V_ERR_APPLICATION_VERIFICATION);
    o->SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    queue_verify_failed(o, words);
    free(words);
    return -1;
}
