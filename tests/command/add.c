/* pinshim add: from files, pasted text, and by hand. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/command/desk.h"
#include "tests/support/events.h"

TestSuite(add, .init = open_desk, .fini = close_desk, .timeout = 120);

static struct outcome pasted(const char *text, const char *domain)
{
    struct command command = {.input = text};

    pinshim_add(&command, "add", domain, "--pem", "-", "-c", desk_config, NULL);
    return pinshim_run(command);
}

/* The first 16 hex digits of a cert-sha256/ pin. */
static const char *digits(const char *cert_pin)
{
    return scratch_format(scratch, "%.16s", strchr(cert_pin, '/') + 1);
}

Test(add, from_a_file)
{
    const char *text;

    expect_outcome(DESK("add", "api.example.test", "--cert", pki.genuine.leaf_file), 0,
                   pki.genuine.pin, "no backup pin");
    text = read_pins("api.example.test.conf");
    cr_expect(strstr(text, "domain \"api.example.test\" {\n    pins = {\n        \"sha256/"), "%s",
              text);
    cr_expect(strstr(text, "# position=leaf expires="), "%s", text);
    cr_expect(strstr(text, strchr(pki.genuine.cert_pin, '/') + 1), "%s", text);
    cr_expect(strstr(text, " cn=genuine\n"), "%s", text);
    expect_outcome(DESK("store", "list"), 0, digits(pki.genuine.cert_pin) ? pki.genuine.pin : "",
                   "");
    expect_outcome(PINSHIM("check", desk_config), 0, "1 section, 1 pin, mode audit", NULL);
    /* And it is the pin that holds. */
    expect_outcome(
        PINSHIM("test", "-c", desk_config, "api.example.test", "--chain", pki.genuine.chain_file),
        0, "pass", "");
    expect_outcome(PINSHIM("test", "-c", desk_config, "api.example.test", "--chain",
                           pki.mis_issued.chain_file),
                   1, "no_pin_matched", "");
}

Test(add, again_changes_nothing)
{
    const char *before;

    expect_outcome(DESK("add", "a.test", "--cert", pki.genuine.leaf_file), 0, NULL, NULL);
    before = read_pins("a.test.conf");
    expect_outcome(DESK("add", "a.test", "--cert", pki.genuine.leaf_file), 0, "nothing to do",
                   NULL);
    expect_outcome(DESK("add", "A.test.", "--pin", pki.genuine.pin), 0, "nothing to do", NULL);
    cr_expect_str_eq(read_pins("a.test.conf"), before);
}

Test(add, pasted_with_junk)
{
    const char *text = scratch_format(scratch, "Dear all,\n> below\n%s\nRegards\n",
                                      scratch_read(scratch, pki.genuine.chain_file));

    expect_outcome(pasted(text, "a.test"), 0, pki.genuine.pin, NULL);
    expect_outcome(pasted("Dear all\n", "b.test"), 2, "", "standard input has no certificate");
    expect_outcome(pasted("", "b.test"), 2, "", "standard input is empty");
}

Test(add, position)
{
    expect_outcome(
        DESK("add", "i.test", "--cert", pki.genuine.chain_file, "--position", "intermediate"), 0,
        pki.intermediate.pin, NULL);
    expect_outcome(DESK("add", "r.test", "--cert", pki.ca_file, "--position", "root"), 0,
                   pki.root.pin, NULL);
    expect_outcome(DESK("add", "x.test", "--cert", pki.ca_file), 2, "", "--position");
    expect_outcome(DESK("add", "x.test", "--cert", pki.genuine.leaf_file, "--position", "root"), 2,
                   "", "no root certificate leads up from the leaf");
    expect_outcome(DESK("add", "x.test", "--cert", pki.ca_file, "--position", "top"), 2, "",
                   "write leaf, intermediate or root");
    cr_expect_str_eq(read_pins("x.test.conf"), "");
}

/* A CA that merely carries the issuer's name leads up from nothing. Certificates of version 1 name
 * no key: only the signature tells. */
