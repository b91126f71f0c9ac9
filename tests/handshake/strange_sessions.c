/* Sessions that say of their peer what nobody has verified: forged ones, those of another section
 * of the same name, those made in audit, those of another library context. */
#include <stdio.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/ssl.h>

#include "tests/handshake/session_trips.h"

TestSuite(strange_sessions, .init = scene_open, .fini = scene_close);

/* forged */

enum { SESSION_SIZE = 32768, PEER = 3 /* the tag of the certificate in an encoded session */ };

/* Copies the elements of an encoded session, with this certificate as the peer's. Returns the
 * length. */
static size_t replace_peer(const unsigned char *in, long length, X509 *cert, unsigned char *out)
{
    unsigned char *to = out;
    const unsigned char *end;
    int tag, class, replaced = 0;

    cr_assert_eq(ASN1_get_object(&in, &length, &tag, &class, length) & 0x80, 0);
    for (end = in + length; in < end;) {
        const unsigned char *element = in;
        cr_assert_eq(ASN1_get_object(&in, &length, &tag, &class, end - in) & 0x80, 0);
        in += length;
        if (class == V_ASN1_CONTEXT_SPECIFIC && tag == PEER) {
            ASN1_put_object(&to, 1, i2d_X509(cert, NULL), PEER, V_ASN1_CONTEXT_SPECIFIC);
            i2d_X509(cert, &to);
            replaced++;
        } else {
            memcpy(to, element, (size_t)(in - element));
            to += in - element;
        }
    }
    cr_assert_eq(replaced, 1);
    return (size_t)(to - out);
}

