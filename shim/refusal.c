#include "shim/refusal.h"

#include <stdlib.h>
#include <string.h>

#include "config/text.h"
#include "shim/connection.h"
#include "shim/handshake.h"
#include "shim/sink.h"

#define OPENSSL_3 0x30000000UL

#define NO_MEMORY "blocked: there is not enough memory to say why"

void refusal_tell(const char *words)
{
    static const char short_line[] = "pinshim: " NO_MEMORY "\n";
    size_t size = words == NULL ? 0 : strlen(words) + sizeof "pinshim: \n";
    char *line = words == NULL ? NULL : malloc(size);
    struct text text;

    if (line == NULL) {
        sink_write_stderr(short_line, sizeof short_line - 1);
        return;
    }
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

    /* What is cut off has the words from refusal_queue, here or in its BIOs. */
    if (connection == NULL || connection->words == NULL || connection->wbio != NULL ||
        !is_verify_failed(o, o->ERR_peek_last_error()))
        return;
    o->ERR_add_error_data(2, "pinshim: ", connection->words);
    free(connection->words);
    connection->words = NULL;
}

void refusal_queue(struct openssl *o, const char *words)
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

/* Are we told of the alert, in time to attach the words to libssl's own error? */
static bool sees_alert(const struct openssl *o, const SSL *ssl)
{
    return o->SSL_get_info_callback(ssl) == handshake_info &&
           (o->is_quic == NULL || o->is_quic(ssl) == 0);
}

void refusal_queue_ahead(struct openssl *o, const SSL *ssl)
{
    struct connection *connection = connection_get(o, ssl);
    char *words;

    if (connection == NULL || !connection->refused || connection->words == NULL ||
        sees_alert(o, ssl))
        return;
    words = connection_take_words(connection);
    refusal_queue(o, words);
    free(words);
}

void refusal_in_hello(struct openssl *o, SSL *ssl)
{
    refusal_tell(NULL);
    refusal_queue(o, NO_MEMORY);
    o->SSL_set_verify_result(ssl, X509_V_ERR_APPLICATION_VERIFICATION);
}

/* Keeps the words where the error will be attached or the program asks again. */
static struct connection *mark_refused(struct openssl *o, SSL *ssl, char *words)
{
    struct connection *connection = connection_make(o, ssl);

    if (connection == NULL) {
        free(words);
        return NULL;
    }
    connection->judged = connection->refused = true;
    free(connection->words);
    connection->words = words;
    return connection;
}

int refusal_in_callback(struct openssl *o, SSL *ssl, X509_STORE_CTX *store_ctx, char *words)
{
    struct connection *connection = mark_refused(o, ssl, words);
    int mode = o->SSL_get_verify_mode(ssl);

    o->X509_STORE_CTX_set_error(store_ctx, X509_V_ERR_APPLICATION_VERIFICATION);
    if ((mode & SSL_VERIFY_PEER) == 0) {
        if (connection != NULL && !connection->switched) {
            connection->verify_mode = mode;
            connection->switched = true;
        }
        /* libssl looks at the mode after this callback has returned. */
        o->SSL_set_verify(ssl, mode | SSL_VERIFY_PEER, o->SSL_get_verify_callback(ssl));
    }
    return 0;
}

/* The BIO of a connection that is cut off: each read and write fails, and says why. It carries
 * the words (malloc'ed). */

bool refusal_is_cut(struct openssl *o, const BIO *bio)
{
    const void *method = atomic_load(&o->cut_method), *words[2];

    if (bio == NULL || method == NULL)
        return false;
    /* A BIO's method is its first word, or since 3.0 its second. */
    memcpy(words, bio, sizeof words);
    return words[0] == method || words[1] == method;
}

static struct openssl *owner_of(const BIO *bio)
{
    for (unsigned i = 0; i < openssl_count(); i++)
        if (refusal_is_cut(openssl_at(i), bio))
            return openssl_at(i);
    return NULL;
}

static int fail(BIO *bio)
{
    struct openssl *o = owner_of(bio);

    if (o != NULL)
        refusal_queue(o, o->BIO_get_data(bio));
    return -1;
}

static int cut_read(BIO *bio, char *out, int size)
{
    (void)out, (void)size;
    return fail(bio);
}

static int cut_write(BIO *bio, const char *in, int size)
{
    (void)in, (void)size;
    return fail(bio);
}

/* QUIC's way to read and write. */
static int cut_mmsg(BIO *bio, void *messages, size_t stride, size_t count, uint64_t flags,
                    size_t *processed)
{
    (void)messages, (void)stride, (void)count, (void)flags;
    *processed = 0;
    fail(bio);
    return 0;
}

static long cut_ctrl(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH; /* there is nothing to flush; nothing else is answered */
}

static int cut_destroy(BIO *bio)
{
    struct openssl *o = owner_of(bio);

    if (o != NULL)
        free(o->BIO_get_data(bio));
    return 1;
}

static BIO_METHOD *cut_method(struct openssl *o)
{
    BIO_METHOD *method = atomic_load(&o->cut_method), *none = NULL;

    if (method != NULL)
        return method;
    method = o->BIO_meth_new(BIO_TYPE_SOURCE_SINK, "pinshim refusal");
    if (method == NULL || o->BIO_meth_set_write(method, cut_write) != 1 ||
        o->BIO_meth_set_read(method, cut_read) != 1 ||
        o->BIO_meth_set_ctrl(method, cut_ctrl) != 1 ||
        o->BIO_meth_set_destroy(method, cut_destroy) != 1) {
        o->BIO_meth_free(method);
        return NULL;
    }
    if (o->set_sendmmsg != NULL && o->set_recvmmsg != NULL) {
        o->set_sendmmsg(method, cut_mmsg);
        o->set_recvmmsg(method, cut_mmsg);
    }
    /* Two threads may both make one. */
    if (!atomic_compare_exchange_strong(&o->cut_method, &none, method)) {
        o->BIO_meth_free(method);
        method = none;
    }
    return method;
}

static BIO *cut_bio(struct openssl *o, const char *words)
{
    BIO_METHOD *method = cut_method(o);
    BIO *bio = method == NULL ? NULL : o->BIO_new(method);

    if (bio != NULL && words != NULL)
        o->BIO_set_data(bio, strdup(words));
    return bio;
}

void refusal_cut(struct openssl *o, SSL *ssl, bool finished, char *words)
{
    BIO *reader = cut_bio(o, words), *writer = cut_bio(o, words);
    SSL_SESSION *session = o->SSL_get_session(ssl);
    struct connection *connection = mark_refused(o, ssl, words);
    BIO *rbio = o->SSL_get_rbio(ssl), *wbio = o->SSL_get_wbio(ssl);

    if (session != NULL)
        o->SSL_CTX_remove_session(o->SSL_get_SSL_CTX(ssl), session);
    o->SSL_set_verify_result(ssl, X509_V_ERR_APPLICATION_VERIFICATION);
    if (finished)
        o->SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    /* The program may still hold pointers to its BIOs: they live as long as the SSL would have
     * kept them. Without memory for BIOs of ours, none at all: libssl fails without one. */
    if (rbio != NULL)
        o->BIO_up_ref(rbio);
    if (wbio != NULL)
        o->BIO_up_ref(wbio);
    o->SSL_set0_rbio(ssl, reader);
    o->SSL_set0_wbio(ssl, writer);
    if (connection != NULL && connection->wbio == NULL) {
        connection->rbio = rbio;
        connection->wbio = wbio;
    }
}
