/* Handshakes in which the peer shows no certificate: anonymous ones, and those by a key that both
 * know. A pinned name must show the pinned key. */
#include "tests/handshake/scene.h"

TestSuite(nocert, .init = scene_open, .fini = scene_close);

#define KEY "00112233445566778899aabbccddeeff"
#define ANONYMOUS "--sni " HOST " --anonymous "
#define PSK_1_2 "--sni " HOST " --psk " KEY " --tls 1.2 "
#define PSK_1_3 "--sni " HOST " --psk " KEY " --tls 1.3 "

/* Refused and not a byte sent; in audit nothing changes but the event. */
static void refused(const char *client, const char *load, const char *server)
{
    struct trip trip = {.client = client, .load = load, .server = server};

    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");

    expect_works(&bare);
    expect_nothing_sent(&enforce, 0);
    expect_verdict(&enforce, "fail", "no_certificate", "block", "block");
    expect_refused(&enforce);
    result_free(&bare);
    result_free(&enforce);
    expect_invisible(trip, "audit", "fail", "no_certificate", "block");
}

#define REFUSED_BY(row, loaded, client, server)                                                    \
    Test(nocert, row)                                                                              \
    {                                                                                              \
        refused(client, loaded, server);                                                           \
    }                                                                                              \
    Test(nocert, row##_ignoring_failure)                                                           \
    {                                                                                              \
        refused(client " --ignore-failure", loaded, server);                                       \
    }

#define EVERY_ROAD(row, client, server)                                                            \
    REFUSED_BY(row##_connect, NULL, client "--road connect", server)                               \
    REFUSED_BY(row##_do_handshake, NULL, client "--road do_handshake", server)                     \
    REFUSED_BY(row##_write, NULL, client "--road write", server)                                   \
    REFUSED_BY(row##_read, NULL, client "--road read", server " --greeting hello")                 \
    REFUSED_BY(row##_bio_connect, NULL, client "--road bio_connect", server)                       \
    REFUSED_BY(row##_bio_handshake, NULL, client "--road bio_handshake", server)                   \
    REFUSED_BY(row##_bio_chain, NULL, client "--road bio_chain", server)                           \
    REFUSED_BY(row##_memory, NULL, client "--road memory", server)                                 \
    REFUSED_BY(row##_memory_write, NULL, client "--road memory_write", server)                     \
    REFUSED_BY(row##_nonblocking, NULL, client "--road nonblocking", server)                       \
    REFUSED_BY(row##_dup, NULL, client "--road dup", server)                                       \
    REFUSED_BY(row##_own_info_callbacks, NULL, client "--road write --info both", server)          \
    REFUSED_BY(row##_no_info_callback, NULL, client "--road write --info none", server)            \
    REFUSED_BY(row##_dlsym, "dlsym", client "--road write", server)                                \
    REFUSED_BY(row##_dlsym_local, "dlsym-local", client "--road connect", server)                  \
    REFUSED_BY(row##_dlvsym, "dlvsym", client "--road bio_chain", server)                          \
    REFUSED_BY(row##_plugin, "plugin", client "--road write", server)                              \
    REFUSED_BY(row##_deepbind, "deepbind", client "--road write --info ctx", server)               \
    REFUSED_BY(row##_deepbind_own_info_callback, "deepbind", client "--road write --info ssl",     \
               server)

EVERY_ROAD(anonymous, ANONYMOUS, "--anonymous")
EVERY_ROAD(psk_1_2, PSK_1_2, "--tls1.2 --psk " KEY)
EVERY_ROAD(psk_1_3, PSK_1_3, "--psk " KEY)
REFUSED_BY(psk_early_data, NULL, PSK_1_3 "--road early_data", "--early-data --psk " KEY)
REFUSED_BY(psk_early_data_dlsym, "dlsym", PSK_1_3 "--road early_data", "--early-data --psk " KEY)
REFUSED_BY(psk_early_data_deepbind, "deepbind", PSK_1_3 "--road early_data --info ctx",
           "--early-data --psk " KEY)

/* A program that only ever meant to have a certificate, and verifies it, is none the safer. */
REFUSED_BY(anonymous_verifying, NULL, ANONYMOUS "--verify peer --ca {ca} --verify-host " HOST,
           "--anonymous")

/* Names that nobody pinned go on as ever. */
static void untouched(const char *client, const char *server)
{
    struct trip trip = {.client = client, .server = server};

    scene_policy("domain \"other.example.test\" { pins = {\"%s\"} }\n", scene.pki.genuine.pin);
    expect_invisible(trip, "enforce", "unpinned", "no_section", "allow");
}

Test(nocert, unpinned_anonymous)
{
    untouched(ANONYMOUS, "--anonymous");
}

Test(nocert, unpinned_psk)
{
    untouched(PSK_1_3, "--psk " KEY);
}
