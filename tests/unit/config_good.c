/* Configs that are accepted: what they say arrives in the image. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/support/pki.h"
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

TestSuite(config_good, .init = setup, .fini = cleanup);

#define P "\"" PIN_A "\""

static const struct policy_section *only_section(const struct config *config)
{
    cr_assert_eq(config->policy->sections.count, 1);
    return policy_section(config->policy, 0);
}

Test(config_good, empty)
{
    struct config config;

    must_load(scratch, "", &config);
    const struct policy_view view = {.policy = config.policy, .override = MODE_UNSET};
    cr_expect_eq(config.policy->sections.count, 0);
    cr_expect_eq(policy_mode(&view, NULL), MODE_ENFORCE);
    cr_expect_eq(policy_unpinned(&view), RULE_ALLOW);
    cr_expect_eq(policy_unnamed(&view), RULE_ALLOW);
    cr_expect_eq(policy_expired(&view), RULE_ALLOW);
    cr_assert_eq(policy_sink_count(&view), 1);
    cr_expect_str_eq(policy_sink(&view, 0), "stderr");
    config_free(&config);
}

Test(config_good, top_level)
{
    struct config config;

    must_load(scratch,
              "mode = \"audit\"\nunpinned = audit\nunnamed = 'block'\nexpired = block\n"
              "lock_mode = true\nevents = {\"stderr\", \"file:/var/log/pins.jsonl\"}\n"
              "on_failure = {\"block\"}\nreload_interval = 0\n",
              &config);
    const struct policy_view view = {.policy = config.policy, .override = MODE_UNSET};
    cr_expect_eq(policy_mode(&view, NULL), MODE_AUDIT);
    cr_expect_eq(policy_unpinned(&view), RULE_AUDIT);
    cr_expect_eq(policy_unnamed(&view), RULE_BLOCK);
    cr_expect_eq(policy_expired(&view), RULE_BLOCK);
    cr_expect_eq(policy_scope(config.policy, 0)->lock_mode, 1);
    cr_assert_eq(policy_sink_count(&view), 2);
    cr_expect_str_eq(policy_sink(&view, 0), "stderr");
    cr_expect_str_eq(policy_sink(&view, 1), "file:/var/log/pins.jsonl");
    cr_assert_not_null(config.events);
    cr_expect_str_eq(config.events[1], "file:/var/log/pins.jsonl");
    config_free(&config);
}

Test(config_good, no_sinks)
{
    struct config config;

    must_load(scratch, "events = {none}\n", &config);
    const struct policy_view view = {.policy = config.policy};
    cr_expect_eq(policy_sink_count(&view), 0);
    cr_assert_not_null(config.events);
    cr_expect_null(config.events[0]);
    config_free(&config);
}

Test(config_good, domain)
{
    static const uint8_t zero[DIGEST_SIZE];
    struct config config;

    must_load(scratch,
              "domain \"API.example.com.\" {\n  ports = {8443, 443}\n  include_subdomains = yes\n"
              "  pins = {" P ", \"" PIN_E "\"}\n  backup_pins = {\"" PIN_I "\"}\n  match = ca\n"
              "  mode = audit\n  expires = \"2027-06-30\"\n  on_failure = {block}\n"
              "  owner = \"payments \\\"team\\\" {x} # no comment\"\n}\n",
              &config);
    const struct policy *policy = config.policy;
    const struct policy_section *s = only_section(&config);
    const uint16_t *ports = (const void *)((const char *)policy + policy->ports.offset);

    cr_expect_str_eq(policy_string(policy, s->title), "API.example.com.");
    cr_expect_str_eq(policy_string(policy, s->name), "api.example.com");
    cr_expect_str_eq(policy_string(policy, s->owner), "payments \"team\" {x} # no comment");
    cr_expect_eq(s->kind, PATTERN_ANY_DEPTH);
    cr_expect_eq(s->mode, MODE_AUDIT);
    cr_expect_eq(s->match, POSITION_INTERMEDIATE | POSITION_ROOT);
    cr_expect_eq(s->expires, 1814400000);
    cr_assert_eq(s->ports.count, 2);
    cr_expect(ports[s->ports.offset] == 443 && ports[s->ports.offset + 1] == 8443);
    cr_assert_eq(s->pins.count, 3);
    cr_expect_eq(s->current, 2);
    cr_expect_arr_eq(policy_pins(policy, s)[0].digest, zero, DIGEST_SIZE);
    cr_expect_eq(policy_pins(policy, s)[1].digest[0], 0x10);
    cr_expect_eq(policy_pins(policy, s)[2].digest[0], 0x20);
    cr_expect_eq(config.origins[0].line, 1);
    config_free(&config);
}

static const struct {
    const char *word;
    unsigned positions;
} matches[] = {{"leaf", POSITION_LEAF},
               {"intermediate", POSITION_INTERMEDIATE},
               {"root", POSITION_ROOT},
               {"ca", POSITION_INTERMEDIATE | POSITION_ROOT},
               {"any", POSITION_ANY}};

Test(config_good, match)
{
    for (size_t i = 0; i < sizeof matches / sizeof *matches; i++) {
        struct config config;

        must_load(scratch, scratch_format(scratch, DOMAIN("a.test", "match = %s"), matches[i].word),
                  &config);
        cr_expect_eq(only_section(&config)->match, matches[i].positions, "%s", matches[i].word);
        config_free(&config);
    }
}

Test(config_good, program)
{
    struct config config;

    must_load(scratch,
              "unpinned = block\nlock_mode = true\nprogram \"curl\" {\n  mode = audit\n"
              "  unpinned = allow\n  unnamed = audit\n  expired = block\n  lock_mode = false\n"
              "  events = {\"file:/a\"}\n  " DOMAIN("a.test", "") "}\nprogram \"/opt/x y\" { }\n",
              &config);
    const struct policy *policy = config.policy;
    struct policy_view view = {.policy = policy, .override = MODE_UNSET};

    cr_assert_eq(policy->scopes.count, 3);
    view.scope = policy_scope_for(policy, "/usr/bin/curl", "curl");
    cr_assert_neq(view.scope, 0);
    cr_expect_eq(policy_mode(&view, NULL), MODE_AUDIT);
    cr_expect_eq(policy_unpinned(&view), RULE_ALLOW);
    cr_expect_eq(policy_unnamed(&view), RULE_AUDIT);
    cr_expect_eq(policy_expired(&view), RULE_BLOCK);
    cr_expect_eq(policy_scope(policy, view.scope)->lock_mode, 0);
    cr_expect_str_eq(policy_sink(&view, 0), "file:/a");
    cr_expect_eq(only_section(&config)->scope, view.scope);
    view.scope = policy_scope_for(policy, "/opt/x y", "x y");
    cr_assert_neq(view.scope, 0); /* what it does not say is as at the top */
    cr_expect_eq(policy_mode(&view, NULL), MODE_ENFORCE);
    cr_expect_eq(policy_unpinned(&view), RULE_BLOCK);
    cr_expect_eq(policy_unnamed(&view), RULE_BLOCK);
    cr_expect_str_eq(policy_sink(&view, 0), "stderr");
    cr_expect_eq(policy_scope_for(policy, "/usr/bin/wget", "wget"), 0);
    cr_expect_eq(policy_scope_for(policy, "/opt/y", "x y"), 0);
    config_free(&config);
}

