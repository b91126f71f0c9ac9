/* The decision. Certificates here are digests: 'L' leaf, 'I' intermediate, 'R' root, 'X' others. */
#include "config/verdict.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <criterion/criterion.h>

#include "config/date.h"
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

TestSuite(verdict, .init = setup, .fini = cleanup);

/* Each certificate's key hashes to its letter over and over, its DER to the letter in lower case.
 */
static void make_chain(const char *letters, struct cert_digests *out, size_t *count)
{
    for (*count = 0; letters[*count]; ++*count) {
        char c = letters[*count];
        memset(out[*count].spki, c, DIGEST_SIZE);
        memset(out[*count].cert, c + 32, DIGEST_SIZE);
        out[*count].position = *count == 0 ? POSITION_LEAF
                               : c == 'R'  ? POSITION_ROOT
                                           : POSITION_INTERMEDIATE;
    }
}

#define L4(h) h h h h
#define HEX32(h) L4(h) L4(h) L4(h) L4(h) L4(h) L4(h) L4(h) L4(h)
/* 'L', 'I', 'R', 'X' thirty-two times, as base64. */
#define KEY_L "sha256/TExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTEw="
#define KEY_I "sha256/SUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUk="
#define KEY_R "sha256/UlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlJSUlI="
#define KEY_N "sha256/Tk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk4=" /* nobody's */
#define CERT_L "cert-sha256/" HEX32("6c")
#define CERT_I "cert-sha256/" HEX32("69")

#define SECTION(rest) "domain \"a.test\" { " rest " }\n"
#define PINS(pins, rest) SECTION("pins = {\"" pins "\"} " rest)
#define BACKUP(pins, backups) SECTION("pins = {\"" pins "\"} backup_pins = {\"" backups "\"}")

struct row {
    const char *config;
    const char *sent; /* letters, the leaf first */
    const char *path; /* NULL: not tried; "": there is none; letters: verified */
    enum verdict verdict;
    enum reason reason;
    enum action action, would;
    const char *pin; /* letter of the pin that matched */
    bool backup;
    enum position position;
    enum need need;
    bool pins_expired;
    enum mode mode, override;
    const char *sni; /* NULL: a.test */
    int64_t now;
};

static void judge(const struct row *row, const struct config *config, struct decision *decision)
{
    struct policy_view view = {.policy = config->policy, .override = row->override};
    const struct peer peer = {.sni = row->sni ? row->sni : "a.test"};
    struct cert_digests sent[8], path[8];
    struct chain chain = {.sent = sent, .path = path};
    struct policy_match match;

    make_chain(row->sent, sent, &chain.sent_count);
    if (row->path) {
        chain.path_state = *row->path ? PATH_VERIFIED : PATH_NONE;
        make_chain(row->path, path, &chain.path_count);
    }
    policy_find(&view, &peer, &match);
    policy_judge(&view, &match, &chain, row->now, decision);
}

static void check(const char *table, size_t i, const struct row *row)
{
    struct config config;
    struct decision d;

    must_load(scratch, row->config, &config);
    judge(row, &config, &d);
    cr_expect_eq(d.need, row->need, "%s[%zu]: need", table, i);
    if (row->need == NEEDS_NOTHING) {
        cr_expect_eq(d.verdict, row->verdict, "%s[%zu]: %s", table, i, verdict_name(d.verdict));
        cr_expect_eq(d.reason, row->reason, "%s[%zu]: %s", table, i, reason_name(d.reason));
        cr_expect_eq(d.action, row->action, "%s[%zu]: action %s", table, i, action_name(d.action));
        cr_expect_eq(d.would, row->would, "%s[%zu]: would %s", table, i, action_name(d.would));
        cr_expect_eq(!d.pin, !row->pin, "%s[%zu]: pin", table, i);
        if (d.pin && row->pin)
            cr_expect_eq(d.pin->digest[0], (uint8_t)*row->pin, "%s[%zu]: pin %c", table, i,
                         d.pin->digest[0]);
        cr_expect_eq(d.backup, row->backup, "%s[%zu]: backup", table, i);
        cr_expect_eq(d.position, row->position, "%s[%zu]: position", table, i);
        cr_expect_eq(d.pins_expired, row->pins_expired, "%s[%zu]: expired", table, i);
        cr_expect_eq(d.mode, row->mode, "%s[%zu]: mode %s", table, i, mode_name(d.mode));
    }
    config_free(&config);
}

