/* Default library contexts that change while the program runs (OpenSSL 3.0 and later). */
#ifndef PINSHIM_TESTS_CLIENT_LIBCTX_H
#define PINSHIM_TESTS_CLIENT_LIBCTX_H

/* When it is this moment that --libctx says ("before" or "after" the SSL_CTX is made, "between" the
 * first and the second connection), makes a new library context the default one. At "after" with
 * --libctx around it is the first one again. Ends the program where OpenSSL has none. */
void libctx_change(const char *moment);

#endif
