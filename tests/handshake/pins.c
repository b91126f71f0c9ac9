/* The forms of pins, and the positions in a chain at which they match. */
#include "tests/handshake/scene.h"

TestSuite(pins, .init = scene_open, .fini = scene_close);

#define PIN_FORM(row, config, reason, which)                                                       \
    Test(pins, row)                                                                                \
    {                                                                                              \
        const struct identity *id = &scene.pki.genuine;                                            \
        scene_policy("domain \"" HOST "\" {\n" config "\n}\n", scene.pki.mis_issued.pin,           \
                     id->which);                                                                   \
        expect_pass(scene_trip(id, true), reason, id->which, "leaf");                              \
        expect_pass(scene_trip(id, false), reason, id->which, "leaf");                             \
    }

PIN_FORM(leaf, "pins = {\"%s\", \"%s\"}", "pin_matched", pin)
PIN_FORM(leaf_as_backup, "pins = {\"%s\"} backup_pins = {\"%s\"}", "backup_pin_matched", pin)
PIN_FORM(leaf_certificate, "pins = {\"%s\", \"%s\"}", "pin_matched", cert_pin)
PIN_FORM(leaf_certificate_as_backup, "pins = {\"%s\"} backup_pins = {\"%s\"}", "backup_pin_matched",
         cert_pin)

Test(pins, file_of_the_certificate)
{
    scene_policy("domain \"" HOST "\" { pins = {\"file:%s\"} }\n", scene.pki.genuine.leaf_file);
    expect_pass(scene_trip(&scene.pki.genuine, true), "pin_matched", scene.pki.genuine.pin, "leaf");
    expect_refusal(scene_trip(&scene.pki.mis_issued, true), "no_pin_matched");
}

/* A renewed certificate with the old key. */
Test(pins, same_key_in_a_new_certificate)
{
    struct identity renewed = {0};
    const struct request request = {.key = scene.pki.genuine.key};

    pki_issue(scene.scratch, "renewed", &scene.pki.intermediate, &request, &renewed);
    scene_pin(scene.pki.genuine.pin);
    expect_pass(scene_trip(&renewed, true), "pin_matched", scene.pki.genuine.pin, "leaf");
    scene_pin(scene.pki.genuine.cert_pin);
    expect_refusal(scene_trip(&renewed, true), "no_pin_matched");
    identity_free(&renewed);
}

static void match(const char *position, const char *pin, const char *found_at)
{
    scene_policy("domain \"" HOST "\" { pins = {\"%s\"} match = \"%s\" }\n", pin, position);
    for (unsigned verifying = 0; verifying < 2; verifying++) {
        if (found_at)
            expect_pass(scene_trip(&scene.pki.genuine, verifying), "pin_matched", pin, found_at);
        else
            expect_refusal(scene_trip(&scene.pki.genuine, verifying), "no_pin_matched");
    }
}

#define MATCH(row, position, which, found_at)                                                      \
    Test(pins, row)                                                                                \
    {                                                                                              \
        match(position, scene.pki.which, found_at);                                                \
    }

MATCH(match_any_leaf, "any", genuine.pin, "leaf")
MATCH(match_leaf_leaf, "leaf", genuine.pin, "leaf")
MATCH(match_ca_leaf, "ca", genuine.pin, NULL)
MATCH(match_intermediate_leaf, "intermediate", genuine.pin, NULL)
MATCH(match_root_leaf, "root", genuine.pin, NULL)
MATCH(match_any_intermediate, "any", intermediate.pin, "intermediate")
MATCH(match_ca_intermediate, "ca", intermediate.pin, "intermediate")
MATCH(match_intermediate_intermediate, "intermediate", intermediate.pin, "intermediate")
MATCH(match_intermediate_certificate, "intermediate", intermediate.cert_pin, "intermediate")
MATCH(match_leaf_intermediate, "leaf", intermediate.pin, NULL)
MATCH(match_root_intermediate, "root", intermediate.pin, NULL)

/* A root that is not sent: the client's own anchors lead to it, if it has any. */
static void root(const char *client, const char *position, bool found)
{
    struct trip trip = {.client = client, .identity = &scene.pki.genuine};

    scene_policy("domain \"" HOST "\" { pins = {\"%s\"} match = \"%s\" }\n", scene.pki.root.pin,
                 position);
    if (found)
        expect_pass(trip, "pin_matched", scene.pki.root.pin, "root");
    else
        expect_refusal(trip, "no_pin_matched");
}

Test(pins, root_in_store_of_verifying_client)
{
    root(VERIFYING, "any", true);
    root(VERIFYING, "root", true);
    root(VERIFYING, "ca", true);
}

Test(pins, root_in_store_of_careless_client)
{
    root("--sni " HOST " --verify none --ca {ca}", "any", true);
}

Test(pins, root_in_store_with_callback_that_accepts_all)
{
    root("--sni " HOST " --verify peer --ca {ca} --verify-callback accept", "any", true);
}

Test(pins, root_in_no_store)
{
    root("--sni " HOST " --verify none", "any", false);
}

Test(pins, root_is_no_intermediate)
{
    root(VERIFYING, "intermediate", false);
}