#define CHECK(table)                                                                               \
    for (size_t i = 0; i < sizeof(table) / sizeof *(table); i++)                                   \
    check(#table, i, &(table)[i])

#define ENFORCE .mode = MODE_ENFORCE, .override = MODE_UNSET
#define PASS(letter, where)                                                                        \
    .verdict = VERDICT_PASS, .reason = REASON_PIN_MATCHED, .pin = letter, .position = where, ENFORCE
#define PASS_BACKUP(letter, where)                                                                 \
    .verdict = VERDICT_PASS, .reason = REASON_BACKUP_PIN_MATCHED, .pin = letter, .backup = true,   \
    .position = where, ENFORCE
#define FAIL(why)                                                                                  \
    .verdict = VERDICT_FAIL, .reason = why, .action = ACTION_BLOCK, .would = ACTION_BLOCK, ENFORCE
#define ASK .need = NEEDS_PATH, ENFORCE
#define LEAF POSITION_LEAF
#define MIDDLE POSITION_INTERMEDIATE
#define ROOT POSITION_ROOT
#define NO_PIN REASON_NO_PIN_MATCHED
#define NOT_IN_PATH REASON_PIN_NOT_IN_VALID_CHAIN

static const struct row chains[] = {
    /* the leaf's key is proven by the handshake: no path needed */
    {PINS(KEY_L, ""), "L", NULL, PASS("L", LEAF)},
    {PINS(KEY_L, ""), "LIR", NULL, PASS("L", LEAF)},
    {PINS(KEY_L, "match = \"leaf\""), "LI", NULL, PASS("L", LEAF)},
    {PINS(CERT_L, ""), "LI", NULL, PASS("l", LEAF)},
    {PINS(KEY_N "\", \"" KEY_L, ""), "LI", NULL, PASS("L", LEAF)},
    {BACKUP(KEY_L, KEY_N), "LI", NULL, PASS("L", LEAF)},
    {BACKUP(KEY_N, KEY_L), "LI", NULL, PASS_BACKUP("L", LEAF)},
    {SECTION("backup_pins = {\"" KEY_L "\"}"), "LI", NULL, PASS_BACKUP("L", LEAF)},
    {BACKUP(KEY_L, KEY_L), "LI", NULL, PASS("L", LEAF)},
    {BACKUP(KEY_N, CERT_L), "LI", NULL, PASS_BACKUP("l", LEAF)},
    /* no leaf pin matches: a path is asked for, unless only leaves may match */
    {PINS(KEY_N, ""), "LIR", NULL, ASK},
    {PINS(KEY_I, ""), "LIR", NULL, ASK},
    {PINS(KEY_L, "match = \"ca\""), "LI", NULL, ASK},
    {PINS(KEY_N, "match = \"leaf\""), "LI", NULL, FAIL(NO_PIN)},
    {PINS(KEY_I, "match = \"leaf\""), "LI", NULL, FAIL(NO_PIN)},
    {PINS(KEY_I, "match = \"leaf\""), "LI", "LIR", FAIL(NO_PIN)},
    /* on a verified path */
    {PINS(KEY_I, ""), "LI", "LIR", PASS("I", MIDDLE)},
    {PINS(KEY_R, ""), "LI", "LIR", PASS("R", ROOT)},
    {PINS(CERT_I, ""), "LI", "LIR", PASS("i", MIDDLE)},
    {PINS(KEY_I, "match = \"intermediate\""), "LI", "LIR", PASS("I", MIDDLE)},
    {PINS(KEY_I, "match = \"ca\""), "LI", "LIR", PASS("I", MIDDLE)},
    {PINS(KEY_R, "match = \"ca\""), "LI", "LIR", PASS("R", ROOT)},
    {PINS(KEY_R, "match = \"root\""), "LI", "LIR", PASS("R", ROOT)},
    {BACKUP(KEY_N, KEY_I), "LI", "LIR", PASS_BACKUP("I", MIDDLE)},
    {PINS(KEY_R, "match = \"intermediate\""), "LI", "LIR", FAIL(NO_PIN)},
    {PINS(KEY_I, "match = \"root\""), "LI", "LIR", FAIL(NO_PIN)},
    {PINS(KEY_L, "match = \"ca\""), "LI", "LIR", FAIL(NO_PIN)},
    {PINS(KEY_L, "match = \"intermediate\""), "LI", "LIR", FAIL(NO_PIN)},
    {PINS(KEY_N, ""), "LI", "LIR", FAIL(NO_PIN)},
    /* merely sent along: OkHttp's CVE-2016-2402 */
    {PINS(KEY_I, ""), "XI", "", FAIL(NOT_IN_PATH)},
    {PINS(KEY_R, ""), "XIR", "XYR", PASS("R", ROOT)},
    {PINS(KEY_I, ""), "XI", "XYR", FAIL(NOT_IN_PATH)},
    {PINS(KEY_L, ""), "XL", "XYR", FAIL(NOT_IN_PATH)},
    {PINS(KEY_L, ""), "XL", "", FAIL(NOT_IN_PATH)},
    {PINS(CERT_I, ""), "XYI", "XY", FAIL(NOT_IN_PATH)},
    {BACKUP(KEY_N, KEY_I), "XI", "", FAIL(NOT_IN_PATH)},
    {PINS(KEY_I, "match = \"root\""), "XI", "", FAIL(NO_PIN)},
    /* the leaf is the one that was sent */
    {PINS(KEY_L, ""), "X", "LIR", FAIL(NO_PIN)},
    {PINS(KEY_L, "match = \"leaf\""), "XL", "", FAIL(NO_PIN)},
    {PINS(KEY_L, "match = \"leaf\""), "XL", "XLR", FAIL(NO_PIN)},
    {PINS(KEY_N, ""), "LI", "", FAIL(NO_PIN)},
    {PINS(KEY_I, ""), "L", "", FAIL(NO_PIN)},
    /* a key pin is no certificate's, and the other way round */
    {PINS("cert-sha256/" HEX32("4c"), ""), "L", "", FAIL(NO_PIN)},
    {PINS("sha256/bGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGw=", ""), "L", "", FAIL(NO_PIN)},
    /* anonymous, PSK */
    {PINS(KEY_L, ""), "", NULL, FAIL(REASON_NO_CERTIFICATE)},
    {PINS(KEY_L, "match = \"leaf\""), "", NULL, FAIL(REASON_NO_CERTIFICATE)},
};

Test(verdict, chains)
{
    CHECK(chains);
}

#define UNPINNED(why) .verdict = VERDICT_UNPINNED, .reason = why, ENFORCE
#define WOULD(why) .verdict = VERDICT_UNPINNED, .reason = why, .would = ACTION_BLOCK, ENFORCE
#define OTHER .sni = "other.test"
#define NAMELESS .sni = ".."
#define A PINS(KEY_L, "")

static const struct row rules[] = {
    {A, "X", NULL, UNPINNED(REASON_NO_SECTION), OTHER},
    {"unpinned = allow\n" A, "X", NULL, UNPINNED(REASON_NO_SECTION), OTHER},
    {"unpinned = audit\n" A, "X", NULL, WOULD(REASON_NO_SECTION), OTHER},
    {"unpinned = block\n" A, "X", NULL, FAIL(REASON_NO_SECTION), OTHER},
    {"unpinned = block\n" A, "", NULL, FAIL(REASON_NO_SECTION), OTHER},
    {"unpinned = block\n" A, "L", NULL, PASS("L", LEAF)},
    /* unnamed: as unpinned when it is not given */
    {A, "X", NULL, UNPINNED(REASON_NO_NAME), NAMELESS},
    {"unpinned = block\n" A, "X", NULL, FAIL(REASON_NO_NAME), NAMELESS},
    {"unpinned = audit\n" A, "X", NULL, WOULD(REASON_NO_NAME), NAMELESS},
    {"unpinned = block\nunnamed = allow\n" A, "X", NULL, UNPINNED(REASON_NO_NAME), NAMELESS},
    {"unnamed = audit\n" A, "X", NULL, WOULD(REASON_NO_NAME), NAMELESS},
    {"unnamed = block\n" A, "X", NULL, FAIL(REASON_NO_NAME), NAMELESS},
    {"unnamed = block\n" A, "X", NULL, UNPINNED(REASON_NO_SECTION), OTHER},
    {"mode = audit\nunpinned = block\n" A, "X", NULL, OTHER, .verdict = VERDICT_FAIL,
     .reason = REASON_NO_SECTION, .would = ACTION_BLOCK, .mode = MODE_AUDIT,
     .override = MODE_UNSET},
};

Test(verdict, rules)
{
    CHECK(rules);
}

#define OFF SECTION("mode = off")
#define MODES(text, sent_, over, mode_, verdict_, reason_, action_, would_)                        \
    {                                                                                              \
        text, sent_, "", verdict_, reason_, action_, would_, .mode = mode_, .override = over       \
    }
#define BLOCKS(text, over)                                                                         \
    MODES(text, "X", over, MODE_ENFORCE, VERDICT_FAIL, NO_PIN, ACTION_BLOCK, ACTION_BLOCK)
#define AUDITS(text, over)                                                                         \
    MODES(text, "X", over, MODE_AUDIT, VERDICT_FAIL, NO_PIN, ACTION_ALLOW, ACTION_BLOCK)
#define SLEEPS(text, over)                                                                         \
    MODES(text, "X", over, MODE_OFF, VERDICT_UNPINNED, REASON_NO_SECTION, ACTION_ALLOW,            \
          ACTION_ALLOW)

static const struct row modes[] = {
    BLOCKS(A, MODE_UNSET),
    BLOCKS(A, MODE_ENFORCE),
    AUDITS(A, MODE_AUDIT),
    SLEEPS(A, MODE_OFF),
    AUDITS("mode = audit\n" A, MODE_UNSET),
    BLOCKS("mode = audit\n" A, MODE_ENFORCE),
    SLEEPS("mode = off\n" A, MODE_UNSET),
    AUDITS("mode = off\n" A, MODE_AUDIT),
    /* the section's own */
    AUDITS(PINS(KEY_L, "mode = audit"), MODE_UNSET),
    BLOCKS(PINS(KEY_L, "mode = audit"), MODE_ENFORCE),
    BLOCKS("mode = audit\n" PINS(KEY_L, "mode = enforce"), MODE_UNSET),
    SLEEPS(PINS(KEY_L, "mode = off"), MODE_UNSET),
    /* lock_mode: only a stricter mode counts */
    BLOCKS("lock_mode = true\n" A, MODE_AUDIT),
    BLOCKS("lock_mode = true\n" A, MODE_OFF),
    BLOCKS("lock_mode = true\n" A, MODE_ENFORCE),
    AUDITS("lock_mode = true\nmode = audit\n" A, MODE_OFF),
    BLOCKS("lock_mode = true\nmode = audit\n" A, MODE_ENFORCE),
    AUDITS("lock_mode = true\nmode = off\n" A, MODE_AUDIT),
    AUDITS("lock_mode = true\n" PINS(KEY_L, "mode = audit"), MODE_OFF),
    SLEEPS("lock_mode = false\n" A, MODE_OFF),
    /* a section without pins stays out, whatever the mode */
    SLEEPS(OFF, MODE_UNSET),
    SLEEPS(OFF, MODE_ENFORCE),
    SLEEPS("lock_mode = true\n" OFF, MODE_ENFORCE),
    SLEEPS("unpinned = block\n" OFF, MODE_UNSET),
    MODES(A, "L", MODE_AUDIT, MODE_AUDIT, VERDICT_PASS, REASON_PIN_MATCHED, ACTION_ALLOW,
          ACTION_ALLOW),
};

Test(verdict, modes)
{
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct row row = modes[i];

        if (row.verdict == VERDICT_PASS) {
            row.pin = "L";
            row.position = LEAF;
        }
        check("modes", i, &row);
    }
}