/* What a section, a program and the top level say, and what each takes from the one above. */
static const struct {
    const char *top, *program, *section;
    unsigned of_section, of_others; /* in the program's view */
} checks[] = {
    {"", "", "", 0, 0},
    {"verify = {chain}", "", "", VERIFY_CHAIN, VERIFY_CHAIN},
    {"verify = chain", "", "", VERIFY_CHAIN, VERIFY_CHAIN},
    {"verify = {hostname}", "", "", VERIFY_HOSTNAME, VERIFY_HOSTNAME},
    {"verify = {chain, hostname}", "", "", 3, 3},
    {"verify = {\"hostname\", \"chain\"}", "", "", 3, 3},
    {"verify = {}", "", "", 0, 0},
    {"verify = { }", "", "", 0, 0},
    {"verify = { # nothing\n}", "", "", 0, 0},
    {"", "verify = {chain}", "", VERIFY_CHAIN, VERIFY_CHAIN},
    {"", "", "verify = {chain}", VERIFY_CHAIN, 0},
    {"verify = {chain}", "verify = {hostname}", "", VERIFY_HOSTNAME, VERIFY_HOSTNAME},
    {"verify = {chain}", "", "verify = {hostname}", VERIFY_HOSTNAME, VERIFY_CHAIN},
    {"verify = {chain}", "verify = {}", "", 0, 0},
    {"verify = {chain}", "", "verify = {}", 0, VERIFY_CHAIN},
    {"verify = {chain, hostname}", "verify = {}", "verify = {chain}", VERIFY_CHAIN, 0},
    {"verify = {}", "verify = {chain, hostname}", "verify = {}", 0, 3},
};

