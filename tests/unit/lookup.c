/* Which section a peer falls under, and by which name (docs/names.md). */
#include <string.h>

#include <criterion/criterion.h>

#include "config/program.h"
#include "tests/support/names_table.h"
#include "tests/unit/load.h"

static struct scratch *scratch;

static void setup(void)
{
    scratch = scratch_new();
}

static void cleanup(void)
{
    scratch_free(scratch);
}

TestSuite(lookup, .init = setup, .fini = cleanup);

static void find(const struct config *config, const char *text, struct policy_match *match)
{
    struct policy_view view = {.policy = config->policy, .override = MODE_UNSET};
    struct names_peer row;
    struct peer peer;

    names_peer_read(text, &row);
    peer = (struct peer){.sni = row.sni,
                         .verify_host = row.verify,
                         .resolved = row.resolved,
                         .port = (uint16_t)row.port,
                         .likely_port = (uint16_t)row.likely};
    if (row.program) {
        const char *slash = strrchr(row.program, '/');
        view.scope = program_scope(config->policy, row.program, slash ? slash + 1 : row.program);
    }
    if (row.address)
        cr_assert(address_parse(row.address, &peer.address));
    policy_find(&view, &peer, match);
}

Test(lookup, table)
{
    struct config config = {0};

    cr_expect_geq(NAMES_TABLE_SIZE, 200);
    for (size_t i = 0; i < NAMES_TABLE_SIZE; i++) {
        const struct names_row *row = &NAMES_TABLE[i];
        struct policy_match match;
        const char *title = "none";

        if (i == 0 || strcmp(row->config, row[-1].config) != 0) {
            config_free(&config);
            must_load(scratch, row->config, &config);
        }
        find(&config, row->peer, &match);
        if (match.section)
            title = policy_string(config.policy, match.section->title);
        cr_expect_str_eq(title, row->section ? row->section : "none", "%s in:\n%s: section %s",
                         row->peer, row->config, title);
        cr_expect_str_eq(match.host, row->host, "%s in:\n%s: host %s", row->peer, row->config,
                         match.host);
        cr_expect_str_eq(host_source_name(match.source), row->source, "%s in:\n%s: source %s",
                         row->peer, row->config, host_source_name(match.source));
    }
    config_free(&config);
}

/* Of two sections that ask for the same, either may be taken while the port is not known: but one
 * of them is. */
Test(lookup, unknown_port_without_a_guess)
{
    struct config config;
    struct policy_match match;

    must_load(scratch, DOMAIN("a.test", "ports = {1}") DOMAIN("a.test", "ports = {2}"), &config);
    find(&config, "sni=a.test", &match);
    cr_assert(match.section, "a port that cannot be known matches");
    cr_expect_str_eq(policy_string(config.policy, match.section->title), "a.test");
    config_free(&config);
}

/* PINSHIM_MODE may make sections equal: then the likely port chooses. */
Test(lookup, strictness_is_that_of_the_mode_in_force)
{
    struct config config;
    struct policy_match match;
    struct peer peer = {.sni = "a.test", .likely_port = 1};

    must_load(scratch, DOMAIN("a.test", "ports = {1} mode = audit") DOMAIN("a.test", "ports = {2}"),
              &config);
    for (enum mode mode = MODE_AUDIT; mode <= MODE_ENFORCE; mode++) {
        const struct policy_view view = {.policy = config.policy, .override = mode};
        policy_find(&view, &peer, &match);
        cr_expect_eq(match.section->mode, MODE_AUDIT, "%s", mode_name(mode));
    }
    config_free(&config);
}
