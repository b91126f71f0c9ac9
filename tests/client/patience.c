#include "tests/client/patience.h"

#include <string.h>

#include "tests/client/roads.h"

int patient_connect(struct visit *v)
{
    int result;

    while ((result = api.SSL_connect(v->ssl)) <= 0 && v->again(v, result))
        ;
    return result;
}

int patient_do_handshake(struct visit *v)
{
    int result;

    while ((result = api.SSL_do_handshake(v->ssl)) <= 0 && v->again(v, result))
        ;
    return result;
}

int patient_write(struct visit *v, const char *data, int length)
{
    int result;

    while ((result = api.SSL_write(v->ssl, data, length)) <= 0 && v->again(v, result))
        ;
    return result;
}

int patient_request(struct visit *v)
{
    return patient_write(v, request, (int)strlen(request));
}

int patient_read(struct visit *v, char *data, int size)
{
    int result;

    while ((result = api.SSL_read(v->ssl, data, size)) <= 0 && v->again(v, result))
        ;
    return result;
}
