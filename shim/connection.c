#include "shim/connection.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "shim/handshake.h"
#include "shim/refusal.h"

/* Most are of interest during their first handshake only: those have a place in this table from
 * the SSL's making to that handshake's end, which costs no allocation. Where the place is another
 * SSL's, and for what must last, there is the ex_data. */
enum { PLACE_BITS = 7, PLACES = 1 << PLACE_BITS };

static struct place {
    _Atomic uintptr_t owner; /* the SSL, or with VACANT one for which nothing is kept; 0: none */
    struct connection connection;
} places[PLACES];

#define VACANT ((uintptr_t)1)

/* Few processes have any: until then there is none to look for. */
static atomic_bool any_in_ex_data;

static struct place *place_for(const SSL *ssl)
{
    const uint64_t odd = 0x9e3779b97f4a7c15;
    uint64_t hash = (uintptr_t)ssl * odd;

    hash = (hash ^ hash >> 32) * odd; /* twice: they lie at equal distances */
    return &places[hash >> (64 - PLACE_BITS)];
}

/* What it says of an SSL only changes by the thread that is using that SSL. */
static uintptr_t owner_of(struct place *place)
{
    return atomic_load_explicit(&place->owner, memory_order_acquire);
}

static void set_owner(struct place *place, uintptr_t owner)
{
    atomic_store_explicit(&place->owner, owner, memory_order_release);
}

void connection_announce(const SSL *ssl)
{
    uintptr_t none = 0;

    atomic_compare_exchange_strong(&place_for(ssl)->owner, &none, (uintptr_t)ssl | VACANT);
}

struct connection *connection_get(struct openssl *o, const SSL *ssl)
{
    struct place *place = place_for(ssl);

    if (owner_of(place) == (uintptr_t)ssl)
        return &place->connection;
    return o->ssl_index < 0 || !atomic_load_explicit(&any_in_ex_data, memory_order_acquire)
               ? NULL
               : o->SSL_get_ex_data(ssl, o->ssl_index);
}

static struct connection *make_in_ex_data(struct openssl *o, SSL *ssl)
{
    struct connection *connection = o->ssl_index < 0 ? NULL : calloc(1, sizeof *connection);
    bool stored;

    if (connection == NULL)
        return NULL;
    o->ERR_set_mark();
    stored = o->SSL_set_ex_data(ssl, o->ssl_index, connection) == 1;
    o->ERR_pop_to_mark();
    if (stored) {
        atomic_store(&any_in_ex_data, true);
        return connection;
    }
    free(connection);
    return NULL;
}

struct connection *connection_make(struct openssl *o, SSL *ssl)
{
    struct connection *connection = connection_get(o, ssl);
    struct place *place = place_for(ssl);

    if (connection != NULL)
        return connection;
    if (owner_of(place) != ((uintptr_t)ssl | VACANT))
        return make_in_ex_data(o, ssl);
    place->connection = (struct connection){.words = NULL};
    set_owner(place, (uintptr_t)ssl);
    return &place->connection;
}

/* The same, in the ex_data. */
static struct connection *make_lasting(struct openssl *o, SSL *ssl)
{
    struct place *place = place_for(ssl);
    struct connection *connection = connection_get(o, ssl);

    if (connection != NULL && connection != &place->connection)
        return connection;
    connection = make_in_ex_data(o, ssl);
    if (connection != NULL && owner_of(place) == (uintptr_t)ssl)
        *connection = place->connection;
    if (connection != NULL && (owner_of(place) & ~VACANT) == (uintptr_t)ssl)
        set_owner(place, 0);
    return connection;
}

void connection_finish(const SSL *ssl)
{
    struct place *place = place_for(ssl);
    const struct connection *c = &place->connection;
    uintptr_t owner = owner_of(place);

    if (owner == ((uintptr_t)ssl | VACANT) ||
        (owner == (uintptr_t)ssl && !c->refused && !c->switched && c->words == NULL &&
         c->sent_to.bits == 0))
        set_owner(place, 0);
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

bool connection_set_program_info(struct openssl *o, SSL *ssl, info_callback *callback)
{
    struct connection *connection =
        callback != NULL ? make_lasting(o, ssl) : connection_get(o, ssl);

    if (connection == NULL)
        return callback == NULL;
    if (callback != NULL) {
        atomic_store(&any_program_info, true);
        handshake_follow_steps();
    }
    connection->program_info = callback;
    return true;
}

info_callback *connection_program_info(struct openssl *o, const SSL *ssl)
{
    struct connection *connection = atomic_load_explicit(&any_program_info, memory_order_acquire)
                                        ? connection_get(o, ssl)
                                        : NULL;

    return connection != NULL && connection->program_info != NULL
               ? connection->program_info
               : o->SSL_CTX_get_info_callback(o->SSL_get_SSL_CTX(ssl));
}

/* What it holds; not itself. */
static void release(struct openssl *o, struct connection *connection)
{
    o->BIO_free_all(connection->wbio);
    o->BIO_free_all(connection->rbio);
    free(connection->words);
}

void connection_ex_free(void *parent, void *ptr, CRYPTO_EX_DATA *data, int index, long argl,
                        void *argp)
{
    struct place *place = place_for(parent);
    uintptr_t owner = owner_of(place);
    struct openssl *o = argp;

    (void)data, (void)index, (void)argl;
    if (owner == (uintptr_t)parent)
        release(o, &place->connection);
    if ((owner & ~VACANT) == (uintptr_t)parent)
        set_owner(place, 0);
    if (ptr != NULL) {
        release(o, ptr);
        free(ptr);
    }
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
