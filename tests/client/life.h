/* What a process does to itself around its handshakes (--life NAME), as programs do: daemons,
 * jails, threads, children, ends. */
#ifndef PINSHIM_TESTS_CLIENT_LIFE_H
#define PINSHIM_TESTS_CLIENT_LIFE_H

#include <stdbool.h>

#include "tests/client/api.h"

struct life {
    const char *name;
    void (*start)(char **argv);  /* first of all, before OpenSSL is looked for */
    void (*loaded)(void);        /* OpenSSL is there, no context yet */
    void (*ready)(SSL_CTX *ctx); /* the context is made, no connection yet */
    void (*run)(SSL_CTX *ctx);   /* in place of the usual connections */
    void (*end)(void);           /* after the last connection */
};

extern const struct life lives_of_descriptors[], lives_of_children[], lives_of_threads[],
    lives_of_signals[], lives_of_ends[], lives_of_jails[];

/* Finds the life that the options name, if any (else the program ends), and begins it. */
void life_start(char **argv);
void life_loaded(void);
void life_ready(SSL_CTX *ctx);

/* False: the life has no say in this; the usual is to be done. */
bool life_run(SSL_CTX *ctx);
void life_end(void);

/* Starts the program once more, in what `prepare` has made of the process; returns in the program
 * that was started so. */
void life_again(char **argv, void (*prepare)(void));

/* The command line without --life and its value. Valid until the next call. */
char **life_without(char **argv);

/* One usual connection, told on standard output. */
void life_visit(unsigned index, SSL_CTX *ctx);

/* A line of JSON with one number, on standard output. */
void life_tell(const char *name, long value);

#endif
