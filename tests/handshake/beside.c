/* Programs that hand OpenSSL a BIO of their own and have other connections beside: which of them is
 * the peer's is known by what went over it. Where it is not, the strictest of what may be counts.
 */
#include "tests/handshake/naming.h"
#include "tests/handshake/session_trips.h"

TestSuite(beside, .init = scene_open, .fini = scene_close);

#define MEMORY "--road memory --sni none "
#define ASKS MEMORY "--ask-for-tls "

#define BESIDE(row, client, server, policy, host, source, title, address)                          \
    Test(beside, row)                                                                              \
    {                                                                                              \
        naming((struct naming){client, server, NULL, policy, host, source, title, address});       \
    }

#define TWO(row, policy, host, source, title)                                                      \
    BESIDE(row, MEMORY "--beside 127.0.0.1", NULL, policy, host, source, title, "127.0.0.1")       \
    BESIDE(row##_elsewhere, MEMORY "--beside 127.0.0.2", NULL, policy, host, source, title,        \
           "127.0.0.1")

TWO(address, SECTION("127.0.0.1"), "127.0.0.1", "none", "127.0.0.1")
TWO(network, SECTION("127.0.0.0/8"), "127.0.0.1", "none", "127.0.0.0/8")
TWO(no_section, SECTION("127.0.0.3"), NULL, "none", NULL)
BESIDE(name_without_section, "--road memory --sni " HOST " --beside 127.0.0.2", NULL,
       SECTION("127.0.0.1"), "127.0.0.1", "none", "127.0.0.1", "127.0.0.1")
BESIDE(resolved, MEMORY "--resolve localhost --beside 127.0.0.2", NULL, SECTION("localhost"),
       "localhost", "resolver", "localhost", "127.0.0.1")

/* Other words went before the handshake, so any connection that stands may be its. */
#define ASKING(row, beside, policy, host, title, address)                                          \
    BESIDE(asking_##row, ASKS beside, "--starttls postgres", policy, host, "none", title, address)

ASKING(alone, "", SECTION("127.0.0.1"), "127.0.0.1", "127.0.0.1", "127.0.0.1")
ASKING(same_address, "--beside 127.0.0.1", SECTION("127.0.0.1"), "127.0.0.1", "127.0.0.1",
       "127.0.0.1")
ASKING(elsewhere, "--beside 127.0.0.2", SECTION("127.0.0.1"), "127.0.0.1", "127.0.0.1", "127.0.0.1")
ASKING(no_section, "--beside 127.0.0.2", SECTION("127.0.0.3"), NULL, NULL, NULL)
ASKING(off_elsewhere, "--beside 127.0.0.2",
       SECTION("127.0.0.1") "domain \"127.0.0.2\" { mode = off }\n", "127.0.0.1", "127.0.0.1",
       "127.0.0.1")

/* A plain connection may be a second one to whoever the pins are for. */
ASKING(the_other_is_pinned, "--beside 127.0.0.2", SECTION("127.0.0.2"), "127.0.0.2", "127.0.0.2",
       "127.0.0.2")

/* What has sent less than libssl has read is none of its connections. */
ASKING(silent_elsewhere, "--beside 127.0.0.2 --silent", SECTION("127.0.0.2"), NULL, NULL,
       "127.0.0.1")

static void on_no_port(unsigned port)
{
    (void)port;
    scene_policy("domain \"" HOST "\" { ports = {1} " WRONG_PIN " }\n");
}

static void port_unknown(const char *client, const char *server)
{
    struct trip trip = {.client = client,
                        .server = server,
                        .policy = on_no_port,
                        .identity = &scene.pki.mis_issued};

    expect_refusal(trip, "no_pin_matched");
}

/* What cannot be known matches any `ports`. */
Test(beside, port_of_a_connection_that_nobody_saw)
{
    port_unknown("--sni " HOST " --road memory --unseen", NULL);
}

Test(beside, port_of_a_connection_that_nobody_saw_beside_another)
{
    port_unknown("--sni " HOST " --road memory --unseen --beside 127.0.0.1", NULL);
}

Test(beside, port_where_other_words_went_before)
{
    port_unknown("--sni " HOST " --road memory --ask-for-tls", "--starttls postgres");
}

/* A session of the one server, offered when nothing has been sent yet, so that the connection to
 * it might be the latest; and another server that can resume it. */
static void second_port_apart(unsigned port)
{
    (void)port;
    scene_policy("domain \"127.0.0.0/8\" { pins = {\"%s\"} }\n"
                 "domain \"127.0.0.1\" { ports = {%u} " WRONG_PIN " }\n",
                 scene.pki.genuine.pin, scene.ports[1]);
}

Test(beside, session_of_another)
{
    struct trip trip = {.client = MEMORY "--beside 127.0.0.1 --times 2 --resume",
                        .server = SHARED,
                        .policy = second_port_apart,
                        .identity = &scene.pki.genuine,
                        .second = &scene.pki.genuine};
    struct result refused = scene_run(trip, "enforce");

    expect_nothing_sent(&refused, 1);
    expect_verdict(&refused, "fail", "session_not_verified", "block", "block");
    result_free(&refused);
}

/* Over BIOs that have carried another connection before. */
Test(beside, bios_used_again)
{
    struct trip trip = {.client = "--sni none --road memory_again",
                        .identity = &scene.pki.genuine,
                        .second = &scene.pki.mis_issued};

    scene_policy("domain \"127.0.0.1\" { pins = {\"%s\"} }\n", scene.pki.genuine.pin);
    struct result refused = scene_run(trip, "enforce");

    expect_nothing_sent(&refused, 1);
    expect_verdict(&refused, "fail", "no_pin_matched", "block", "block");
    result_free(&refused);
}
