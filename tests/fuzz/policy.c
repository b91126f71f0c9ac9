/* A policy image with any octets in it: where policy_valid says yes, every lookup stays inside. The
 * input: pairs of a place (two octets) and what is put there (one octet). */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "config/verdict.h"
#include "tests/fuzz/support/fuzz.h"

#define PIN "pins = {\"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"} "

static struct policy *good;

static void make_policy(void)
{
    static const char text[] =
        "mode = audit events = {\"stderr\", \"file:/e\"}\n"
        "domain \"a.test\" { ports = {1, 2} owner = \"o\" " PIN "}\n"
        "domain \"a.test\" { ports = {3} match = leaf expires = \"2030-01-01\" " PIN "}\n"
        "domain \"*.b.test\" { " PIN "verify = {\"hostname\"} }\n"
        "domain \"**.c.test\" { mode = off }\n"
        "domain \"10.0.0.0/8\" { " PIN "}\n"
        "domain \"2001:db8::/32\" { " PIN "}\n"
        "program \"curl\" { unpinned = block domain \"a.test\" { " PIN "} }\n";
    const char *path = fuzz_write("policy.conf", text, strlen(text));
    struct config_error error;
    struct config config;

    if (!config_load(path, geteuid(), &config, &error))
        fuzz_fail(error.file, (int)error.line, error.text);
    HOLDS(policy_valid(config.policy, config.policy->size));
    good = config.policy;
    config.policy = NULL;
    config_free(&config);
}

static void judge(const struct policy_view *view, const struct policy_match *match)
{
    const struct cert_digests leaf = {.position = POSITION_LEAF};
    const struct chain chain = {.sent = &leaf, .sent_count = 1, .path_state = PATH_NONE};
    struct decision decision;

    policy_judge(view, match, &chain, 0, &decision);
    HOLDS(decision.need != NEEDS_NOTHING || reason_name(decision.reason) != NULL);
    if (match->section != NULL) {
        HOLDS(strlen(policy_string(view->policy, match->section->title)) < good->size);
        HOLDS(strlen(policy_string(view->policy, match->section->owner)) < good->size);
    }
}

static void look_up(const struct policy *policy, uint32_t scope)
{
    static const char *const names[] = {"a.test", "x.b.test", "c.test", "x.c.test", "none"};
    static const char *const addresses[] = {"10.1.2.3", "2001:db8::1", "192.0.2.1"};
    const struct policy_view view = {.policy = policy, .scope = scope, .override = MODE_UNSET};
    struct policy_match match;
    struct peer peer;
    size_t length;

    for (uint16_t port = 0; port <= 3; port++)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            peer = (struct peer){.sni = names[i], .port = port, .likely_port = 2};
            policy_find(&view, &peer, &match);
            judge(&view, &match);
        }
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        peer = (struct peer){.port = 0};
        HOLDS(address_parse(addresses[i], &peer.address));
        policy_find(&view, &peer, &match);
        judge(&view, &match);
    }
    for (uint32_t i = 0; i < policy_sink_count(&view); i++)
        HOLDS(strlen(policy_sink(&view, i)) < good->size);
    for (uint32_t i = 0; i < policy_inspection_count(&view); i++) {
        const uint8_t *der = policy_inspection_ca(&view, i, &length);
        HOLDS(length <= policy->size && (length == 0 || *der <= 255));
    }
    HOLDS(strlen(policy_trust_anchors(&view)) < good->size);
    policy_strictest_mode(&view);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    struct policy *changed;
    uint32_t length;

    if (good == NULL)
        make_policy();
    length = good->size;
    changed = malloc(length); /* as long as it is, and no octet longer */
    HOLDS(changed != NULL);
    memcpy(changed, good, length);
    for (size_t i = 0; i + 3 <= size; i += 3)
        ((uint8_t *)changed)[(input[i] << 8 | input[i + 1]) % length] = input[i + 2];
    if (policy_valid(changed, length)) {
        char id[17];
        policy_id(changed, id);
        for (uint32_t i = 0; i < changed->scopes.count && i < 3; i++)
            look_up(changed, i);
        policy_scope_for(changed, "/usr/bin/curl", "curl");
    }
    free(changed);
    return 0;
}
