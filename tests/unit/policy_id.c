/* What the policy's id depends on (docs/events.md): what the policy says, not how it was written.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/support/pki.h"
#include "tests/unit/load.h"

static struct scratch *scratch;
static char key_id[65]; /* of the key in k.pem and in the store */

#define OTHER "elsewhere"

/* Two directories with the same in them; the names of the files need not be. */
static void fill(const char *directory, const char *pem)
{
    cr_assert(
        mkdir(scratch_path(scratch, scratch_format(scratch, "%s/pins.d", directory)), 0755) == 0 &&
        mkdir(scratch_path(scratch, scratch_format(scratch, "%s/store", directory)), 0755) == 0);
    scratch_text(scratch, scratch_format(scratch, "%s/k.pem", directory), 0644, "%s", pem);
    scratch_text(scratch, scratch_format(scratch, "%s/store/%s.pem", directory, key_id), 0644, "%s",
                 pem);
}

static void setup(void)
{
    const struct request request = {.ca = true};
    struct identity identity;
    struct pin pin;
    char why[200];

    scratch = scratch_new();
    pki_issue(scratch, "k", NULL, &request, &identity);
    cr_assert(pin_parse(identity.pin, &pin, why, sizeof why));
    for (unsigned i = 0; i < DIGEST_SIZE; i++)
        snprintf(key_id + 2 * i, 3, "%02x", pin.digest[i]);
    cr_assert(mkdir(scratch_path(scratch, OTHER), 0755) == 0);
    fill(".", scratch_read(scratch, identity.leaf_file));
    fill(OTHER, scratch_read(scratch, identity.leaf_file));
    identity_free(&identity);
}

static void cleanup(void)
{
    scratch_free(scratch);
}

TestSuite(policy_id, .init = setup, .fini = cleanup);

/* The id of a config in a file of the scratch directory. */
static const char *id_in(const char *file, const char *text)
{
    const char *path = scratch_text(scratch, file, 0600, "%s", text);
    struct config config;
    struct config_error error;
    char id[17];

    cr_assert(config_load(path, geteuid(), &config, &error), "line %u: %s\nin:\n%s", error.line,
              error.text, text);
    policy_id(config.policy, id);
    config_free(&config);
    cr_assert(strlen(id) == 16 && strspn(id, "0123456789abcdef") == 16, "%s", id);
    return scratch_format(scratch, "%s", id);
}

static const char *id(const char *text)
{
    return id_in("policy.conf", text);
}

#define A DOMAIN("a.test", "ports = {443, 8443} owner = \"x\"")
#define A_ELSE DOMAIN("a.test", "owner = \"y\" ports = {636}")
#define B DOMAIN("**.b.test", "mode = audit")
#define N DOMAIN("10.0.0.0/8", "match = ca")
#define CURL "program \"curl\" {\n mode = audit\n" DOMAIN("c.test", "") DOMAIN("d.test", "") "}\n"
#define JOB "program \"job\" {\n" DOMAIN("c.test", "") " unpinned = block\n}\n"
#define TOP "mode = audit\nunpinned = block\nevents = {\"stderr\", \"file:/e\"}\n"
#define REST A A_ELSE B N CURL JOB
#define WHOLE TOP REST

Test(policy_id, same)
{
    static const char *const same[] = {
        /* order */
        TOP N B A_ELSE A JOB CURL,
        A CURL TOP B JOB A_ELSE N,
        "events = {\"stderr\", \"file:/e\"}\nunpinned = block\nmode = audit\n" REST,
        TOP "domain \"a.test\" { owner = x ports = {8443, 443} pins = {\"" PIN_A
            "\"} }\n" A_ELSE B N CURL JOB,
        TOP A A_ELSE B N JOB "program \"curl\" {\n" DOMAIN("d.test", "")
            DOMAIN("c.test", "") " mode = audit\n}\n",
        /* white space, comments, quotes */
        "# a comment\n\n\n  " WHOLE "\n/* another */\n",
        "mode=\"audit\"unpinned=\"block\"\nevents={stderr,\"file:/e\"}" A A_ELSE B N CURL JOB,
        TOP A "\r\n" A_ELSE "\r\n" B N CURL JOB,
        /* a default, spelt out */
        WHOLE "expired = allow\nlock_mode = false\nreload_interval = 5\nstore = store\n"
              "on_failure = {block}\nsignal = SIGTERM\n",
        /* a pin, spelt otherwise */
        TOP "domain \"a.test\" { pins = {\"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"} "
            "ports = {443, 8443} owner = x include_subdomains = false match = any }\n" A_ELSE B N
                CURL JOB,
        /* an empty directory to include */
        WHOLE "include_dir = pins.d\n",
    };
    const char *want = id(WHOLE);

    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        cr_expect_str_eq(id(same[i]), want, "%s", same[i]);
}