/* The last second of 2027-06-30, whatever the zone. */
#define EXPIRES "expires = \"2027-06-30\""
#define LAST INT64_C(1814399999)
#define EXPIRED_ROWS                                                                               \
    {PINS(KEY_L, EXPIRES), "L", NULL, PASS("L", LEAF), .now = LAST - 1},                           \
        {PINS(KEY_L, EXPIRES), "L", NULL, PASS("L", LEAF), .now = LAST},                           \
        {PINS(KEY_L, EXPIRES), "X", "", FAIL(NO_PIN), .now = LAST},                                \
        {PINS(KEY_L, EXPIRES), "L", NULL, UNPINNED(REASON_PINS_EXPIRED), .pins_expired = true,     \
         .now = LAST + 1},                                                                         \
        {PINS(KEY_L, EXPIRES), "X", NULL, UNPINNED(REASON_PINS_EXPIRED), .pins_expired = true,     \
         .now = LAST + 1},                                                                         \
        {"expired = allow\n" PINS(KEY_L, EXPIRES),                                                 \
         "X",                                                                                      \
         NULL,                                                                                     \
         UNPINNED(REASON_PINS_EXPIRED),                                                            \
         .pins_expired = true,                                                                     \
         .now = LAST + 2},                                                                         \
        {"expired = block\n" PINS(KEY_L, EXPIRES), "L", NULL, PASS("L", LEAF), .now = LAST},       \
        {"expired = block\n" PINS(KEY_L, EXPIRES),                                                 \
         "L",                                                                                      \
         NULL,                                                                                     \
         FAIL(REASON_PINS_EXPIRED),                                                                \
         .pins_expired = true,                                                                     \
         .now = LAST + 1},                                                                         \
        {"expired = block\nunpinned = allow\n" PINS(KEY_L, EXPIRES),                               \
         "X",                                                                                      \
         NULL,                                                                                     \
         FAIL(REASON_PINS_EXPIRED),                                                                \
         .pins_expired = true,                                                                     \
         .now = LAST + 86400},                                                                     \
    {                                                                                              \
        PINS(KEY_L, ""), "L", NULL, PASS("L", LEAF), .now = INT64_MAX                              \
    }

