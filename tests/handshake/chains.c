#include "tests/handshake/chains.h"

enum { ISSUED_MAX = 16 };

static struct identity issued[ISSUED_MAX];
static size_t issued_count;

struct identity *issue(const char *name, const struct identity *issuer, struct request request)
{
    struct identity *identity = &issued[issued_count++];

    cr_assert_leq(issued_count, ISSUED_MAX);
    pki_issue(scene.scratch, name, issuer, &request, identity);
    return identity;
}

void chains_close(void)
{
    while (issued_count > 0)
        identity_free(&issued[--issued_count]);
    scene_close();
}

static void fool(const struct identity *identity, const char *server, const char *reason)
{
    static const char *const clients[] = {
        CARELESS,
        CARELESS "--ca {ca}",
        "--sni " HOST " --verify peer --ca {ca} --verify-callback accept" CLIENT_CERT,
        "--sni " HOST " --verify peer --ca {ca} --cert-verify-callback accept" CLIENT_CERT,
        CARELESS "--road write",
    };

    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++) {
        struct trip trip = {.client = clients[i], .server = server, .identity = identity};
        expect_refusal(trip, reason);
    }
}

void fools_nobody(const struct identity *identity, const char *reason)
{
    fool(identity, "--request-client-cert", reason);
}

void weakness_fools_nobody(const struct identity *identity, const char *reason)
{
    fool(identity, "--request-client-cert --weak", reason);
}

struct trip chain_trip(const struct identity *identity, bool verifying, const char *ca_file)
{
    struct trip trip = scene_trip(identity, false);

    if (verifying)
        trip.client = scratch_format(
            scene.scratch,
            "--sni " HOST " --verify-host " HOST " --verify peer --ca %s" CLIENT_CERT, ca_file);
    return trip;
}

void expect_refusal_and_audit(struct trip trip, const char *reason)
{
    expect_refusal(trip, reason);
    expect_invisible(trip, "audit", "fail", reason, "block");
}
