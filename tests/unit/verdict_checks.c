/* The decision where it asks for more than pins: `verify` and inspection CAs. Which questions it
 * asks, in which order, and what it makes of the answers. */
#include <string.h>

#include <criterion/criterion.h>

#include "config/verdict.h"
#include "tests/support/pki.h"
#include "tests/unit/load.h"

static struct scratch *scratch;

static void setup(void)
{
    const struct request request = {.ca = true};
    struct identity ca;

    scratch = scratch_new();
    pki_issue(scratch, "ca", NULL, &request, &ca);
    identity_free(&ca);
}

static void cleanup(void)
{
    scratch_free(scratch);
}

TestSuite(verdict_checks, .init = setup, .fini = cleanup);

/* The chain is a leaf, whose key hashes to zeros (PIN_A), and a CA, whose hashes to PIN_E. */
#define TOP "trust_anchors = ca.pem\n"
#define INSPECTED "inspection_cas = {\"file:ca.pem\"}\n"
#define CHAIN "verify = {chain} "
#define HOSTNAME "verify = {hostname} "
#define BOTH "verify = {chain, hostname} "
#define PINNED(pin, rest) "domain \"a.test\" { pins = {\"" pin "\"} " rest " }\n"
#define EXPIRED "expires = \"2020-01-01\" "
#define NOW INT64_C(1600000000) /* in September 2020 */

struct row {
    const char *config;
    const char *asks; /* P: a path; A: trust anchors; I: inspection CAs; H: the name. In capitals
                         when the answer is yes (P: it leads to the CA), else in small letters */
    enum verdict verdict;
    enum reason reason;
    enum action would;
    const char *sni; /* NULL: a.test */
    enum mode override;
    bool no_certificate, in_program;
};

static void answer(const struct row *row, size_t i, size_t asked, struct decision *d,
                   struct chain *chain)
{
    static const char letters[] = {[NEEDS_PATH] = 'P',
                                   [NEEDS_INSPECTED] = 'I',
                                   [NEEDS_ANCHORED] = 'A',
                                   [NEEDS_HOST_MATCHES] = 'H'};
    char letter = letters[d->need], given = asked < strlen(row->asks) ? row->asks[asked] : '\0';
    enum answer yes_or_no = given == letter ? ANSWER_YES : ANSWER_NO;

    cr_assert(given == letter || given == letter + 32, "row %zu: asks for %c after %zu others", i,
              letter, asked);
    if (d->need == NEEDS_PATH)
        chain->path_state = yes_or_no == ANSWER_YES ? PATH_VERIFIED : PATH_NONE;
    else if (d->need == NEEDS_INSPECTED)
        chain->inspected = yes_or_no;
    else if (d->need == NEEDS_ANCHORED)
        chain->anchored = yes_or_no;
    else
        chain->host_matches = yes_or_no;
}

static void check(const struct row *row, size_t i)
{
    struct cert_digests certs[2] = {{.position = POSITION_LEAF}, {.position = POSITION_ROOT}};
    const struct peer peer = {.sni = row->sni ? row->sni : "a.test"};
    struct chain chain = {
        .sent = certs, .sent_count = row->no_certificate ? 0 : 2, .path = certs, .path_count = 2};
    struct policy_match match;
    struct config config;
    struct decision d;
    size_t asked = 0;

    for (size_t k = 0; k < DIGEST_SIZE; k++)
        certs[1].spki[k] = (uint8_t) "\x10\x41\x04"[k % 3];
    must_load(scratch, scratch_format(scratch, TOP "%s", row->config), &config);
    const struct policy_view view = {.policy = config.policy,
                                     .scope = row->in_program,
                                     .override = row->override ? row->override : MODE_UNSET};
    policy_find(&view, &peer, &match);
    while (policy_judge(&view, &match, &chain, NOW, &d), d.need != NEEDS_NOTHING)
        answer(row, i, asked++, &d, &chain);
    cr_expect_eq(asked, strlen(row->asks), "row %zu: asks only %zu", i, asked);
    cr_expect_eq(d.verdict, row->verdict, "row %zu: %s", i, verdict_name(d.verdict));
    cr_expect_eq(d.reason, row->reason, "row %zu: %s", i, reason_name(d.reason));
    cr_expect_eq(d.would, row->would, "row %zu: would %s", i, action_name(d.would));
    cr_expect_eq(d.action,
                 d.mode == MODE_ENFORCE && d.verdict == VERDICT_FAIL ? ACTION_BLOCK : ACTION_ALLOW,
                 "row %zu: action %s", i, action_name(d.action));
    config_free(&config);
}

