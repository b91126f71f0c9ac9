/* pinshim check: warnings about pins and the certificates they come from. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/command/findings.h"
#include "tests/command/pinshim.h"

TestSuite(check_pins, .init = open_scratch, .fini = close_scratch);

/* A day so far from today, in UTC. */
static const char *day(int from_today)
{
    time_t when = time(NULL) + from_today * 86400;
    char text[32];
    struct tm tm;

    strftime(text, sizeof text, "%Y-%m-%d", gmtime_r(&when, &tm));
    return scratch_format(scratch, "%s", text);
}

Test(check_pins, backup)
{
    WARNINGS(write_config("domain \"none.test\" { pins = {" PIN_A "," PIN_E "} }\n"
                          "domain \"vain.test\" { pins = {" PIN_E "," PIN_A
                          "} backup_pins = {" PIN_A "} }\n"
                          "domain \"good.test\" { " PINS " }\n"
                          "domain \"other-kind.test\" { pins = {" PIN_A "}\n"
                          "    backup_pins = {\"cert-"
                          "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"} }\n"
                          "domain \"out.test\" { mode = off }\n"
                          "domain \"idle.test\" { mode = off pins = {" PIN_A "} }\n"),
             {NULL, 1, "none.test", "no backup pin"},
             {NULL, 2, "vain.test", "a backup pin is one of the current pins"});
}

Test(check_pins, expires)
{
    WARNINGS(write_config("domain \"past.test\" { " PINS " expires = %s }\n"
                          "domain \"soon.test\" { " PINS " expires = %s }\n"
                          "domain \"late.test\" { " PINS " expires = %s }\n"
                          "domain \"idle.test\" { " PINS " expires = %s mode = off }\n",
                          day(-2), day(10), day(60), day(-2)),
             {NULL, 1, "past.test", scratch_format(scratch, "expired at the end of %s", day(-2))},
             {NULL, 2, "soon.test", scratch_format(scratch, "expire at the end of %s", day(10))});
}

/* What becomes of the connections then is for `expired` of that scope to say. */
Test(check_pins, expired_rule)
{
    WARNINGS(write_config("expired = block\n"
                          "domain \"past.test\" { " PINS " expires = %s }\n"
                          "program \"curl\" {\n  expired = allow\n"
                          "  domain \"past.test\" { " PINS " expires = %s }\n}\n",
                          day(-2), day(-2)),
             {NULL, 2, "past.test", "every peer is refused now"},
             {NULL, 5, "past.test", "every peer is let through now"});
}

/* An included file's warnings bear its name, and stand behind the config's. */
Test(check_pins, included)
{
    const char *path = write_config("include_dir = \"pins.d\"\n"
                                    "domain \"z.test\" { pins = {" PIN_A "} }\n");

    cr_assert(mkdir(scratch_path(scratch, "pins.d"), 0755) == 0);
    scratch_text(scratch, "pins.d/b.conf", 0644, "\n\ndomain \"b.test\" { pins = {" PIN_A "} }\n");
    scratch_text(scratch, "pins.d/a.conf", 0644,
                 "\n\n\n\ndomain \"a2.test\" { %s }\ndomain \"a1.test\" { pins = {" PIN_A "} }\n",
                 PINS);
    WARNINGS(path, {NULL, 2, "z.test", "no backup pin"},
             {scratch_path(scratch, "pins.d/a.conf"), 6, "a1.test", "no backup pin"},
             {scratch_path(scratch, "pins.d/b.conf"), 3, "b.test", "no backup pin"});
}

/* A certificate that ends so many days from now, and a CA's. */
static void issue(const char *name, bool ca, long days, struct identity *out)
{
    const struct request request = {
        .ca = ca, .not_before = -100 * 86400L, .not_after = days * 86400};

    pki_issue(scratch, name, NULL, &request, out);
}

static const char *ends(const struct identity *identity)
{
    struct tm tm;
    char text[32];

    cr_assert(ASN1_TIME_to_tm(X509_get0_notAfter(identity->cert), &tm) == 1);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return scratch_format(scratch, "%s", text);
}