Test(add, forged_issuer)
{
    const struct request old = {.version_1 = true, .common_name = "old"}, leaf = {.ca = false};
    struct identity genuine, forged, server;

    pki_issue(scratch, "old", NULL, &old, &genuine);
    pki_issue(scratch, "forged", NULL, &old, &forged);
    pki_issue(scratch, "server", &genuine, &leaf, &server);
    for (int i = 0; i < 2; i++) {
        const struct identity *ca = i == 0 ? &genuine : &forged;
        const char *path = scratch_text(scratch, "chain.pem", 0644, "%s%s",
                                        scratch_read(scratch, server.leaf_file),
                                        scratch_read(scratch, ca->leaf_file));
        struct outcome outcome = DESK("add", "x.test", "--cert", path, "--position", "root");

        if (i == 0)
            expect_outcome(outcome, 0, genuine.pin, NULL);
        else
            expect_outcome(outcome, 2, "", "no root certificate leads up from the leaf");
    }
    identity_free(&server);
    identity_free(&forged);
    identity_free(&genuine);
}

Test(add, options)
{
    expect_outcome(DESK("add", "a.test", "--cert", pki.genuine.leaf_file, "--ports", "8443,443"), 0,
                   "a.test-8443-443.conf", NULL);
    expect_outcome(DESK("add", "a.test", "--pin", PIN_A, "--ports", "443,8443", "--backup"), 0,
                   "to backup_pins of domain \"a.test\" in ", NULL);
    expect_outcome(DESK("add", "a.test", "--pin", PIN_E, "--ports", "25"), 0, "a.test-25.conf",
                   NULL);
    expect_outcome(DESK("add", "a.test", "--pin", PIN_E), 1, "", "nothing has changed");
    expect_outcome(DESK("add", "b.test", "--pin", PIN_E, "--include-subdomains"), 0,
                   "__.b.test.conf", NULL);
    expect_outcome(DESK("add", "**.b.test", "--pin", PIN_A), 0, "__.b.test.conf", NULL);
    expect_outcome(DESK("add", "*.b.test", "--pin", PIN_A), 0, "/_.b.test.conf", NULL);
    expect_outcome(DESK("add", "2001:DB8::/32", "--pin", PIN_A), 0, "/2001:db8::_32.conf", NULL);
    expect_outcome(PINSHIM("check", desk_config), 0, "5 sections, 7 pins", NULL);
    cr_expect(strstr(read_pins("a.test-8443-443.conf"), "    ports = {8443, 443}\n"));
}

Test(add, by_hand)
{
    expect_outcome(DESK("add", "a.test", "--pin", PIN_A, "--cn", "my \"server\" # 1", "--expires",
                        "2037-06-30", "--fingerprint", strchr(pki.genuine.cert_pin, '/') + 1),
                   0, "added " PIN_A, NULL);
    cr_expect(strstr(read_pins("a.test.conf"), "# expires=2037-06-30 fingerprint="));
    cr_expect(strstr(read_pins("a.test.conf"), " cn=my \"server\" # 1\n"));
    expect_outcome(
        DESK("add", "a.test", "--pin", "sha256//EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE="), 0,
        PIN_E, NULL);
    expect_outcome(DESK("add", "past.test", "--pin", PIN_A, "--expires", "2020-01-01"), 0, "added",
                   "expired at the end of 2020-01-01, says the comment beside it");
    expect_outcome(DESK("add", "a.test", "--pin", "sha1/xxx"), 2, "", "--pin sha1/xxx: ");
    expect_outcome(DESK("add", "a.test", "--pin", PIN_A, "--expires", "soon"), 2, "", "YYYY-MM-DD");
    expect_outcome(DESK("add", "a.test", "--pin", PIN_A, "--expires", "2027-02-30"), 2, "",
                   "--expires 2027-02-30: write a day as YYYY-MM-DD");
    expect_outcome(DESK("add", "a.test", "--pin", PIN_A, "--fingerprint", "ab"), 2, "",
                   "64 hex digits");
    /* What is dropped is told. */
    expect_outcome(DESK("add", "a.test", "--pin", PIN_A, "--expires", "2038-01-01"), 0,
                   "nothing to do: ", "said of it beside was not written; 'pinshim edit a.test'");
    /* A line break would end the comment, and begin a line of the config. */
    expect_outcome(DESK("add", "n.test", "--pin", PIN_A, "--cn", "x\nmode = \"off\""), 0, NULL,
                   NULL);
    cr_expect(strstr(read_pins("n.test.conf"), "cn=x\\x0amode"), "%s", read_pins("n.test.conf"));
}