/* Makes the session in {dir}/session one of a peer that showed this certificate. */
static void forge(const struct identity *peer)
{
    static unsigned char kept[SESSION_SIZE], elements[SESSION_SIZE], forged[SESSION_SIZE];
    FILE *file = fopen(scratch_path(scene.scratch, "session"), "re");
    unsigned char *to = forged;
    const unsigned char *from = forged;
    size_t length;

    cr_assert(file);
    length = replace_peer(kept, (long)fread(kept, 1, sizeof kept, file), peer->cert, elements);
    fclose(file);
    ASN1_put_object(&to, 1, (int)length, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
    memcpy(to, elements, length);
    to += length;
    SSL_SESSION *session = d2i_SSL_SESSION(NULL, &from, to - forged);
    cr_assert(session, "OpenSSL does not read what was forged");
    cr_assert_eq(X509_cmp(SSL_SESSION_get0_peer(session), peer->cert), 0);
    SSL_SESSION_free(session);
    scratch_write(scene.scratch, "session", 0600, forged, (size_t)(to - forged));
}

/* The wrong peer's session, with the pinned one's certificate in it. Its keys are the wrong peer's,
 * who resumes it. */
static void forged(const char *client, const char *load)
{
    struct trip trip = {.client =
                            scratch_format(scene.scratch, "%s --session-in {dir}/session", client),
                        .load = load,
                        .server = SHARED "--request-client-cert --early-data",
                        .identity = &scene.pki.mis_issued};

    scene_pin(scene.pki.genuine.pin);
    session_keep(&scene.pki.mis_issued, client, load);
    forge(&scene.pki.genuine);
    session_full_handshake(trip, "session_not_verified", true);
}

#define FORGED(row, loaded, client)                                                                \
    Test(strange_sessions, row)                                                                    \
    {                                                                                              \
        forged(client, loaded);                                                                    \
    }

FORGED(forged_1_2, NULL, VERIFYING "--tls 1.2")
FORGED(forged_1_3, NULL, VERIFYING "--tls 1.3")
FORGED(forged_careless_1_2, NULL, CARELESS "--tls 1.2")
FORGED(forged_careless_1_3, NULL, CARELESS "--tls 1.3")
FORGED(forged_by_write_1_2, NULL, CARELESS "--tls 1.2 --road write")
FORGED(forged_by_write_1_3, NULL, CARELESS "--tls 1.3 --road write")
FORGED(forged_by_early_data, NULL, CARELESS "--tls 1.3 --road early_data")
FORGED(forged_by_dup, NULL, CARELESS "--carry dup")
FORGED(forged_by_copy, NULL, CARELESS "--carry copy")
FORGED(forged_dlsym, "dlsym", CARELESS)
FORGED(forged_deepbind, "deepbind", CARELESS "--info ctx")

/* two sections of one name */

#define TWO_PORTS "--sni " HOST " --verify none --times 2 --resume "

/* What was verified for the one port says nothing of the other, whose pins differ. */
static void pin_each_port(unsigned port)
{
    scene_policy("domain \"" HOST "\" { ports = {%u} pins = {\"%s\"} }\n"
                 "domain \"" HOST "\" { ports = {%u} pins = {\"%s\"} }\n",
                 port, scene.pki.mis_issued.pin, scene.ports[1], scene.pki.genuine.pin);
}

static void from_other_port(const char *client, const struct identity *second)
{
    struct trip trip = {.client = client,
                        .server = SHARED,
                        .identity = &scene.pki.mis_issued,
                        .second = second,
                        .policy = pin_each_port};

    session_full_handshake(trip, "session_not_verified", second != &scene.pki.genuine);
}

#define FROM_OTHER_PORT(row, client)                                                               \
    Test(strange_sessions, row##_to_pinned_peer)                                                   \
    {                                                                                              \
        from_other_port(client, &scene.pki.genuine);                                               \
    }                                                                                              \
    Test(strange_sessions, row##_to_wrong_peer)                                                    \
    {                                                                                              \
        from_other_port(client, &scene.pki.mis_issued);                                            \
    }

FROM_OTHER_PORT(other_port_1_2, TWO_PORTS "--tls 1.2")
FROM_OTHER_PORT(other_port_1_3, TWO_PORTS "--tls 1.3")
FROM_OTHER_PORT(other_port_by_write, TWO_PORTS "--road write")
FROM_OTHER_PORT(other_port_session_first, TWO_PORTS "--set-session-first")

/* made in audit */

/* The first port's section is in audit, the second's in enforce, whatever mode is asked for. */
static void audit_then_enforce(unsigned port)
{
    scene_policy("lock_mode = true\n"
                 "domain \"" HOST "\" { ports = {%u} mode = \"audit\" pins = {\"%s\"} }\n"
                 "domain \"" HOST "\" { ports = {%u} mode = \"enforce\" pins = {\"%s\"} }\n",
                 port, scene.pki.genuine.pin, scene.ports[1], scene.pki.genuine.pin);
}

/* By a peer that audit let through against its pins, or by the pinned one. */
static void made_in_audit(const char *client, const struct identity *first,
                          const struct identity *second)
{
    struct trip trip = {.client = client,
                        .server = SHARED,
                        .identity = first,
                        .second = second,
                        .policy = audit_then_enforce};
    struct result bare = scene_run(trip, NULL), protected = scene_run(trip, "audit");
    const json_t *made = json_array_get(protected.events, 1); /* behind the policy's own */

    cr_assert_eq(session_reused(&bare), 1, "%s", bare.outcome.out);
    cr_assert_eq(session_reused(&protected), 0, "%s", protected.outcome.out);
    expect_string(made, "mode", "audit");
    expect_string(made, "verdict", first == &scene.pki.genuine ? "pass" : "fail");
    expect_string(events_last(protected.events, "handshake", HOST), "mode", "enforce");
    if (second == &scene.pki.genuine) {
        expect_works(&protected);
        expect_verdict(&protected, "pass", "pin_matched", "allow", "allow");
    } else {
        expect_refused(&protected);
        expect_verdict(&protected, "fail", "no_pin_matched", "block", "block");
    }
    result_free(&bare);
    result_free(&protected);
}

Test(strange_sessions, made_in_audit)
{
    made_in_audit(TWO_PORTS, &scene.pki.genuine, &scene.pki.genuine);
}

Test(strange_sessions, made_in_audit_against_the_pins)
{
    made_in_audit(TWO_PORTS, &scene.pki.mis_issued, &scene.pki.genuine);
}

Test(strange_sessions, made_in_audit_by_the_wrong_peer)
{
    made_in_audit(TWO_PORTS "--tls 1.2", &scene.pki.mis_issued, &scene.pki.mis_issued);
}

Test(strange_sessions, made_in_audit_by_the_wrong_peer_by_write)
{
    made_in_audit(TWO_PORTS "--road write", &scene.pki.mis_issued, &scene.pki.mis_issued);
}

/* other library contexts (OSSL_LIB_CTX_set0_default): watched in each */

static void over_libctx(const char *arguments)
{
#if OPENSSL_VERSION_NUMBER < 0x30000000L
    cr_skip_test("library contexts are of OpenSSL 3.0, not of %s%s", OPENSSL_VERSION_TEXT,
                 arguments);
#endif
    struct trip trip = scene_trip(&scene.pki.genuine, true);

    trip.client = scratch_format(scene.scratch, VERIFYING "%s", arguments);
    scene_pin(scene.pki.genuine.pin);
    expect_invisible(trip, "enforce", "pass", "pin_matched", "allow");
    trip.client = scratch_format(scene.scratch, CARELESS "%s", arguments);
    trip.identity = &scene.pki.mis_issued;
    expect_refusal(trip, "no_pin_matched");
    struct result bare = scene_run(trip, NULL), audit = scene_run(trip, "audit");
    expect_same(&bare, &audit);
    expect_string(events_last(audit.events, "handshake", HOST), "verdict", "fail");
    result_free(&bare);
    result_free(&audit);
}

#define OVER_LIBCTX(row, arguments)                                                                \
    Test(strange_sessions, row)                                                                    \
    {                                                                                              \
        over_libctx(arguments);                                                                    \
    }                                                                                              \
    Test(strange_sessions, row##_by_write)                                                         \
    {                                                                                              \
        over_libctx(arguments " --road write");                                                    \
    }                                                                                              \
    Test(strange_sessions, row##_by_memory)                                                        \
    {                                                                                              \
        over_libctx(arguments " --road memory");                                                   \
    }

OVER_LIBCTX(libctx_before, "--libctx before")
OVER_LIBCTX(libctx_after, "--libctx after")
OVER_LIBCTX(libctx_around, "--libctx around")

/* Resumed in the context that is the default one now; from disk it is not. */
static void resumes_over_libctx(const char *arguments)
{
#if OPENSSL_VERSION_NUMBER < 0x30000000L
    cr_skip_test("library contexts are of OpenSSL 3.0, not of %s%s", OPENSSL_VERSION_TEXT,
                 arguments);
#endif
    struct trip trip = {.identity = &scene.pki.genuine, .server = SHARED};

    trip.client = scratch_format(scene.scratch, VERIFYING "--times 2 --resume %s", arguments);
    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    cr_assert_eq(session_reused(&bare), 1);
    expect_same(&bare, &enforce);
    result_free(&bare);
    result_free(&enforce);
    session_keep(&scene.pki.mis_issued, CARELESS, NULL);
    trip.client =
        scratch_format(scene.scratch, CARELESS "--session-in {dir}/session %s", arguments);
    trip.identity = &scene.pki.mis_issued;
    session_full_handshake(trip, "session_not_verified", true);
}

Test(strange_sessions, libctx_after_resuming)
{
    resumes_over_libctx("--libctx after");
}

Test(strange_sessions, libctx_around_resuming)
{
    resumes_over_libctx("--libctx around");
}

Test(strange_sessions, libctx_after_resuming_by_write)
{
    resumes_over_libctx("--libctx after --road write");
}

Test(strange_sessions, libctx_between)
{
    resumes_over_libctx("--libctx between");
}
