/* A TLS library that is no OpenSSL and has names of OpenSSL's in it, as wolfSSL and BoringSSL do.
 * It says on standard output what it is asked. Built with WHOLE it has all that makes an object
 * look like a libssl; without, it lacks SSL_CTX_set_cert_verify_callback. */
#ifndef PINSHIM_TESTS_PROBES_FOREIGN_LIBRARY_H
#define PINSHIM_TESTS_PROBES_FOREIGN_LIBRARY_H

typedef void foreign_callback(void);

#ifdef WHOLE
#    define FOREIGN_FUNCTIONS_OF_WHOLE(X)                                                          \
        X(void, SSL_CTX_set_cert_verify_callback, (void *, foreign_callback *, void *))
#else
#    define FOREIGN_FUNCTIONS_OF_WHOLE(X)
#endif

#define FOREIGN_FUNCTIONS(X)                                                                       \
    X(const void *, TLS_client_method, (void))                                                     \
    X(void *, SSL_CTX_new, (const void *method))                                                   \
    X(void *, SSL_new, (void *ctx))                                                                \
    X(int, SSL_connect, (void *ssl))                                                               \
    X(int, SSL_do_handshake, (void *ssl))                                                          \
    X(int, SSL_set_session, (void *ssl, void *session))                                            \
    X(void, SSL_set_info_callback, (void *ssl, foreign_callback *callback))                        \
    X(foreign_callback *, SSL_get_info_callback, (const void *ssl))                                \
    FOREIGN_FUNCTIONS_OF_WHOLE(X)

#define DECLARE(result, name, arguments) result name arguments;
FOREIGN_FUNCTIONS(DECLARE)
#undef DECLARE

#endif
