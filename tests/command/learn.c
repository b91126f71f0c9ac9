/* pinshim learn: a config for what was seen, and nothing for what was not to be trusted. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/command/event_lines.h"

TestSuite(learn, .init = open_scratch, .fini = close_scratch);

/* A first trial, before there are sections. */
#define SEEN(spki, more) UNCOVERED "," CHAIN(spki, CERT_1, "CN=Root", "2030-01-01T00:00:00Z") more

static const char *learned;

/* Learns from a file into `learned`, and checks that. */
static const char *learn(const char *file, const char *option)
{
    learned = scratch_path(scratch, "learned.conf");
    unlink(learned);
    expect_outcome(PINSHIM("learn", "-o", learned, option, file), 0, "", "");
    expect_outcome(PINSHIM("check", learned), 0, "mode audit", NULL);
    return scratch_read(scratch, learned);
}

#define LEARN(...) learn(EVENT_FILE("web1.jsonl", __VA_ARGS__), "--")

/* What the policy that was learned says of a domain's pins: as many as there are, in its own
 * words. Comments left out. */
static const char *settings(const char *config)
{
    const char *text = "";

    for (const char *line = config; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        size_t indent = strspn(line, " ");
        if (line[indent] != '#' && line[indent] != '\n' && strncmp(line, "mode", 4) != 0)
            text = scratch_format(scratch, "%s%.*s ", text, (int)(strcspn(line, "\n") - indent),
                                  line + indent);
    }
    return text;
}

/* The commands, as in the file, of one section. */
#define SECTION(name, ports, pins) "domain \"" name "\" { " ports "pins = { " pins " } } "
#define P(pin) "\"" pin "\""

struct learning {
    struct batch batches[4];
    const char *settings;
    const char *comment; /* NULL: any */
};