/* a.pem, with a certificate. */
static void write_ca(void)
{
    const struct request request = {.ca = true};
    struct identity ca;

    pki_issue(scratch, "a", NULL, &request, &ca);
    identity_free(&ca);
}

Test(config_good, verify)
{
    write_ca();
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        const char *text = scratch_format(
            scratch, "trust_anchors = \".\"\n%s\nprogram \"x\" { %s }\n" DOMAIN("a.test", "%s"),
            checks[i].top, checks[i].program, checks[i].section);
        struct config config;

        must_load(scratch, text, &config);
        const struct policy_view view = {
            .policy = config.policy, .scope = 1, .override = MODE_UNSET};
        cr_expect_eq(only_section(&config)->scope, 0, "%s", text);
        cr_expect_eq(policy_verify(&view, only_section(&config)), checks[i].of_section, "%s", text);
        cr_expect_eq(policy_verify(&view, NULL), checks[i].of_others, "%s", text);
        config_free(&config);
    }
}

/* A brace of an empty list ends nothing else. */
Test(config_good, empty_lists)
{
    struct config config;

    must_load(scratch,
              "program \"x\" { inspection_cas = {}verify={}}\non_failure = {}\n"
              "domain \"a.test\" { pins = {" P "} verify = {} on_failure = {}}\n"
              "program \"y\" { inspection_cas = {\n}\n}\n" DOMAIN("b.test", ""),
              &config);
    cr_assert_eq(config.policy->sections.count, 2);
    cr_assert_eq(config.policy->scopes.count, 3);
    for (uint32_t i = 0; i < 2; i++)
        cr_expect_eq(policy_section(config.policy, i)->scope, 0, "section %u", i);
    config_free(&config);
}

Test(config_good, trust_anchors)
{
    struct config config;

    write_ca();
    must_load(scratch, "trust_anchors = a.pem\nprogram \"x\" { trust_anchors = \".\" }\n", &config);
    struct policy_view view = {.policy = config.policy, .override = MODE_UNSET};
    cr_expect_str_eq(policy_trust_anchors(&view), "a.pem");
    cr_expect(policy_wants_anchors(&view));
    view.scope = 1;
    cr_expect_str_eq(policy_trust_anchors(&view), ".");
    config_free(&config);
    must_load(scratch, DOMAIN("a.test", ""), &config);
    view = (struct policy_view){.policy = config.policy, .override = MODE_UNSET};
    cr_expect_str_eq(policy_trust_anchors(&view), TRUST_ANCHORS);
    cr_expect_not(policy_wants_anchors(&view));
    config_free(&config);
}

Test(config_good, inspection_cas)
{
    struct pki pki;
    struct config config;
    size_t length;

    pki_make(&pki, scratch, PKI_P256);
    scratch_text(scratch, "two.pem", 0644, "%s%s", scratch_read(scratch, pki.root.leaf_file),
                 scratch_read(scratch, pki.intermediate.leaf_file));
    must_load(scratch,
              "inspection_cas = {\"file:two.pem\", \"file:self-signed.pem\"}\n"
              "program \"none\" { inspection_cas = {} }\nprogram \"same\" { mode = audit }\n"
              "program \"own\" { inspection_cas = {\"file:root.pem\"} }\n",
              &config);
    struct policy_view view = {.policy = config.policy, .override = MODE_UNSET};
    static const struct {
        const char *program;
        uint32_t count;
    } counts[] = {{"other", 3}, {"none", 0}, {"same", 3}, {"own", 1}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        view.scope = policy_scope_for(config.policy, NULL, counts[i].program);
        cr_expect_eq(policy_inspection_count(&view), counts[i].count, "%s", counts[i].program);
    }
    view.scope = 0;
    const struct identity *want[] = {&pki.root, &pki.intermediate, &pki.self_signed};
    for (uint32_t i = 0; i < 3; i++) {
        unsigned char *der = NULL;
        const uint8_t *got = policy_inspection_ca(&view, i, &length);
        cr_expect_eq(i2d_X509(want[i]->cert, &der), (int)length);
        cr_expect_arr_eq(got, der, length);
        OPENSSL_free(der);
    }
    config_free(&config);
    pki_free(&pki);
}

