/* What a refusal does beside refusing: what is read, what holds for whom, what it makes of a
 * decision, and the URL it opens. */
#include <signal.h>
#include <string.h>

#include <criterion/criterion.h>

#include "config/redirect.h"
#include "config/signal_name.h"
#include "config/verdict.h"
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

TestSuite(responses, .init = setup, .fini = cleanup);

/* What holds for a.test in a program, and for a peer that no section names. */
struct row {
    const char *text;
    const char *program;
    unsigned own, others;
    const char *message, *redirect, *signal;
};

#define M RESPONSE_MESSAGE
#define R RESPONSE_REDIRECT
#define T RESPONSE_TERMINATE
#define URL "redirect = \"https://x.test/\" "
#define PAGE "https://x.test/"

static const struct row rows[] = {
    {DOMAIN("a.test", ""), NULL, 0, 0, "", "", "TERM"},
    {DOMAIN("a.test", "on_failure = {block}"), NULL, 0, 0, "", "", "TERM"},
    {DOMAIN("a.test", "on_failure = {message}"), NULL, M, 0, "", "", "TERM"},
    {DOMAIN("a.test", "on_failure = {terminate, message, block, redirect} message = \"a b\""
                      "signal = KILL " URL),
     NULL, M | R | T, 0, "a b", PAGE, "KILL"},
    {"on_failure = {message, terminate}\nmessage = top\nsignal = SIGHUP\n" DOMAIN("a.test", ""),
     NULL, M | T, M | T, "top", "", "HUP"},
    {"on_failure = {terminate}\nmessage = top\nsignal = SIGHUP\n" DOMAIN(
         "a.test", "on_failure = {message} message = own signal = usr1"),
     NULL, M, T, "own", "", "USR1"},
    {"on_failure = {terminate}\n" DOMAIN("a.test", "on_failure = {}"), NULL, 0, T, "", "", "TERM"},
    {"on_failure = {terminate}\n" DOMAIN("a.test", "on_failure = {block}"), NULL, 0, T, "", "",
     "TERM"},
    {"on_failure = {redirect}\n" DOMAIN("a.test", URL), NULL, R, R, "", PAGE, "TERM"},
    {"on_failure = {redirect}\n" URL DOMAIN("a.test", ""), NULL, R, R, "", PAGE, "TERM"},
    {URL DOMAIN("a.test", "on_failure = {redirect}"), NULL, R, 0, "", PAGE, "TERM"},
    /* A program's own, for global sections as well. */
    {"on_failure = {terminate}\nprogram \"p\" { on_failure = {message} signal = INT }\n" DOMAIN(
         "a.test", ""),
     "p", M, M, "", "", "INT"},
    {"on_failure = {terminate}\nprogram \"p\" { on_failure = {} }\n" DOMAIN("a.test", ""), "p", 0,
     0, "", "", "TERM"},
    {"on_failure = {terminate}\nprogram \"p\" { message = its }\n" DOMAIN("a.test", ""), "p", T, T,
     "its", "", "TERM"},
    {"program \"p\" { on_failure = {redirect} " DOMAIN("a.test", URL) " }\n", "p", R, R, "", PAGE,
     "TERM"},
    {"program \"p\" { on_failure = {redirect} }\n" DOMAIN("a.test", URL), NULL, 0, 0, "", PAGE,
     "TERM"},
};