static const struct learning table[] = {
    {{{3, 2, 1, SEEN(SPKI_A, "")}},
     SECTION("a.test", "", P(SPKI_A)),
     "# CN=a.test, signed by CN=Root, until 2030-01-01; 3 connections"},
    /* Rotated, or behind a load balancer. */
    {{{3, 3, 2, SEEN(SPKI_A, "")}, {3, 2, 1, SEEN(SPKI_B, "")}},
     SECTION("a.test", "", P(SPKI_A) ", " P(SPKI_B)),
     NULL},
    /* The same keys at all ports; others at one; a port that is not known. */
    {{{3, 3, 2, SEEN(SPKI_A, "")}, {3, 2, 1, SEEN(SPKI_A, ",'port':8443")}},
     SECTION("a.test", "", P(SPKI_A)),
     "6 connections"},
    {{{3, 3, 2, SEEN(SPKI_A, "")},
      {3, 2, 1, SEEN(SPKI_B, ",'port':5432")},
      {3, 2, 1, SEEN(SPKI_A, ",'port':8443")}},
     SECTION("a.test", "ports = {443, 8443} ", P(SPKI_A))
         SECTION("a.test", "ports = {5432} ", P(SPKI_B)),
     NULL},
    {{{3, 3, 2, SEEN(SPKI_A, "")}, {3, 2, 1, SEEN(SPKI_B, ",'port':null")}},
     SECTION("a.test", "", P(SPKI_A) ", " P(SPKI_B)),
     NULL},
    /* Addresses without names. */
    {{{3, 2, 1, SEEN(SPKI_A, ",'host':null,'address':'2001:DB8::1'")}},
     SECTION("2001:db8::1", "", P(SPKI_A)),
     NULL},
    {{{3, 2, 1, SEEN(SPKI_A, "")}, {1, 1, 1, SEEN(SPKI_A, ",'host':null,'address':null")}},
     SECTION("a.test", "", P(SPKI_A)),
     "# Of 1 connection neither name nor address is known."},
    /* One name, however it is written. */
    {{{3, 2, 1, SEEN(SPKI_A, ",'host':'A.Test.'")}, {3, 2, 1, SEEN(SPKI_A, "")}},
     SECTION("a.test", "", P(SPKI_A)),
     "6 connections"},
    /* Passed by an earlier policy. */
    {{{3, 2, 1, NULL}}, SECTION("a.test", "", P(SPKI_A)), NULL},
    /* Nobody checked it. */
    {{{3, 2, 1, SEEN(SPKI_A, ",'program_verification':'skipped'")}},
     SECTION("a.test", "", P(SPKI_A)),
     "# UNVERIFIED: the program checks no certificates."},
    {{{3, 2, 1, SEEN(SPKI_A, ",'program_verification':'failed'")}, {3, 2, 1, SEEN(SPKI_B, "")}},
     SECTION("a.test", "", P(SPKI_B)),
     "# Left out: " SPKI_A "\n#   CN=a.test, signed by CN=Root; 3 connections; the program's own"},
    /* What the pins in force did not know. */
    {{{3, 3, 2, NULL},
      {3, 2, 1, FAILS "," CHAIN(SPKI_B, CERT_1, "CN=Root", "2030-01-01T00:00:00Z")}},
     SECTION("a.test", "", P(SPKI_A)),
     "# Left out: " SPKI_B "\n#   CN=a.test, signed by CN=Root; 3 connections; the pins in force"},
    {{{3, 3, 2, NULL},
      {3, 2, 1,
       "'reason':'inspection_ca','pin':null," CHAIN(SPKI_B, CERT_1, "CN=Proxy",
                                                    "2030-01-01T00:00:00Z")}},
     SECTION("a.test", "", P(SPKI_A)),
     "3 connections; TLS inspection: "},
    {{{3, 3, 2, SEEN(SPKI_A, "")}, {9, 2, 1, SEEN(SPKI_B, ",'local_ca':true")}},
     SECTION("a.test", "", P(SPKI_A)),
     "9 connections; TLS inspection: "},
    {{{3, 3, 2, SEEN(SPKI_A, ",'local_ca':false")}}, SECTION("a.test", "", P(SPKI_A)), NULL},
    /* A key that was taken before pins refused it is doubtful. */
    {{{3, 4, 3, SEEN(SPKI_B, "")},
      {3, 3, 2, NULL},
      {1, 1, 1, FAILS "," CHAIN(SPKI_B, CERT_1, "CN=Root", "2030-01-01T00:00:00Z")}},
     SECTION("a.test", "", P(SPKI_A)),
     "# Left out: " SPKI_B},
    /* The odd one out. */
    {{{3, 3, 2, SEEN(SPKI_A, "")},
      {1, 1, 1, UNCOVERED "," CHAIN(SPKI_C, CERT_1, "CN=Proxy", "2030-01-01T00:00:00Z")}},
     SECTION("a.test", "", P(SPKI_A)),
     "1 connection; another CA signed it"},
    /* unpinned = "block" is about names, not keys. */
    {{{3, 2, 1, SEEN(SPKI_A, ",'verdict':'fail','would':'block'")}},
     SECTION("a.test", "", P(SPKI_A)),
     NULL},
    /* A resumed session shows no key. */
    {{{3, 2, 1, SEEN(SPKI_A, "")}, {3, 2, 1, SEEN(SPKI_B, ",'resumed':true")}},
     SECTION("a.test", "", P(SPKI_A)),
     NULL},
    /* Two hosts: one with nothing that could be pinned. */
    {{{3, 2, 1, SEEN(SPKI_A, ",'host':'b.test','program_verification':'failed'")},
      {3, 2, 1, SEEN(SPKI_A, "")}},
     SECTION("a.test", "", P(SPKI_A)),
     "# b.test: no section\n# Seen from curl on web1.\n# Left out: " SPKI_A},
    /* A name that is a pattern, or ends a string, must not become one. */
    {{{3, 2, 1, SEEN(SPKI_A, "")},
      {1, 1, 1, SEEN(SPKI_B, ",'host':'*.test'")},
      {1, 1, 1, SEEN(SPKI_B, ",'host':'10.0.0.0/8'")},
      {1, 1, 1, SEEN(SPKI_B, ",'host':'x\\\"{}\\npins = {}'")}},
     SECTION("a.test", "", P(SPKI_A)),
     "# 3 peers were named so that no section can be:\n#   *.test\n#   10.0.0.0/8\n"
     "#   x\"{}\\x0apins = {}\n"},
    {{{3, 2, 1, SEEN(SPKI_A, "")}, {1, 1, 1, SEEN(SPKI_B, ",'host':'${HOME}.test'")}},
     SECTION("a.test", "", P(SPKI_A)),
     "#   ${HOME}.test\n"},
    {{{3, 2, 1,
       "'program':'x\\n}\\ndomain \\\"evil.test\\\" {','verdict':'unpinned','reason':'no_section',"
       "'chain':[{'subject':'CN=\\n*/ pins','issuer':'\\r#','spki':'" SPKI_A "'}]"}},
     SECTION("a.test", "", P(SPKI_A)),
     "# Seen from x\\x0a}\\x0adomain \"evil.test\" { on web1."},
};

