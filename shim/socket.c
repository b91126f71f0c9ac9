#include "shim/socket.h"

#include <sys/socket.h>

#include "shim/connection.h"

static bool ask_for_peer(struct openssl *o, BIO *bio, struct address *address, uint16_t *port)
{
    struct sockaddr_storage peer = {.ss_family = AF_UNSPEC};
    long length;

    o->ERR_set_mark();
    length = o->BIO_ctrl(bio, BIO_CTRL_DGRAM_GET_PEER, sizeof peer, &peer);
    o->ERR_pop_to_mark();
    return length > 0 &&
           address_from_sockaddr((struct sockaddr *)&peer, (socklen_t)length, address, port);
}

/* The peer that the program gave a BIO for datagrams whose socket it left unconnected. */
static bool datagram_peer(struct openssl *o, BIO *bio, struct address *address, uint16_t *port)
{
    bio = bio == NULL ? NULL : o->BIO_find_type(bio, BIO_TYPE_DGRAM);
    return bio != NULL && ask_for_peer(o, bio, address, port);
}

static bool find_datagram_peer(struct openssl *o, SSL *ssl, struct peer *peer)
{
    const struct connection *connection = connection_get(o, ssl);

    if (connection != NULL && connection->sent_to.bits != 0) {
        peer->address = connection->sent_to;
        peer->port = connection->sent_to_port;
        return true;
    }
    return datagram_peer(o, o->SSL_get_wbio(ssl), &peer->address, &peer->port) ||
           datagram_peer(o, o->SSL_get_rbio(ssl), &peer->address, &peer->port);
}

void socket_note_datagram(struct openssl *o, SSL *ssl)
{
    struct connection *connection;
    struct address address;
    uint16_t port;

    if (datagram_peer(o, o->SSL_get_wbio(ssl), &address, &port)) {
        connection = connection_make(o, ssl);
        if (connection != NULL) {
            connection->sent_to = address;
            connection->sent_to_port = port;
        }
    }
}

int socket_under(struct openssl *o, SSL *ssl)
{
    return o->SSL_get_rbio(ssl) != NULL ? o->SSL_get_rfd(ssl) : -1; /* none is an error */
}

bool socket_peer(struct openssl *o, SSL *ssl, struct peer *peer)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    int fd = socket_under(o, ssl);

    if (fd < 0)
        return false;
    if (getpeername(fd, (struct sockaddr *)&address, &length) != 0)
        return find_datagram_peer(o, ssl, peer);
    return address_from_sockaddr((struct sockaddr *)&address, length, &peer->address, &peer->port);
}