Test(responses, what_holds)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct policy_view view = {.override = MODE_UNSET};
        struct config config;
        struct policy_match match;

        must_load(scratch, row->text, &config);
        cr_expect(policy_valid(config.policy, config.policy->size), "row %zu", i);
        view.policy = config.policy;
        view.scope = policy_scope_for(config.policy, NULL, row->program);
        policy_find(&view, &(struct peer){.sni = "a.test"}, &match);
        cr_assert(match.section, "row %zu", i);
        cr_expect_eq(policy_responses(&view, match.section), row->own, "row %zu", i);
        cr_expect_eq(policy_responses(&view, NULL), row->others, "row %zu", i);
        cr_expect_str_eq(policy_message(&view, match.section), row->message, "row %zu", i);
        cr_expect_str_eq(policy_redirect(&view, match.section), row->redirect, "row %zu", i);
        cr_expect_str_eq(signal_name(policy_signal(&view, match.section)), row->signal, "row %zu",
                         i);
        cr_expect_eq(policy_redirects(&view), ((row->own | row->others) & R) != 0, "row %zu", i);
        config_free(&config);
    }
}

static struct decision judge(const char *text, const char *host)
{
    struct policy_view view = {.override = MODE_UNSET};
    const struct chain chain = {.sent_count = 0};
    struct policy_match match;
    struct decision d;
    struct config config;

    must_load(scratch, text, &config);
    view.policy = config.policy;
    policy_find(&view, &(struct peer){.sni = host}, &match);
    policy_judge(&view, &match, &chain, 0, &d);
    config_free(&config);
    return d;
}

/* A refusal that ends the process is called so, in audit too; nothing else is. */
Test(responses, decision)
{
    static const struct {
        const char *text, *host;
        enum action action, would;
    } decisions[] = {
        {DOMAIN("a.test", "on_failure = {terminate}"), "a.test", ACTION_TERMINATE,
         ACTION_TERMINATE},
        {DOMAIN("a.test", "on_failure = {message}"), "a.test", ACTION_BLOCK, ACTION_BLOCK},
        {DOMAIN("a.test", "on_failure = {message, terminate} mode = audit"), "a.test", ACTION_ALLOW,
         ACTION_TERMINATE},
        {"on_failure = {terminate}\n" DOMAIN("a.test", ""), "a.test", ACTION_TERMINATE,
         ACTION_TERMINATE},
        {"on_failure = {terminate}\n" DOMAIN("a.test", "on_failure = {}"), "a.test", ACTION_BLOCK,
         ACTION_BLOCK},
        {"on_failure = {terminate}\n" DOMAIN("a.test", ""), "b.test", ACTION_ALLOW, ACTION_ALLOW},
        {"on_failure = {terminate}\nunpinned = block\n", "b.test", ACTION_TERMINATE,
         ACTION_TERMINATE},
        {"on_failure = {terminate}\nunpinned = audit\n", "b.test", ACTION_ALLOW, ACTION_TERMINATE},
        {"unpinned = block\n" DOMAIN("a.test", "on_failure = {terminate}"), "b.test", ACTION_BLOCK,
         ACTION_BLOCK},
    };

    for (size_t i = 0; i < sizeof decisions / sizeof *decisions; i++) {
        struct decision d = judge(decisions[i].text, decisions[i].host);
        cr_expect_eq(d.action, decisions[i].action, "row %zu: %s", i, action_name(d.action));
        cr_expect_eq(d.would, decisions[i].would, "row %zu: %s", i, action_name(d.would));
    }
}

Test(responses, decision_outside_the_pins)
{
    struct decision d;

    decision_fail(MODE_ENFORCE, ACTION_TERMINATE, REASON_SESSION_NOT_VERIFIED, &d);
    cr_expect(d.action == ACTION_TERMINATE && d.would == ACTION_TERMINATE);
    decision_fail(MODE_AUDIT, ACTION_TERMINATE, REASON_SESSION_NOT_VERIFIED, &d);
    cr_expect(d.action == ACTION_ALLOW && d.would == ACTION_TERMINATE);
}

