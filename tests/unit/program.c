/* Program sections: which one a process falls under, and what it takes from the top level. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "config/program.h"
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

TestSuite(program, .init = setup, .fini = cleanup);

/* The title of the section for an executable of that path and name; "" for none. */
static const char *title_for(const struct config *config, const char *executable, const char *name)
{
    uint32_t scope = program_scope(config->policy, executable, name);

    return policy_string(config->policy, policy_scope(config->policy, scope)->program);
}

static const char *section_of(const char *title)
{
    return scratch_format(scratch, "program \"%s\" { }\n", title);
}

Test(program, by_path_link_or_name)
{
    const char *real = scratch_text(scratch, "tool-1.2", 0755, "%s", "");
    const char *link = scratch_path(scratch, "tool"), *dead = scratch_path(scratch, "dead");
    struct config config;
    const char *by_real = section_of(real), *by_link = section_of(link);
    const char *by_dead = section_of(dead), *by_name = section_of("tool-1.2");
    const struct {
        const char *first, *second, *title;
    } rows[] = {
        {by_real, "", real},          {by_link, "", link},
        {by_name, "", "tool-1.2"},    {by_dead, "", ""},
        {by_name, by_real, real},     {by_real, by_name, real},
        {by_name, by_link, link},     {by_link, by_name, link},
        {by_link, by_real, real},     {by_dead, by_name, "tool-1.2"},
        {section_of("tool"), "", ""}, /* a link's name is not the executable's */
    };

    cr_assert(symlink("tool-1.2", link) == 0 && symlink("gone", dead) == 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *text = scratch_format(scratch, "%s%s", rows[i].first, rows[i].second);

        must_load(scratch, text, &config);
        cr_expect_str_eq(title_for(&config, real, "tool-1.2"), rows[i].title, "%s", text);
        config_free(&config);
    }
}

/* PINSHIM_PROGRAM is the name; the path stays the executable's. */
Test(program, renamed)
{
    struct config config;

    must_load(scratch, "program \"curl\" { } program \"/usr/bin/wget\" { } program \"job\" { }",
              &config);
    cr_expect_str_eq(title_for(&config, "/usr/bin/curl", "job"), "job");
    cr_expect_str_eq(title_for(&config, "/usr/bin/curl", "other"), "");
    cr_expect_str_eq(title_for(&config, "/usr/bin/wget", "job"), "/usr/bin/wget");
    config_free(&config);
}

/* At the top level and in the section: what holds for the program then. */
static const struct {
    const char *top, *own, *want;
} options[] = {
    {"", "",
     "mode=enforce off=off audit=audit enforce=enforce unpinned=0 unnamed=0 expired=0 verify=0 "
     "events=stderr cas=0"},
    /* the mode, and what PINSHIM_MODE makes of it */
    {"mode = audit", "", "mode=audit off=off audit=audit enforce=enforce"},
    {"mode = audit", "mode = enforce", "mode=enforce off=off audit=audit enforce=enforce"},
    {"mode = enforce", "mode = off", "mode=off off=off audit=audit enforce=enforce"},
    {"lock_mode = true", "", "mode=enforce off=enforce audit=enforce enforce=enforce"},
    {"lock_mode = true mode = audit", "", "mode=audit off=audit audit=audit enforce=enforce"},
    {"lock_mode = true mode = off", "", "mode=off off=off audit=audit enforce=enforce"},
    {"lock_mode = true", "mode = audit", "mode=audit off=audit audit=audit enforce=enforce"},
    {"mode = audit", "lock_mode = true", "mode=audit off=audit audit=audit enforce=enforce"},
    {"lock_mode = true", "lock_mode = false", "mode=enforce off=off audit=audit enforce=enforce"},
    {"lock_mode = false", "lock_mode = true",
     "mode=enforce off=enforce audit=enforce enforce=enforce"},
    /* the rules */
    {"unpinned = block", "", "unpinned=2 unnamed=2 expired=0"},
    {"unpinned = block", "unpinned = allow", "unpinned=0 unnamed=0"},
    {"unpinned = block", "unpinned = audit", "unpinned=1 unnamed=1"},
    {"unpinned = allow", "unpinned = block", "unpinned=2 unnamed=2"},
    {"unnamed = block", "", "unpinned=0 unnamed=2"},
    {"unnamed = block", "unnamed = allow", "unpinned=0 unnamed=0"},
    {"unnamed = allow", "unpinned = block", "unpinned=2 unnamed=0"},
    {"unpinned = block", "unnamed = audit", "unpinned=2 unnamed=1"},
    {"expired = block", "", "unpinned=0 unnamed=0 expired=2"},
    {"expired = block", "expired = allow", "expired=0"},
    {"expired = allow", "expired = block", "expired=2"},
    /* the rest */
    {"verify = {hostname}", "", "verify=2"},
    {"verify = {hostname}", "verify = {}", "verify=0"},
    {"", "verify = {hostname}", "verify=2"},
    {"events = {\"file:/top\"}", "", "events=file:/top"},
    {"events = {\"file:/top\"}", "events = {\"file:/own\"}", "events=file:/own"},
    {"events = {\"file:/top\"}", "events = {none}", "events=none"},
    {"", "events = {\"file:/own\"}", "events=file:/own"},
    {"inspection_cas = {\"file:a.pem\"}", "", "cas=1"},
    {"inspection_cas = {\"file:a.pem\"}", "inspection_cas = {}", "cas=0"},
    {"inspection_cas = {\"file:a.pem\"}", "inspection_cas = {\"file:a.pem\", \"file:b.pem\"}",
     "cas=2"},
    {"", "inspection_cas = {\"file:b.pem\"}", "cas=1"},
};

static const char *under(struct policy_view view, enum mode override)
{
    view.override = override;
    return mode_name(policy_mode(&view, NULL));
}

/* All there is to ask, in the words of the table. */
static const char *describe(const struct policy_view *view)
{
    return scratch_format(
        scratch,
        "mode=%s off=%s audit=%s enforce=%s unpinned=%d unnamed=%d expired=%d verify=%u "
        "events=%s cas=%u ",
        under(*view, MODE_UNSET), under(*view, MODE_OFF), under(*view, MODE_AUDIT),
        under(*view, MODE_ENFORCE), policy_unpinned(view), policy_unnamed(view),
        policy_expired(view), policy_verify(view, NULL),
        policy_sink_count(view) ? policy_sink(view, 0) : "none", policy_inspection_count(view));
}

static void expect_words(const char *words, const char *described, const char *of)
{
    char *rest = scratch_format(scratch, "%s", words), *word;

    while ((word = strsep(&rest, " ")))
        cr_expect(strstr(described, scratch_format(scratch, "%s ", word)), "no %s of\n%s\nin %s",
                  word, of, described);
}

Test(program, options)
{
    const struct request ca = {.ca = true};
    struct identity identity;

    for (const char *name = "ab"; *name; name++) {
        pki_issue(scratch, scratch_format(scratch, "%c", *name), NULL, &ca, &identity);
        identity_free(&identity);
    }
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const char *text = scratch_format(scratch, "%s\nprogram \"job\" { %s }\nprogram \"p\" { }",
                                          options[i].top, options[i].own);
        struct policy_view view = {.override = MODE_UNSET};
        struct config config;

        must_load(scratch, text, &config);
        view.policy = config.policy;
        view.scope = program_scope(config.policy, "/bin/job", "job");
        cr_assert_neq(view.scope, 0);
        expect_words(options[i].want, describe(&view), text);
        config_free(&config);
    }
}