/* A pin that is not looked at is told of. */
Test(add, where_it_does_nothing)
{
    write_pins("x.conf", "domain \"off.test\" {\n    mode = off\n}\n"
                         "domain \"on.test\" { mode = off ports = {25} }\n"
                         "domain \"b.test\" { include_subdomains = true mode = off }\n");
    expect_outcome(DESK("add", "off.test", "--pin", PIN_A), 0, "added ",
                   "x.conf:1: warning: domain \"off.test\": the pin does nothing: the section says "
                   "mode = \"off\"");
    expect_outcome(DESK("add", "OFF.test.", "--pin", PIN_A), 0, "nothing to do", "does nothing");
    expect_outcome(DESK("add", "**.b.test", "--pin", PIN_A), 0, "added ", "does nothing");
    struct outcome outcome = DESK("add", "on.test", "--pin", PIN_A, "--ports", "443");
    cr_expect_null(strstr(outcome.err, "does nothing"), "%s", outcome.err);
    expect_outcome(outcome, 0, "added ", "no backup pin");
    desk_config = write_config("mode = \"off\"\ninclude_dir = \"pins.d\"\n");
    expect_outcome(DESK("add", "c.test", "--pin", PIN_A), 0, "added ",
                   "the config says mode = \"off\"");
}

/* Warnings are those of the section, however it was named. */
Test(add, warns_of_the_section)
{
    write_pins("x.conf",
               "domain \"b.test\" { include_subdomains = true pins = {\"" PIN_A "\"} }\n");
    expect_outcome(DESK("add", "**.b.test", "--pin", PIN_E), 0, "added ", "no backup pin");
    expect_outcome(DESK("add", "C.test.", "--pin", PIN_E), 0, "added ", "no backup pin");
}

/* As in a config: a path from its directory on, to one key or certificate. */
Test(add, pin_of_a_file)
{
    struct command command = {.directory = "/"};
    const char *pin = scratch_format(scratch, "file:%s", pki.genuine.leaf_file);

    expect_outcome(DESK("add", "a.test", "--pin", pin), 0, pki.genuine.pin, "no backup pin");
    cr_expect(strstr(read_pins("a.test.conf"), " cn=genuine\n"), "%s", read_pins("a.test.conf"));
    expect_outcome(DESK("store", "list"), 0, pki.genuine.pin, "");
    expect_outcome(DESK("remove", "a.test", pin), 0, "removed 1 pin", NULL);
    scratch_text(scratch, "root.pem", 0644, "%s", scratch_read(scratch, pki.ca_file));
    pinshim_add(&command, "add", "a.test", "--pin", "file:root.pem", "-c", desk_config, NULL);
    expect_outcome(pinshim_run(command), 0, pki.root.pin, NULL);
    expect_outcome(DESK("add", "a.test", "--pin", "file:missing.pem"), 2, "",
                   "/missing.pem: No such file or directory; a pin's path is meant from the "
                   "config's directory, and --cert FILE takes one from here");
    expect_outcome(DESK("add", "a.test", "--pin", "file:"), 2, "", "meant from the config's");
    expect_outcome(DESK("add", "a.test", "--pin", "file:/dev/null"), 2, "", "is empty");
    expect_outcome(
        DESK("add", "a.test", "--pin", scratch_format(scratch, "file:%s", pki.genuine.key_file)), 2,
        "", "holds a private key");
    expect_outcome(DESK("add", "a.test", "--pin", pin, "--cn", "x"), 2, "",
                   "certificates say it themselves");
    expect_outcome(DESK("add", "a.test", "--pin", pin, "--position", "root"), 2, "",
                   "no root certificate leads up");
    cr_expect_null(strstr(read_pins("a.test.conf"), "file:"), "%s", read_pins("a.test.conf"));
}

static const char *const hostile[] = {
    "../../x",  "..",          "/etc/passwd", "a.test/../../x", "x\" { }",    "a b",
    "a.test\n", "$(reboot)",   "a;b",         "https://a.test", "a.test:443", "",
    "*",        "bücher.test", "#a.test",     "a\\.test",       "`id`.test",  "-"};