Test(responses, signals)
{
    static const struct {
        const char *name;
        int number;
        enum signal_effect effect;
    } names[] = {
        {"TERM", SIGTERM, SIGNAL_ENDS},
        {"SIGTERM", SIGTERM, SIGNAL_ENDS},
        {"sigkill", SIGKILL, SIGNAL_ENDS},
        {"ABRT", SIGABRT, SIGNAL_ENDS},
        {"IOT", SIGABRT, SIGNAL_ENDS},
        {"SIGPOLL", SIGIO, SIGNAL_ENDS},
        {"STOP", SIGSTOP, SIGNAL_STOPS},
        {"TSTP", SIGTSTP, SIGNAL_STOPS},
        {"WINCH", SIGWINCH, SIGNAL_DOES_NOTHING},
        {"CHLD", SIGCHLD, SIGNAL_DOES_NOTHING},
    };

    cr_expect_eq(signal_parse("TERM"), SIGNAL_DEFAULT);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint8_t place = signal_parse(names[i].name);
        cr_assert_neq(place, SIGNAL_UNSET, "%s", names[i].name);
        cr_expect_eq(signal_number(place), names[i].number, "%s", names[i].name);
        cr_expect_eq(signal_effect(place), names[i].effect, "%s", names[i].name);
    }
    for (uint8_t place = 1; place <= signal_last(); place++)
        cr_expect_eq(signal_parse(signal_name(place)), place, "%s", signal_name(place));
    for (int number = 1; number < 32; number++) { /* none is missing */
        uint8_t place = 1;
        while (place < signal_last() && signal_number(place) != number)
            place++;
        cr_expect_eq(signal_number(place), number);
    }
}

Test(responses, url)
{
    static const struct {
        const char *url, *host, *port, *reason, *expanded;
    } urls[] = {
        {PAGE, "a.test", "443", "no_pin_matched", PAGE},
        {PAGE "?h=%h&p=%p&r=%r&%%20", "a.test", "443", "no_pin_matched",
         PAGE "?h=a.test&p=443&r=no_pin_matched&%20"},
        {PAGE "%h%h", "a", "", "", PAGE "aa"},
        {PAGE "%h/%p", "2001:db8::1", "", "", PAGE "2001%3Adb8%3A%3A1/"},
        {PAGE "%h", "$(id)`x`;'\"&<>|\n\x1b[31m\xff%h ", "", "",
         PAGE "%24%28id%29%60x%60%3B%27%22%26%3C%3E%7C%0A%1B%5B31m%FF%25h%20"},
        {"mailto:x@y.test", "a", "", "", "mailto:x@y.test"},
    };
    char out[REDIRECT_MAX + 1], why[200], small[16];

    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        cr_expect(redirect_valid(urls[i].url, why, sizeof why), "%s: %s", urls[i].url, why);
        cr_expect(redirect_expand(urls[i].url, urls[i].host, urls[i].port, urls[i].reason, out,
                                  sizeof out));
        cr_expect_str_eq(out, urls[i].expanded);
    }
    cr_expect(redirect_expand(PAGE, "", "", "", small, sizeof small));
    cr_expect_not(redirect_expand(PAGE "%h", "a", "", "", small, sizeof small));
    memset(out, 'a', sizeof out);
    memcpy(out, PAGE, strlen(PAGE));
    out[REDIRECT_MAX] = '\0';
    cr_expect(redirect_valid(out, why, sizeof why));
    cr_expect_not(redirect_valid(scratch_format(scratch, "%sa", out), why, sizeof why));
}

/* A section that takes its response from above, and has nothing to open. */
Test(responses, no_url)
{
    struct config_error error;
    struct config config;

    cr_assert_not(load(scratch,
                       "on_failure = {redirect}\n" DOMAIN("a.test", URL) DOMAIN("b.test", ""),
                       &config, &error));
    cr_expect_eq(error.line, 3);
    cr_expect(strstr(error.text, "domain \"b.test\": on_failure has redirect"), "%s", error.text);
    config_free(&config);
    must_load(scratch,
              "on_failure = {redirect}\n" DOMAIN("a.test", URL)
                  DOMAIN("b.test", "on_failure = {message}") DOMAIN("c.test", "mode = off"),
              &config);
    config_free(&config);
}