static const struct row expiry[] = {EXPIRED_ROWS};

static void check_expiry_in(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
    CHECK(expiry);
}

Test(verdict, expiry_utc)
{
    check_expiry_in("UTC");
}

Test(verdict, expiry_kiritimati)
{
    check_expiry_in("Pacific/Kiritimati"); /* UTC+14 */
}

Test(verdict, expiry_samoa)
{
    check_expiry_in("Pacific/Pago_Pago"); /* UTC-11 */
}

Test(verdict, expiry_is_the_day_it_says)
{
    const struct date after = {2027, 7, 1};

    cr_expect_eq(date_to_days(&after) * 86400, LAST + 1);
}

Test(verdict, failure_without_pins)
{
    static const enum mode all[] = {MODE_OFF, MODE_AUDIT, MODE_ENFORCE};

    for (size_t i = 0; i < 3; i++) {
        struct decision d;

        memset(&d, 0x77, sizeof d);
        decision_fail(all[i], ACTION_BLOCK, REASON_CONFIG_ERROR, &d);
        cr_expect(d.verdict == VERDICT_FAIL && d.reason == REASON_CONFIG_ERROR);
        cr_expect_eq(d.mode, all[i]);
        cr_expect_eq(d.would, ACTION_BLOCK);
        cr_expect_eq(d.action, all[i] == MODE_ENFORCE ? ACTION_BLOCK : ACTION_ALLOW);
        cr_expect(d.pin == NULL && d.need == NEEDS_NOTHING && !d.pins_expired);
    }
}