static const char *const accepted[] = {
    "\xef\xbb\xbfmode = audit\n", /* a byte order mark */
    "mode = audit",
    "mode = audit\r\nunpinned = block\r\n",
    "# only a comment",
    "// only a comment",
    "/* only a\n comment */",
    "mode=audit unpinned=block",
    "domain a.test { pins = {" P "} }",
    "domain 'a.test' { pins = { " P ", } }",
    "domain \"a.test\" { pins = " P " }",
    "domain \"a.test\"\n{\n  pins =\n  {\n    " P ",\n    \"" PIN_E "\"\n  }\n}\n",
    "domain \"a.test\" { # {\n pins = { # }\n " P " /* , */ // \"\n } }\n",
    "domain \"a.test\" { mode = off }",
    "domain \"a.test\" { backup_pins = {" P "} }",
    DOMAIN("a.test", "owner = '${HOME} in single quotes is text'"),
    DOMAIN("a.test", "ports = {1}") DOMAIN("a.test", "ports = {2}"),
    DOMAIN("**.a.test", "") DOMAIN("*.a.test", "") DOMAIN("a.test", ""),
    DOMAIN("10.0.0.0/8", "") DOMAIN("10.0.0.0/9", "") DOMAIN("10.0.0.0", ""),
    DOMAIN("a.test", "") "program \"x\" { " DOMAIN("a.test", "") " }",
    "program \"a\" { mode = audit }\nprogram \"/a\" { mode = off }\n",
    DOMAIN("a.test", "expires = 2028-02-29"),
    DOMAIN("a.test", "expires = 2000-02-29"),
    DOMAIN("a.test", "ports = {1, 65535, 00080}"),
    "verify = {}", /* empty lists, and what comes behind them */
    "verify     = {}                      # extra checks\nmode = audit\n",
    "verify={}mode=audit",
    "verify = { }\non_failure = {\n}\nmode = audit\n",
    "program \"x\" { inspection_cas = {} }\nprogram \"y\" { verify = {}}\n",
    "domain \"a.test\" { mode = off verify = {}}domain \"b.test\" { mode = off }",
};

Test(config_good, accepted)
{
    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
        struct config config;

        must_load(scratch, accepted[i], &config);
        config_free(&config);
    }
}

Test(config_good, lines_of_sections)
{
    struct config config;

    must_load(scratch,
              "# one\n" DOMAIN("a.test", "") "\n/* \n\n */" DOMAIN(
                  "b.test", "") "program \"x\" {\n"
                                "  mode = audit\n  domain \"c.test\"\n  {\n pins = {" P
                                "} }\n}\n" DOMAIN("d.test", ""),
              &config);
    static const struct {
        const char *title;
        unsigned line;
    } want[] = {{"a.test", 2}, {"b.test", 6}, {"d.test", 13}};
    for (uint32_t i = 0; i < config.policy->sections.count; i++) {
        const char *title = policy_string(config.policy, policy_section(config.policy, i)->title);
        for (size_t k = 0; k < sizeof want / sizeof *want; k++)
            if (strcmp(title, want[k].title) == 0)
                cr_expect_eq(config.origins[i].line, want[k].line, "%s: line %u", title,
                             config.origins[i].line);
    }
    config_free(&config);
}

/* Reading stays linear and each section is found. */
Test(config_good, many_sections, .timeout = 60)
{
    enum { MANY = 5000 };
    char *text = malloc(MANY * 120 + 1), *end = text;
    struct config config;

    for (unsigned i = 0; i < MANY; i++)
        end += sprintf(end, DOMAIN("host%u.example.com", ""), i);
    must_load(scratch, text, &config);
    cr_assert_eq(config.policy->sections.count, MANY);
    for (unsigned i = 0; i < MANY; i++) {
        const struct policy_view view = {.policy = config.policy, .override = MODE_UNSET};
        char host[64];
        struct peer peer = {.sni = host};
        struct policy_match match;

        snprintf(host, sizeof host, "host%u.example.com", i);
        policy_find(&view, &peer, &match);
        cr_assert(match.section, "%s", host);
        cr_expect_str_eq(policy_string(config.policy, match.section->title), host);
        cr_expect_eq(config.origins[match.section - policy_section(config.policy, 0)].line, i + 1);
    }
    free(text);
    config_free(&config);
}
