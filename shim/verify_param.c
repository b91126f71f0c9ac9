#include "shim/verify_param.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "config/text.h"

/* 1.1.1's object has 112 octets; the fields that are looked for lie before its last. */
enum { WORDS = 14 };

static void read_words(const X509_VERIFY_PARAM *param, uintptr_t words[WORDS])
{
    memcpy(words, param, WORDS * sizeof *words);
}

/* The one word that was 0 and has become a pointer, or `value`; 0 when there is none, or several.
 */
static unsigned find_set(const uintptr_t before[WORDS], const uintptr_t after[WORDS],
                         uintptr_t value)
{
    unsigned found = 0;

    for (unsigned i = 1; i < WORDS; i++)
        if (before[i] == 0 && (value != 0 ? after[i] == value : after[i] > UINT16_MAX)) {
            if (found != 0)
                return 0;
            found = i;
        }
    return found;
}

void verify_param_learn(struct openssl *o)
{
    static const unsigned char address[4] = {127, 0, 0, 1};
    uintptr_t before[WORDS], after[WORDS];
    X509_VERIFY_PARAM *param;

    if (o->X509_VERIFY_PARAM_get0_host != NULL)
        return;
    param = o->X509_VERIFY_PARAM_new();
    if (param == NULL)
        return;
    read_words(param, before);
    if (o->X509_VERIFY_PARAM_set1_host(param, "localhost", 0) == 1) {
        read_words(param, after);
        o->verify_hosts_word = find_set(before, after, 0);
        memcpy(before, after, sizeof before);
    }
    if (o->X509_VERIFY_PARAM_set1_ip(param, address, sizeof address) == 1) {
        read_words(param, after);
        o->verify_ip_word = find_set(before, after, 0);
        o->verify_ip_length_word = find_set(before, after, sizeof address);
    }
    o->X509_VERIFY_PARAM_free(param);
}

static bool keep(const char *name, char *out, size_t size)
{
    struct text text;

    text_init(&text, out, size);
    text_add(&text, name != NULL ? name : "");
    return text.length > 0;
}

static bool host_by_getter(struct openssl *o, X509_VERIFY_PARAM *param, char *out, size_t size)
{
    bool found = keep(o->X509_VERIFY_PARAM_get0_host(param, 0), out, size);
    char *ip;

    if (found || o->X509_VERIFY_PARAM_get1_ip_asc == NULL)
        return found;
    o->ERR_set_mark(); /* that there is none is an error */
    ip = o->X509_VERIFY_PARAM_get1_ip_asc(param);
    found = keep(ip, out, size);
    o->CRYPTO_free(ip, __FILE__, __LINE__);
    o->ERR_pop_to_mark();
    return found;
}

static bool host_by_field(struct openssl *o, const X509_VERIFY_PARAM *param, char *out, size_t size)
{
    uintptr_t words[WORDS];
    const void *hosts, *ip;
    int family;

    read_words(param, words);
    hosts = (const void *)words[o->verify_hosts_word];
    if (o->verify_hosts_word != 0 && hosts != NULL && o->OPENSSL_sk_num(hosts) > 0)
        return keep(o->OPENSSL_sk_value(hosts, 0), out, size);
    ip = (const void *)words[o->verify_ip_word];
    if (o->verify_ip_word == 0 || o->verify_ip_length_word == 0 || ip == NULL)
        return false;
    family = words[o->verify_ip_length_word] == sizeof(struct in_addr)    ? AF_INET
             : words[o->verify_ip_length_word] == sizeof(struct in6_addr) ? AF_INET6
                                                                          : AF_UNSPEC;
    return family != AF_UNSPEC && inet_ntop(family, ip, out, (socklen_t)size) != NULL;
}

bool verify_param_host(struct openssl *o, const X509_VERIFY_PARAM *param, char *out, size_t size)
{
    /* Since 3.0 the getter takes an object that it does not change. */
    return o->X509_VERIFY_PARAM_get0_host != NULL
               ? host_by_getter(o, (X509_VERIFY_PARAM *)param, out, size)
               : host_by_field(o, param, out, size);
}
