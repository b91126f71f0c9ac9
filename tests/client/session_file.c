#include "tests/client/session_file.h"

#include <stdio.h>

#include "tests/client/options.h"

enum { SESSION_SIZE = 16384 };

static unsigned char buffer[SESSION_SIZE];

SSL_SESSION *session_file_read(const char *path)
{
    FILE *file = fopen(path, "re");
    const unsigned char *p = buffer;
    SSL_SESSION *session;
    size_t length;

    if (!file)
        die("--session-in %s", path);
    length = fread(buffer, 1, sizeof buffer, file);
    fclose(file);
    session = api.d2i_SSL_SESSION(NULL, &p, (long)length);
    if (!session)
        die("--session-in %s: no session", path);
    return session;
}

void session_file_write(const char *path, SSL_SESSION *session)
{
    unsigned char *p = buffer;
    FILE *file;
    int length = session ? api.i2d_SSL_SESSION(session, NULL) : 0;

    if (length <= 0 || (size_t)length > sizeof buffer || api.i2d_SSL_SESSION(session, &p) != length)
        die("--session-out %s: no session", path);
    file = fopen(path, "we");
    if (!file || fwrite(buffer, 1, (size_t)length, file) != (size_t)length || fclose(file) != 0)
        die("--session-out %s", path);
}
