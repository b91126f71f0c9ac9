/* OpenSSL's calls, made again for as long as the visit says so: for roads that do not block. */
#ifndef PINSHIM_TESTS_CLIENT_PATIENCE_H
#define PINSHIM_TESTS_CLIENT_PATIENCE_H

#include "tests/client/visit.h"

/* SSL_connect, SSL_do_handshake, and a first SSL_write of the request. Return what the last call
 * did, as all of these. visit->again decides whether there is another. */
int patient_connect(struct visit *visit);
int patient_do_handshake(struct visit *visit);
int patient_request(struct visit *visit);

/* SSL_write and SSL_read. */
int patient_write(struct visit *visit, const char *data, int length);
int patient_read(struct visit *visit, char *data, int size);

#endif