Test(check_pins, certificates)
{
    struct identity past, soon, late, ca;

    issue("past", false, -1, &past);
    issue("soon", false, 10, &soon);
    issue("late", false, 60, &late);
    issue("ca", true, -1, &ca);
    scratch_text(scratch, "both.pem", 0644, "# %s\n%s", "told",
                 scratch_read(scratch, ca.leaf_file));
    WARNINGS(
        write_config("domain \"a.test\" {\n"
                     "  pins = {\n    \"file:late.pem\",\n    \"file:past.pem\"\n  }\n"
                     "  backup_pins = {\"file:soon.pem\"}\n}\n"
                     "domain \"b.test\" { pins = {\"%s\"} backup_pins = {\"%s\"} }\n"
                     "domain \"c.test\" { pins = {\"file:both.pem\"} backup_pins = {" PIN_E "} }\n"
                     "domain \"d.test\" { mode = off pins = {\"file:past.pem\"} }\n",
                     past.pin, soon.pin),
        {NULL, 4, "a.test", scratch_format(scratch, "past.pem expired at %s; ", ends(&past))},
        {NULL, 6, "a.test", scratch_format(scratch, "soon.pem expires at %s; ", ends(&soon))},
        {NULL, 9, "c.test",
         scratch_format(scratch, "both.pem expired at %s, and nothing that it signed", ends(&ca))});
    identity_free(&past);
    identity_free(&soon);
    identity_free(&late);
    identity_free(&ca);
}

/* Moves a certificate into the store; returns its ID, of 16 digits. */
static const char *put_in_store(const struct identity *identity)
{
    unsigned char *der = NULL, digest[32];
    int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(identity->cert), &der);
    char id[17];

    cr_assert(length > 0 && EVP_Digest(der, (size_t)length, digest, NULL, EVP_sha256(), NULL) == 1);
    OPENSSL_free(der);
    for (int i = 0; i < 8; i++)
        snprintf(id + 2 * i, 3, "%02x", digest[i]);
    cr_assert(rename(identity->leaf_file,
                     scratch_path(scratch, scratch_format(scratch, "store/%s.pem", id))) == 0);
    return scratch_format(scratch, "%s", id);
}

/* What was typed beside a pin counts, as in `pinshim list`, where no certificate is known. */
Test(check_pins, typed)
{
    struct identity late;
    const char *path;

    cr_assert(mkdir(scratch_path(scratch, "pins.d"), 0755) == 0);
    issue("late", false, 60, &late);
    scratch_text(scratch, "pins.d/b.conf", 0644,
                 "\n\ndomain \"b.test\" {\n  pins = {\n    " PIN_A
                 " # position=leaf expires=%s cn=b\n"
                 "  }\n  backup_pins = {" PIN_E "}\n}\n",
                 day(10));
    scratch_text(scratch, "key.pub.pem", 0644, "%s",
                 "-----BEGIN PUBLIC KEY-----\n"
                 "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
                 "-----END PUBLIC KEY-----\n");
    path = write_config(
        "include_dir = \"pins.d\"\n"
        "domain \"z.test\" { pins = {" PIN_A
        ", # expires=2020-01-01 cn=z\n\"sha256/IIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII=\""
        " # expires=%s\n} backup_pins = {" PIN_E " # expires=2020-02-30\n} }\n"
        "domain \"a.test\" {\n  pins = {" PIN_A "}\n  backup_pins = {\n    " PIN_E
        " // expires=%s\n  }\n}\n"
        "domain \"idle.test\" { mode = off pins = {" PIN_A " # expires=2020-01-01\n} }\n"
        "program \"p\" { domain \"z.test\" { pins = {\"file:key.pub.pem\" # "
        "expires=2020-01-01\n} backup_pins = {" PIN_E "} } }\n"
        "domain \"met.test\" { pins = {\"file:late.pem\" # expires=2020-01-01\n} "
        "backup_pins = {" PIN_E "} }\n",
        day(60), day(-1));
    WARNINGS(
        path, {NULL, 2, "z.test", "AAAA= expired at the end of 2020-01-01, says the comment"},
        {NULL, 9, "a.test", scratch_format(scratch, "EEEE= expired at the end of %s", day(-1))},
        {NULL, 14, "z.test", "of file:key.pub.pem expired at the end of 2020-01-01"},
        {scratch_path(scratch, "pins.d/b.conf"), 5, "b.test",
         scratch_format(scratch, "AAAA= expires at the end of %s", day(10))});
    identity_free(&late);
}