#define PASSES(why) .verdict = VERDICT_PASS, .reason = REASON_##why, .would = ACTION_ALLOW
#define FAILS(why) .verdict = VERDICT_FAIL, .reason = REASON_##why, .would = ACTION_BLOCK
#define UNPINNED(why) .verdict = VERDICT_UNPINNED, .reason = REASON_##why, .would = ACTION_ALLOW
#define WOULD(why) .verdict = VERDICT_UNPINNED, .reason = REASON_##why, .would = ACTION_BLOCK
#define OTHER .sni = "b.test"
#define NAMELESS .sni = ".."
#define OVER(mode_) .override = mode_
#define NO_CERT .no_certificate = true
#define IN_PROGRAM .in_program = true

static const struct row rows[] = {
    /* a section's own checks, behind its pins */
    {PINNED(PIN_A, ""), "", PASSES(PIN_MATCHED)},
    {PINNED(PIN_A, CHAIN), "A", PASSES(PIN_MATCHED)},
    {PINNED(PIN_A, CHAIN), "a", FAILS(CHAIN_INVALID)},
    {PINNED(PIN_A, HOSTNAME), "H", PASSES(PIN_MATCHED)},
    {PINNED(PIN_A, HOSTNAME), "h", FAILS(HOSTNAME_MISMATCH)},
    {PINNED(PIN_A, BOTH), "AH", PASSES(PIN_MATCHED)},
    {PINNED(PIN_A, BOTH), "Ah", FAILS(HOSTNAME_MISMATCH)},
    {PINNED(PIN_A, BOTH), "a", FAILS(CHAIN_INVALID)},
    {PINNED(PIN_E, BOTH), "PAH", PASSES(PIN_MATCHED)},
    {PINNED(PIN_E, BOTH), "Pa", FAILS(CHAIN_INVALID)},
    {PINNED(PIN_E, BOTH), "PAh", FAILS(HOSTNAME_MISMATCH)},
    /* a pin that does not match needs no more */
    {PINNED(PIN_I, BOTH), "P", FAILS(NO_PIN_MATCHED)},
    {PINNED(PIN_I, BOTH), "p", FAILS(NO_PIN_MATCHED)},
    {PINNED(PIN_I, "match = leaf " BOTH), "", FAILS(NO_PIN_MATCHED)},
    {PINNED(PIN_E, BOTH), "p", FAILS(PIN_NOT_IN_VALID_CHAIN)},
    {PINNED(PIN_A, BOTH), "", FAILS(NO_CERTIFICATE), NO_CERT},
    /* the most specific one counts */
    {BOTH PINNED(PIN_A, ""), "AH", PASSES(PIN_MATCHED)},
    {BOTH PINNED(PIN_A, "verify = {} "), "", PASSES(PIN_MATCHED)},
    {BOTH PINNED(PIN_A, CHAIN), "A", PASSES(PIN_MATCHED)},
    {CHAIN PINNED(PIN_A, HOSTNAME), "h", FAILS(HOSTNAME_MISMATCH)},
    {BOTH "program \"x\" { verify = {} }\n" PINNED(PIN_A, ""), "AH", PASSES(PIN_MATCHED)},
    {BOTH "program \"x\" { verify = {} }\n" PINNED(PIN_A, ""), "", PASSES(PIN_MATCHED), IN_PROGRAM},
    {"program \"x\" { " CHAIN "}\n" PINNED(PIN_A, ""), "a", FAILS(CHAIN_INVALID), IN_PROGRAM},
    {"program \"x\" { " CHAIN "}\n" PINNED(PIN_A, ""), "", PASSES(PIN_MATCHED)},
    {"program \"x\" { " CHAIN PINNED(PIN_A, HOSTNAME) "}\n", "H", PASSES(PIN_MATCHED), IN_PROGRAM},
    {"program \"x\" { " CHAIN PINNED(PIN_A, HOSTNAME) "}\n", "A", UNPINNED(NO_SECTION), IN_PROGRAM,
     OTHER},
    /* peers that no section names */
    {BOTH, "AH", UNPINNED(NO_SECTION), OTHER},
    {BOTH, "a", FAILS(CHAIN_INVALID), OTHER},
    {BOTH, "Ah", FAILS(HOSTNAME_MISMATCH), OTHER},
    {CHAIN, "A", UNPINNED(NO_SECTION), OTHER},
    {HOSTNAME, "H", UNPINNED(NO_SECTION), OTHER},
    {PINNED(PIN_A, BOTH), "", UNPINNED(NO_SECTION), OTHER},
    {BOTH "unpinned = audit\n", "AH", WOULD(NO_SECTION), OTHER},
    {BOTH "unpinned = audit\n", "a", FAILS(CHAIN_INVALID), OTHER},
    {BOTH "unpinned = block\n", "", FAILS(NO_SECTION), OTHER},
    {BOTH, "", FAILS(NO_CERTIFICATE), OTHER, NO_CERT},
    {BOTH "unpinned = block\n", "", FAILS(NO_SECTION), OTHER, NO_CERT},
    {BOTH, "AH", UNPINNED(NO_NAME), NAMELESS},
    {BOTH, "a", FAILS(CHAIN_INVALID), NAMELESS},
    {BOTH "unnamed = audit\n", "AH", WOULD(NO_NAME), NAMELESS},
    {BOTH "unnamed = audit\n", "Ah", FAILS(HOSTNAME_MISMATCH), NAMELESS},
    {BOTH "unnamed = block\n", "", FAILS(NO_NAME), NAMELESS},
    /* expired pins leave the checks */
    {PINNED(PIN_A, EXPIRED), "", UNPINNED(PINS_EXPIRED)},
    {PINNED(PIN_A, EXPIRED BOTH), "AH", UNPINNED(PINS_EXPIRED)},
    {PINNED(PIN_A, EXPIRED BOTH), "a", FAILS(CHAIN_INVALID)},
    {PINNED(PIN_A, EXPIRED BOTH), "Ah", FAILS(HOSTNAME_MISMATCH)},
    {"expired = block\n" PINNED(PIN_A, EXPIRED BOTH), "", FAILS(PINS_EXPIRED)},
    /* modes */
    {PINNED(PIN_A, CHAIN), "a", FAILS(CHAIN_INVALID), OVER(MODE_AUDIT)},
    {BOTH "mode = audit\n", "Ah", FAILS(HOSTNAME_MISMATCH), OTHER},
    {BOTH "mode = audit\n", "AH", UNPINNED(NO_SECTION), OTHER},
    {BOTH "mode = off\n", "", UNPINNED(NO_SECTION), OTHER},
    {BOTH "mode = off\n" PINNED(PIN_A, ""), "", UNPINNED(NO_SECTION)},
    {BOTH "mode = off\n" PINNED(PIN_A, "mode = enforce "), "AH", PASSES(PIN_MATCHED)},
    {BOTH "domain \"a.test\" { mode = off }\n", "", UNPINNED(NO_SECTION)},
    {"domain \"a.test\" { mode = off " BOTH "}\n", "", UNPINNED(NO_SECTION)},
    /* inspection CAs: asked for where the pins say no */
    {INSPECTED PINNED(PIN_A, ""), "", PASSES(PIN_MATCHED)},
    {INSPECTED PINNED(PIN_E, ""), "P", PASSES(PIN_MATCHED)},
    {INSPECTED PINNED(PIN_I, ""), "pI", PASSES(INSPECTION_CA)},
    {INSPECTED PINNED(PIN_I, ""), "PI", PASSES(INSPECTION_CA)},
    {INSPECTED PINNED(PIN_I, ""), "pi", FAILS(NO_PIN_MATCHED)},
    {INSPECTED PINNED(PIN_E, ""), "pi", FAILS(PIN_NOT_IN_VALID_CHAIN)},
    {INSPECTED PINNED(PIN_E, ""), "pI", PASSES(INSPECTION_CA)},
    {INSPECTED PINNED(PIN_I, "match = leaf "), "I", PASSES(INSPECTION_CA)},
    {INSPECTED PINNED(PIN_I, "match = leaf "), "i", FAILS(NO_PIN_MATCHED)},
    {INSPECTED PINNED(PIN_I, ""), "", FAILS(NO_CERTIFICATE), NO_CERT},
    {INSPECTED PINNED(PIN_I, ""), "pi", FAILS(NO_PIN_MATCHED), OVER(MODE_AUDIT)},
    {INSPECTED PINNED(PIN_I, ""), "pI", PASSES(INSPECTION_CA), OVER(MODE_AUDIT)},
    {INSPECTED PINNED(PIN_I, EXPIRED), "", UNPINNED(PINS_EXPIRED)},
    {INSPECTED "expired = block\n" PINNED(PIN_I, EXPIRED), "", FAILS(PINS_EXPIRED)},
    {INSPECTED "unpinned = block\n", "", FAILS(NO_SECTION), OTHER},
    {INSPECTED, "", UNPINNED(NO_SECTION), OTHER},
    {INSPECTED "program \"x\" { inspection_cas = {} }\n" PINNED(PIN_I, ""), "p",
     FAILS(NO_PIN_MATCHED), IN_PROGRAM},
    {"program \"x\" { " INSPECTED "}\n" PINNED(PIN_I, ""), "pI", PASSES(INSPECTION_CA), IN_PROGRAM},
    {"program \"x\" { " INSPECTED "}\n" PINNED(PIN_I, ""), "p", FAILS(NO_PIN_MATCHED)},
    /* both: it stands in for the trust anchors, but has no name to give */
    {INSPECTED PINNED(PIN_I, BOTH), "pIH", PASSES(INSPECTION_CA)},
    {INSPECTED PINNED(PIN_I, BOTH), "pIh", FAILS(HOSTNAME_MISMATCH)},
    {INSPECTED PINNED(PIN_I, BOTH), "pi", FAILS(NO_PIN_MATCHED)},
    {INSPECTED PINNED(PIN_A, BOTH), "AH", PASSES(PIN_MATCHED)},
    {INSPECTED PINNED(PIN_A, BOTH), "aIH", PASSES(INSPECTION_CA)},
    {INSPECTED PINNED(PIN_A, BOTH), "ai", FAILS(CHAIN_INVALID)},
    {INSPECTED BOTH, "AH", UNPINNED(NO_SECTION), OTHER},
    {INSPECTED BOTH, "aIH", PASSES(INSPECTION_CA), OTHER},
    {INSPECTED BOTH, "aIh", FAILS(HOSTNAME_MISMATCH), OTHER},
    {INSPECTED BOTH, "ai", FAILS(CHAIN_INVALID), OTHER},
    {INSPECTED BOTH, "aIH", PASSES(INSPECTION_CA), NAMELESS},
    {INSPECTED BOTH "unpinned = audit\n", "aIH", WOULD(NO_SECTION), OTHER},
    {INSPECTED BOTH "unpinned = block\n", "", FAILS(NO_SECTION), OTHER},
    {INSPECTED PINNED(PIN_A, EXPIRED BOTH), "aIH", UNPINNED(PINS_EXPIRED)},
    {INSPECTED PINNED(PIN_A, EXPIRED BOTH), "ai", FAILS(CHAIN_INVALID)},
};

Test(verdict_checks, rows)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(&rows[i], i);
}