/* Any change of what it says makes another. */
Test(policy_id, different)
{
    static const char *const different[] = {
        "", TOP, TOP A, TOP A A_ELSE B N CURL, A A_ELSE B N CURL JOB, WHOLE "expired = block\n",
        WHOLE "lock_mode = true\n", WHOLE "unnamed = audit\n",
        A A_ELSE B N CURL JOB "mode = audit\nunpinned = block\nevents = {none}\n",
        WHOLE "reload_interval = 9\n", WHOLE "verify = {hostname}\n",
        WHOLE "on_failure = {message}\n", WHOLE "on_failure = {terminate}\n", WHOLE "message = x\n",
        WHOLE "signal = KILL\n", WHOLE "redirect = \"https://x.test/\"\n",
        WHOLE "inspection_cas = {\"file:k.pem\"}\n", WHOLE "trust_anchors = \"k.pem\"\n",
        WHOLE DOMAIN("z.test", ""), WHOLE "program \"z\" { }\n",
        /* the same sections, in other places */
        TOP A A_ELSE B N
        "program \"curl\" {\n mode = audit\n" DOMAIN("c.test", "") "}\n" JOB DOMAIN("d.test", ""),
        /* words for people are part of it */
        TOP DOMAIN("A.TEST", "ports = {443, 8443} owner = \"x\"") A_ELSE B N CURL JOB,
        TOP DOMAIN("a.test", "ports = {443, 8443} owner = \"z\"") A_ELSE B N CURL JOB};
    const char *seen[sizeof different / sizeof *different + 1] = {id(WHOLE)};

    for (size_t i = 0; i < sizeof different / sizeof *different; i++) {
        seen[i + 1] = id(different[i]);
        for (size_t k = 0; k <= i; k++)
            cr_expect_str_neq(seen[i + 1], seen[k], "%zu and %zu", i, k);
    }
}

/* One option of one section. */
Test(policy_id, different_sections)
{
    static const char pin_a[] = "backup_pins = {\"" PIN_A "\"}";
    static const char pin_e[] = "backup_pins = {\"" PIN_E "\"}";
    static const char *const rest[] = {"",
                                       "ports = {1}",
                                       "ports = {2}",
                                       "ports = {1, 2}",
                                       "mode = audit",
                                       "mode = enforce",
                                       "match = leaf",
                                       "match = ca",
                                       "expires = \"2030-01-01\"",
                                       "expires = \"2030-01-02\"",
                                       "include_subdomains = true",
                                       "verify = {hostname}",
                                       "on_failure = {}",
                                       "on_failure = {message}",
                                       "message = x",
                                       "message = y",
                                       "redirect = \"https://x.test/\"",
                                       "redirect = \"https://y.test/\"",
                                       "signal = HUP",
                                       "signal = TERM",
                                       pin_a,
                                       pin_e};
    const char *seen[sizeof rest / sizeof *rest];

    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
        seen[i] =
            id(scratch_format(scratch, "domain \"a.test\" { pins = {\"" PIN_A "\"} %s }", rest[i]));
        for (size_t k = 0; k < i; k++)
            cr_expect_str_neq(seen[i], seen[k], "%s and %s", rest[i], rest[k]);
    }
    cr_expect_str_neq(id("domain \"a.test\" { pins = {\"" PIN_E "\"} }"), seen[0]);
}

/* In one file or in several, in whatever directory, by key, file or store. */
Test(policy_id, places)
{
    const char *want = id(WHOLE), *other = OTHER "/other.conf";
    const char *by_store = scratch_format(
        scratch, "domain \"k.test\" { pins = {\"store:%.16s\"} }\nstore = store\n", key_id);
    const char *by_file = "domain \"k.test\" { pins = {\"file:k.pem\"} }\n";

    cr_expect_str_eq(id_in(other, WHOLE), want);
    scratch_text(scratch, "pins.d/1.conf", 0644, "%s", JOB B);
    scratch_text(scratch, "pins.d/2.conf", 0644, "%s", CURL A_ELSE);
    cr_expect_str_eq(id(TOP "include_dir = pins.d\n" N A), want);
    scratch_text(scratch, OTHER "/pins.d/x.conf", 0644, "%s", A_ELSE A N CURL JOB B);
    cr_expect_str_eq(id_in(other, "include_dir = pins.d\n" TOP), want);
    want = id(by_file);
    cr_expect_str_eq(id_in(other, by_file), want);
    cr_expect_str_eq(id(by_store), want);
    cr_expect_str_eq(
        id_in(other,
              scratch_format(scratch, "domain \"k.test\" { pins = {\"store:%s\"} }\n", key_id)),
        want);
}