/* Whatever stands where a name belongs: nothing is written, inside or out. */
Test(add, hostile_names)
{
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct outcome outcome = DESK("add", "--pin", PIN_A, "--", hostile[i]);

        if (strcmp(hostile[i], "-") != 0) { /* a poor name, but one */
            cr_expect_eq(outcome.status, 2, "%s: %s", hostile[i], outcome.out);
            cr_expect(*outcome.err, "%s", hostile[i]);
        }
        outcome_free(&outcome);
    }
    struct outcome found = PINSHIM("list", "-c", desk_config, "--json");
    cr_expect_null(strstr(found.out, "passwd"), "%s", found.out);
    outcome_free(&found);
    cr_expect_neq(access(scratch_path(scratch, "x.conf"), F_OK), 0);
}

Test(add, usage)
{
    expect_outcome(PINSHIM("add"), 2, "", "name one DOMAIN");
    expect_outcome(DESK("add", "a.test"), 2, "", "say where the pin comes from");
    expect_outcome(DESK("add", "a.test", "--pin", PIN_A, "--cert", "x"), 2, "", "once: --cert");
    expect_outcome(DESK("add", "a.test", "--pem", "file"), 2, "", "a file is --cert FILE");
    expect_outcome(DESK("add", "a.test", "--cert", "x", "--cn", "y"), 2, "", "go with --pin");
    expect_outcome(DESK("add", "a.test", "--cert", "x", "--starttls", "smtp"), 2, "",
                   "go with --from");
    expect_outcome(DESK("add", "a.test", "--pin", PIN_A, "--ports", "443,"), 2, "", "--ports 443,");
    expect_outcome(PINSHIM("add", "a.test", "--pin", PIN_A, "-c", "/nowhere/x.conf"), 2, "",
                   "No such file");
}

Test(add, no_include_dir)
{
    const char *before = "mode = \"audit\"\ndomain \"a.test\" { pins = {\"" PIN_A "\"} }\n";

    desk_config = write_config("%s", before);
    expect_outcome(DESK("add", "b.test", "--pin", PIN_A), 2, "",
                   "write include_dir = \"pins.d\" into it");
    cr_expect_str_eq(scratch_read(scratch, desk_config), before);
    /* A section that is there takes its pins where it stands. */
    expect_outcome(DESK("add", "a.test", "--pin", PIN_E, "--backup"), 0, "pinshim.conf", "");
    cr_expect(strstr(scratch_read(scratch, desk_config), "    backup_pins = {\n        \"" PIN_E));
}

/* A config that is wrong is not made worse. */
Test(add, wrong_config)
{
    write_pins("x.conf", "domain \"x.test\" { pins = {\"nonsense\"} }\n");
    expect_outcome(DESK("add", "b.test", "--pin", PIN_A), 1, "", "x.conf:1: pins \"nonsense\"");
    cr_expect_str_eq(read_pins("b.test.conf"), "");
}

/* Mode and links of what is changed stay; a new file is as readable as the config. */
Test(add, file_stays_what_it_was)
{
    const char *real = write_pins("a.conf", "domain \"a.test\" { pins = {\"" PIN_A "\"} }\n");
    const char *elsewhere = scratch_path(scratch, "elsewhere.conf");
    struct stat st;

    cr_assert(rename(real, elsewhere) == 0 && symlink(elsewhere, real) == 0);
    cr_assert(chmod(elsewhere, 0640) == 0);
    expect_outcome(DESK("add", "a.test", "--pin", PIN_E), 0, NULL, NULL);
    cr_assert(lstat(real, &st) == 0);
    cr_expect(S_ISLNK(st.st_mode));
    cr_assert(stat(real, &st) == 0);
    cr_expect_eq(st.st_mode & 07777, 0640);
    cr_expect(strstr(scratch_read(scratch, elsewhere), PIN_E));
    expect_outcome(DESK("add", "b.test", "--pin", PIN_E), 0, NULL, NULL);
    cr_assert(stat(scratch_path(scratch, "pins.d/b.test.conf"), &st) == 0);
    cr_expect_eq(st.st_mode & 07777, 0600, "%o", st.st_mode);
}
