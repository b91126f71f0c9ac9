/* Every version of TLS there is, and the turns a handshake can take before the certificate. The
 * server asks for a client certificate in all. */
#include "tests/handshake/scene.h"

TestSuite(versions, .init = scene_open, .fini = scene_close);

/* What makes a row the row it says: the server's record of the bare run. */
struct shape {
    const char *tls, *cipher; /* NULL: any */
    long hellos;
};

static void expect_shape(const struct result *bare, const struct shape *shape)
{
    const json_t *record = json_array_get(bare->records, 0);

    expect_string(record, "tls", shape->tls);
    if (shape->cipher)
        expect_string(record, "cipher", shape->cipher);
    expect_number(record, "hellos", shape->hellos);
    cr_assert(field_true(record, "client_cert"));
}

static void both_pins(const char *const clients[2], const char *server, const struct shape *shape,
                      const struct identity *genuine, const struct identity *other)
{
    scene_pin(genuine->pin);
    for (unsigned careless = 0; careless < 2; careless++) {
        struct trip right = {.client = clients[careless], .server = server, .identity = genuine};
        struct trip wrong = {.client = clients[careless], .server = server, .identity = other};
        struct result bare = scene_run(right, NULL);
        expect_shape(&bare, shape);
        result_free(&bare);
        expect_invisible(right, "enforce", "pass", "pin_matched", "allow");
        expect_refusal(wrong, "no_pin_matched");
        struct result refused = scene_run(wrong, "enforce");
        expect_nothing_sent(&refused, 0);
        result_free(&refused);
        expect_invisible(wrong, "audit", "fail", "no_pin_matched", "block");
    }
}

#define VERSION(row, arguments, options, ...)                                                      \
    Test(versions, row)                                                                            \
    {                                                                                              \
        static const char *const clients[] = {VERIFYING arguments, CARELESS arguments};            \
        static const struct shape shape = __VA_ARGS__;                                             \
        both_pins(clients, "--request-client-cert " options, &shape, &scene.pki.genuine,           \
                  &scene.pki.mis_issued);                                                          \
    }

#define EVERY_ROAD(row, arguments, options, ...)                                                   \
    VERSION(row, arguments, options, __VA_ARGS__)                                                  \
    VERSION(row##_by_write, arguments " --road write", options, __VA_ARGS__)                       \
    VERSION(row##_by_bio_chain, arguments " --road bio_chain", options, __VA_ARGS__)               \
    VERSION(row##_by_memory, arguments " --road memory", options, __VA_ARGS__)                     \
    VERSION(row##_nonblocking, arguments " --road nonblocking", options, __VA_ARGS__)

EVERY_ROAD(tls_1_0, "--tls 1.0", "--weak", {.tls = "TLSv1", .hellos = 1})
EVERY_ROAD(tls_1_1, "--tls 1.1", "--weak", {.tls = "TLSv1.1", .hellos = 1})
EVERY_ROAD(tls_1_2, "--tls 1.2", "", {.tls = "TLSv1.2", .hellos = 1})
EVERY_ROAD(tls_1_3, "--tls 1.3", "", {.tls = "TLSv1.3", .hellos = 1})

/* No client's first guess: a HelloRetryRequest (RFC 8446 section 4.1.4). */
EVERY_ROAD(hello_retry, "--tls 1.3", "--groups P-384", {.tls = "TLSv1.3", .hellos = 2})

/* The certificate's own key decrypts, and signs nothing: a server proves possession only with its
 * Finished, after the client has spoken (RFC 5246 section 7.4.7.1). */
static void rsa_key_exchange(const char *arguments, const char *server, const char *tls)
{
    const struct request request = {.key_type = PKI_RSA2048};
    const struct shape shape = {.tls = tls, .cipher = "AES128-SHA", .hellos = 1};
    const char *const clients[] = {scratch_format(scene.scratch, "%s%s", VERIFYING, arguments),
                                   scratch_format(scene.scratch, "%s%s", CARELESS, arguments)};
    struct identity genuine = {0}, other = {0};

    pki_issue(scene.scratch, "genuine-rsa", &scene.pki.intermediate, &request, &genuine);
    pki_issue(scene.scratch, "other-rsa", &scene.pki.intermediate, &request, &other);
    both_pins(clients, server, &shape, &genuine, &other);
    identity_free(&genuine);
    identity_free(&other);
}

#define RSA_SERVER "--request-client-cert --ciphers AES128-SHA "

Test(versions, rsa_key_exchange_1_2)
{
    rsa_key_exchange("--tls 1.2", RSA_SERVER, "TLSv1.2");
}

Test(versions, rsa_key_exchange_1_2_by_write)
{
    rsa_key_exchange("--tls 1.2 --road write", RSA_SERVER, "TLSv1.2");
}

Test(versions, rsa_key_exchange_1_0)
{
    rsa_key_exchange("--tls 1.0", RSA_SERVER "--weak", "TLSv1");
}