/* A session lets through what only its chain could show; it does not outlive the pins. */
Test(verdict, trusted_session)
{
    struct decision d;

    decision_fail(MODE_ENFORCE, ACTION_BLOCK, REASON_NO_PIN_MATCHED, &d);
    decision_trust_session(&d, false);
    cr_expect(d.verdict == VERDICT_PASS && d.reason == REASON_PIN_MATCHED);
    cr_expect(d.action == ACTION_ALLOW && d.would == ACTION_ALLOW);

    decision_fail(MODE_ENFORCE, ACTION_BLOCK, REASON_NO_PIN_MATCHED, &d);
    decision_trust_session(&d, true);
    cr_expect(d.verdict == VERDICT_PASS && d.reason == REASON_INSPECTION_CA);
    cr_expect(d.action == ACTION_ALLOW && d.would == ACTION_ALLOW);

    decision_fail(MODE_ENFORCE, ACTION_BLOCK, REASON_PINS_EXPIRED, &d);
    d.pins_expired = true;
    decision_trust_session(&d, true);
    decision_trust_session(&d, false);
    cr_expect(d.verdict == VERDICT_FAIL && d.reason == REASON_PINS_EXPIRED);
    cr_expect(d.action == ACTION_BLOCK && d.would == ACTION_BLOCK);
}

