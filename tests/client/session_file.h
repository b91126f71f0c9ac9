/* Sessions on disk, as mail servers and SSL_SESSION caches keep them. */
#ifndef PINSHIM_TESTS_CLIENT_SESSION_FILE_H
#define PINSHIM_TESTS_CLIENT_SESSION_FILE_H

#include "tests/client/api.h"

/* The session in the file, to be freed. Ends the program when there is none. */
SSL_SESSION *session_file_read(const char *path);

void session_file_write(const char *path, SSL_SESSION *session);

#endif