/* A certificate in the store says more than a comment. */
Test(check_pins, typed_and_met)
{
    struct identity late;
    const char *id, *path;

    cr_assert(mkdir(scratch_path(scratch, "store"), 0755) == 0);
    issue("late", false, 60, &late);
    id = put_in_store(&late);
    path = write_config("domain \"a.test\" { pins = {\"%s\" # expires=2020-01-01\n"
                        "} backup_pins = {" PIN_E "} }\n"
                        "domain \"b.test\" { pins = {\"store:%s\" # expires=2020-01-01\n"
                        "} backup_pins = {" PIN_E "} }\n",
                        late.pin, id);
    expect_outcome(PINSHIM("check", path), 0, "2 sections", "");
    identity_free(&late);
}

/* The sections are in another order in the policy than in the config. */
Test(check_pins, store)
{
    struct identity past, late;
    const char *past_id, *late_id, *path;

    cr_assert(mkdir(scratch_path(scratch, "store"), 0755) == 0);
    cr_assert(mkdir(scratch_path(scratch, "pins.d"), 0755) == 0);
    issue("past", false, -1, &past);
    issue("late", false, 60, &late);
    past_id = put_in_store(&past);
    late_id = put_in_store(&late);
    path = write_config("include_dir = \"pins.d\"\n"
                        "domain \"a.test\" { pins = {\"store:%s\"} backup_pins = {" PIN_E "} }\n"
                        "domain \"b.test\" { pins = {\"store:%s\"} backup_pins = {" PIN_E "} }\n"
                        "domain \"c.test\" { pins = {\"store:%s\"} backup_pins = {" PIN_E "} }\n",
                        late_id, past_id, late_id);
    scratch_text(scratch, "pins.d/more.conf", 0644,
                 "domain \"d.test\" { pins = {" PIN_A "}\n  backup_pins = {\"store:%s\"} }\n",
                 past_id);
    WARNINGS(path,
             {NULL, 3, "b.test",
              scratch_format(scratch, "/store/%s.pem expired at %s; ", past_id, ends(&past))},
             {scratch_path(scratch, "pins.d/more.conf"), 2, "d.test", "expired at "});
    identity_free(&past);
    identity_free(&late);
}

/* Pins written as digests, whose certificates only the store knows; a newer one for the same key
 * counts, and a section that is off is left out. */
Test(check_pins, known_to_the_store)
{
    struct identity past, soon, late, ca;
    const char *path;

    cr_assert(mkdir(scratch_path(scratch, "store"), 0755) == 0);
    issue("past", false, -1, &past);
    issue("soon", false, 10, &soon);
    issue("late", false, 60, &late);
    issue("ca", true, -1, &ca);
    path = write_config("domain \"a.test\" {\n  pins = {\"%s\"}\n  backup_pins = {\"%s\"} }\n"
                        "domain \"b.test\" { pins = {\"%s\"} backup_pins = {\"file:soon.pem\"} }\n"
                        "domain \"c.test\" { pins = {\"%s\"} backup_pins = {" PIN_E "} }\n"
                        "domain \"d.test\" { mode = off pins = {\"%s\"} }\n",
                        past.pin, soon.pin, late.pin, ca.pin, past.pin);
    expect_outcome(PINSHIM("store", "add", "-c", path, past.leaf_file, soon.leaf_file,
                           late.leaf_file, ca.leaf_file),
                   0, "stored", "");
    WARNINGS(path,
             {NULL, 1, "a.test", scratch_format(scratch, "the certificate of %s (", past.pin)},
             {NULL, 1, "a.test", scratch_format(scratch, ") expires at %s; ", ends(&soon))},
             {NULL, 4, "b.test", scratch_format(scratch, "soon.pem expires at %s; ", ends(&soon))},
             {NULL, 5, "c.test",
              scratch_format(scratch, ") expired at %s, and nothing that it signed", ends(&ca))});
    identity_free(&past);
    identity_free(&soon);
    identity_free(&late);
    identity_free(&ca);
}