/* The words of the events (contract section 4). */
Test(verdict, words)
{
    static const char *const reasons[] = {
        "pin_matched",         "backup_pin_matched", "no_pin_matched", "pin_not_in_valid_chain",
        "chain_invalid",       "hostname_mismatch",  "no_certificate", "pins_expired",
        "inspection_ca",       "no_section",         "no_name",        "config_error",
        "session_not_verified"};

    for (enum reason r = 0; r < sizeof reasons / sizeof *reasons; r++) {
        cr_expect_str_eq(reason_name(r), reasons[r]);
        cr_expect(strlen(reason_words(r)) > 5, "%s", reasons[r]);
    }
    cr_expect_str_eq(verdict_name(VERDICT_PASS), "pass");
    cr_expect_str_eq(verdict_name(VERDICT_FAIL), "fail");
    cr_expect_str_eq(verdict_name(VERDICT_UNPINNED), "unpinned");
    cr_expect_str_eq(action_name(ACTION_ALLOW), "allow");
    cr_expect_str_eq(action_name(ACTION_BLOCK), "block");
    cr_expect_str_eq(action_name(ACTION_TERMINATE), "terminate");
    cr_expect_str_eq(mode_name(MODE_OFF), "off");
    cr_expect_str_eq(mode_name(MODE_AUDIT), "audit");
    cr_expect_str_eq(mode_name(MODE_ENFORCE), "enforce");
    cr_expect_str_eq(host_source_name(HOST_VERIFY), "verify_host");
    cr_expect_str_eq(host_source_name(HOST_RESOLVER), "resolver");
    cr_expect_str_eq(host_source_name(HOST_SNI), "sni");
    cr_expect_str_eq(host_source_name(HOST_NONE), "none");
}