Test(learn, configs)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *config = learn(event_file("web1.jsonl", table[i].batches, 4), "--");

        cr_expect_str_eq(settings(config), table[i].settings, "row %zu: %s", i, config);
        cr_expect(!table[i].comment || strstr(config, table[i].comment), "row %zu: no %s in %s", i,
                  table[i].comment, config);
        cr_expect(strstr(config, "# BACKUP, to be filled: "));
    }
}

/* The CA that signed, where the program verified that it did. */
Test(learn, ca)
{
    static const struct learning cases[] = {
        {{{3, 2, 1, SEEN(SPKI_A, "")}},
         SECTION("a.test", "", P(SPKI_CA)),
         "# The CA CN=Issuing; 3 connections"},
        {{{3, 3, 2, SEEN(SPKI_A, "")}, {3, 2, 1, SEEN(SPKI_B, "")}},
         SECTION("a.test", "", P(SPKI_CA)),
         "6 connections"},
        {{{3, 2, 1, SEEN(SPKI_A, ",'program_verification':'skipped'")}},
         SECTION("a.test", "", P(SPKI_A)),
         "# No verified CA was seen with it"},
        {{{3, 2, 1,
           UNCOVERED ",'chain':[{'subject':'CN=a','issuer':'CN=I','spki':'" SPKI_A
                     "'},{'subject':'CN=Other','issuer':'CN=Other','spki':'" SPKI_CA "'}]"}},
         SECTION("a.test", "", P(SPKI_A)),
         "# No verified CA was seen with it"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *config = learn(event_file("web1.jsonl", cases[i].batches, 4), "--ca");

        cr_expect_str_eq(settings(config), cases[i].settings, "row %zu: %s", i, config);
        cr_expect(strstr(config, cases[i].comment), "row %zu: %s", i, config);
    }
}

/* The slot is where it should be: with it filled, check has nothing to say. */
Test(learn, backup_slot)
{
    const char *config = LEARN({3, 2, 1, SEEN(SPKI_A, "")});
    const char *slot = strstr(config, "#backup_pins = {\"sha256/...\"}");

    expect_outcome(PINSHIM("check", learned), 0, NULL, "no backup pin");
    cr_assert(slot);
    scratch_text(scratch, "learned.conf", 0644, "%.*sbackup_pins = {\"" SPKI_B "\"}%s",
                 (int)(slot - config), config, slot + strlen("#backup_pins = {\"sha256/...\"}"));
    expect_outcome(PINSHIM("check", learned), 0, "1 section, 2 pins, mode audit", "");
}

/* What it proposes lets through what was seen. */
Test(learn, then_report)
{
    const char *file = EVENT_FILE("web1.jsonl", {3, 2, 1, SEEN(SPKI_A, "")});
    struct outcome outcome = PINSHIM("learn", file);

    cr_expect_str_eq(outcome.out, learn(file, "--"));
    expect_outcome(outcome, 0, "mode = \"audit\"", "");
}

/* Whatever the umask: a config that others may write is none. */
Test(learn, readable_config)
{
    struct stat st;

    umask(0);
    LEARN({3, 2, 1, SEEN(SPKI_A, "")});
    cr_assert_eq(stat(learned, &st), 0);
    cr_expect_eq(st.st_mode & 07777, 0644);
}

Test(learn, never_over_a_file)
{
    const char *file = EVENT_FILE("web1.jsonl", {3, 2, 1, SEEN(SPKI_A, "")});
    const char *taken = scratch_text(scratch, "taken.conf", 0600, "mine");
    const char *link = scratch_path(scratch, "link.conf");

    cr_assert_eq(symlink(scratch_path(scratch, "elsewhere.conf"), link), 0);
    expect_outcome(PINSHIM("learn", "-o", taken, file), 2, "", "is there already");
    expect_outcome(PINSHIM("learn", "-o", link, file), 2, "", "is there already");
    expect_outcome(PINSHIM("learn", "-o", scratch_path(scratch, "no/where"), file), 2, "",
                   "cannot write");
    cr_expect_str_eq(scratch_read(scratch, taken), "mine");
    cr_expect_neq(access(scratch_path(scratch, "elsewhere.conf"), F_OK), 0);
}

Test(learn, nothing_to_pin)
{
    expect_outcome(
        PINSHIM("learn", EVENT_FILE("web1.jsonl", {3, 2, 1,
                                                   SEEN(SPKI_A, ",'program_verification':"
                                                                "'failed'")})),
        1, "", "no connection was seen whose key could be pinned");
    expect_outcome(PINSHIM("learn", scratch_text(scratch, "empty", 0644, "%s", "")), 1, "",
                   "no conn");
}

Test(learn, bad_input)
{
    const char *good = event_lines((const struct batch[]){{2, 1, 0, SEEN(SPKI_A, "")}}, 1);

    expect_outcome(PINSHIM("learn", scratch_text(scratch, "web1.jsonl", 0644, "x\n%s", good)), 0,
                   SPKI_A, "1 lines are no events and were left out, the first at");
    expect_outcome(PINSHIM("learn", scratch_text(scratch, "notes", 0644, "Dear all,\nhello\n")), 2,
                   "", "no event in what was read; ");
    expect_outcome(PINSHIM("learn", scratch_path(scratch, "notes"), scratch_path(scratch, "notes")),
                   2, "", "/notes:1: it is no JSON");
    expect_outcome(PINSHIM("learn", scratch_path(scratch, "none")), 2, "", "No such file");
    expect_outcome(PINSHIM("learn"), 2, "", "name the files of events");
    expect_outcome(PINSHIM("learn", "-o"), 2, "", "needs a value");
}

/* What cannot be read of an event may be what speaks against its key; what can be still does. */
Test(learn, damaged_events)
{
    static const char *const damage[] = {",'resumed':1", ",'local_ca':'yes'", ",'port':65536",
                                         ",'program_verification':'perhaps'"};

    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        const char *changes = scratch_format(scratch, SEEN(SPKI_A, "%s"), damage[i]);

        expect_outcome(PINSHIM("learn", EVENT_FILE("web1.jsonl", {3, 2, 1, changes})), 1, "",
                       "3 events with a detail that cannot be read prove no key, the first at");
    }
    expect_outcome(
        PINSHIM("learn",
                EVENT_FILE("web1.jsonl", {3, 2, 1, SEEN(SPKI_A, "")},
                           {1, 1, 1,
                            SEEN(SPKI_A, ",'verdict':'fail','reason':'no_pin_matched','port':443,"
                                         "'owner':1")})),
        1, "", "no connection was seen whose key could be pinned");
}
