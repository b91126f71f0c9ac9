/* The client's command line. */
#ifndef PINSHIM_TESTS_CLIENT_OPTIONS_H
#define PINSHIM_TESTS_CLIENT_OPTIONS_H

#include <stdbool.h>

struct options {
    const char *load;               /* api.h */
    const char *road;               /* roads.h */
    const char *address, *address2; /* of the server */
    const char *port, *port2;
    const char *sni, *sni2;
    const char *verify_host, *verify_ip;
    const char *resolve, *resolver;
    const char *verify; /* none, peer */
    const char *ca;
    const char *cert, *key;
    const char *verify_callback;      /* accept */
    const char *cert_verify_callback; /* verification.c */
    const char *cert_verify_when;     /* early, late, info */
    const char *verify_switch;        /* before, during, ctx-during, info, cert, after */
    const char *purpose, *lenient, *lenient_store; /* lenience.h */
    const char *info;                              /* none, ctx, ctx-late, ssl, ssl-late, both */
    const char *tls;
    const char *psk;
    bool psk_beside_session;
    const char *times, *threads;
    const char *fork;                 /* before, after, between, threaded, during */
    const char *serve;                /* one, two: server_role.h */
    const char *peer_cert, *peer_key; /* of the peer that is served */
    const char *expect_key;           /* a certificate's */
    const char *session_in, *session_out;
    const char *life, *life_file, *life_number; /* life.h */
    const char *twin, *twin_scope, *libraries;  /* twin.h */
    const char *apart;           /* opened in a namespace of its own, before all else */
    const char *chroot, *setuid; /* rights.h */
    bool reload, pause;          /* pause.h */
    const char *carry;           /* dup, copy, cache */
    const char *libctx;          /* before, after, around, between */
    bool no_request, stale_errors, anonymous, resume, renegotiate;
    bool ignore_failure, mem_functions, set_session_first, pending_signals, look_first, crowd;
    bool switch_ctx, switch_ctx_between, quick_timer, quic_too;
    bool raw_key, show_raw_key; /* raw_key.h */
    bool alone;                 /* each thread for itself: see threads.h */
    const char *beside;         /* an address of its own to have a plain connection to */
    bool silent;                /* ... over which nothing comes */
    bool ask_for_tls;           /* as PostgreSQL's clients do */
    bool unseen;                /* connects past the C library */
};

extern struct options options;

/* Fills `options`. Ends the program when the command line is wrong. */
void options_parse(int argc, char **argv);

/* Is the option's value this word? */
bool option_is(const char *value, const char *word);

/* Ends the program with status 2 and a message. */
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
