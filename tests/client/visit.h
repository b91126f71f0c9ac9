/* One connection of the client. */
#ifndef PINSHIM_TESTS_CLIENT_VISIT_H
#define PINSHIM_TESTS_CLIENT_VISIT_H

#include <sys/socket.h>

#include "tests/client/api.h"
#include "tests/client/report.h"

#define ALERTS_MAX 8

struct road;

struct visit {
    const struct road *road;
    unsigned index; /* 0 for the first of several */
    SSL_CTX *ctx;
    SSL *ssl;             /* owned by `bio` on the BIO roads */
    BIO *bio;             /* what is talked through; NULL: the SSL itself */
    SSL_SESSION *session; /* offered; NULL: none */
    int fd;
    /* After a call that came to nothing: waits, and says whether it is to be made again. */
    bool (*again)(struct visit *visit, int result);
    int alerts[ALERTS_MAX]; /* `where << 16 | value` of the info callback */
    size_t alert_count;
    unsigned handshakes_started, handshakes_done, steps; /* by the info callback */
    unsigned verify_calls;                               /* of the program's own callbacks */
    bool timed_out;                                      /* DTLS had to send something again */
    struct report report;
};

/* Makes one connection from `ctx`, offers `session` (may be NULL), asks, reads the answer, fills
 * and closes visit->report. Returns the session to offer next, NULL if there is none. */
SSL_SESSION *visit_run(struct visit *visit, unsigned index, SSL_CTX *ctx, SSL_SESSION *session);

/* The address of the server this visit goes to. */
void visit_address(const struct visit *visit, struct sockaddr_storage *address);

/* Connects a socket to the server this visit goes to. */
int visit_socket(const struct visit *visit);

/* Gives an SSL all that the options say of it, in the order they say. */
void visit_prepare(struct visit *visit, SSL *ssl);

#endif
