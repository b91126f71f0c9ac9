/* pinshim show: the chain in its order, with the pin to use. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/command/pinshim.h"
#include "tests/support/events.h"

static struct pki pki;

static void open_pki(void)
{
    open_scratch();
    pki_make(&pki, scratch, PKI_P256);
}

static void close_pki(void)
{
    pki_free(&pki);
    close_scratch();
}

TestSuite(show, .init = open_pki, .fini = close_pki);

static const char *bundle(const char *name, const char *a, const char *b, const char *c)
{
    return scratch_text(scratch, name, 0644, "%s%s%s", scratch_read(scratch, a),
                        scratch_read(scratch, b), scratch_read(scratch, c));
}

/* However the file has them, the leaf comes first and the root last. */
Test(show, order)
{
    const char *const files[] = {pki.genuine.leaf_file, pki.intermediate.leaf_file,
                                 pki.root.leaf_file};
    static const int orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                    {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

    for (size_t i = 0; i < 6; i++) {
        const int *o = orders[i];
        const char *path = bundle("bundle.pem", files[o[0]], files[o[1]], files[o[2]]);
        json_t *json = expect_json(PINSHIM("show", "--json", path), 0);
        const json_t *certs = json_object_get(json, "certificates");

        cr_assert_eq(json_array_size(certs), 3);
        expect_string(json_array_get(certs, 0), "position", "leaf");
        expect_string(json_array_get(certs, 0), "cn", "genuine");
        expect_string(json_array_get(certs, 0), "pin", pki.genuine.pin);
        expect_string(json_array_get(certs, 1), "position", "intermediate");
        expect_string(json_array_get(certs, 1), "pin", pki.intermediate.pin);
        expect_string(json_array_get(certs, 2), "position", "root");
        expect_string(json_array_get(certs, 2), "pin", pki.root.pin);
        cr_expect(field_true(json_array_get(certs, 0), "recommended"));
        cr_expect_not(field_true(json_array_get(certs, 1), "recommended"));
        cr_expect_not(field_true(json_array_get(certs, 2), "recommended"));
        cr_expect_not(field_true(json_array_get(certs, 2), "trusted"));
        cr_expect_not(field_true(json_array_get(certs, 0), "expired"));
        json_decref(json);
    }
}

Test(show, table)
{
    struct outcome outcome = PINSHIM("show", pki.genuine.chain_file);
    const char *leaf = strstr(outcome.out, pki.genuine.pin);
    const char *intermediate = strstr(outcome.out, pki.intermediate.pin);

    cr_assert(leaf && intermediate, "%s", outcome.out);
    cr_expect(leaf < intermediate);
    cr_expect(strstr(outcome.out, "POSITION"), "%s", outcome.out);
    cr_expect(strstr(outcome.out, "\n* leaf"), "%s", outcome.out);
    cr_expect(strstr(outcome.out, "backup_pins"), "%s", outcome.out);
    expect_outcome(outcome, 0, NULL, "");
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;

    for (; (text = strstr(text, what)); text += strlen(what))
        n++;
    return n;
}

Test(show, recommends_every_leaf)
{
    struct outcome outcome =
        PINSHIM("show", bundle("two.pem", pki.genuine.leaf_file, pki.mis_issued.leaf_file,
                               pki.intermediate.leaf_file));

    cr_expect_eq(count(outcome.out, "\n* leaf"), 2, "%s", outcome.out);
    cr_expect_eq(count(outcome.out, "\n* "), 2, "%s", outcome.out);
    expect_outcome(outcome, 0, NULL, "");
}

Test(show, without_a_leaf)
{
    struct outcome outcome =
        PINSHIM("show", bundle("cas.pem", pki.root.leaf_file, pki.intermediate.leaf_file,
                               scratch_path(scratch, "none")));

    cr_expect_eq(count(outcome.out, "\n* intermediate"), 1, "%s", outcome.out);
    expect_outcome(outcome, 0, "There is no leaf here", "");
}

/* "in the trust store" is looked up, not guessed from the position. */
Test(show, trusted)
{
    struct command command = {0};

    command_set(&command, scratch_format(scratch, "SSL_CERT_FILE=%s", pki.ca_file));
    pinshim_add(
        &command, "show", "--json",
        bundle("b.pem", pki.genuine.leaf_file, pki.intermediate.leaf_file, pki.root.leaf_file),
        NULL);
    json_t *json = expect_json(pinshim_run(command), 0);
    const json_t *certs = json_object_get(json, "certificates");
    cr_expect(field_true(json_array_get(certs, 2), "trusted"));
    cr_expect_not(field_true(json_array_get(certs, 0), "trusted"));
    json_decref(json);
}

Test(show, expired)
{
    const struct request old = {.key_type = PKI_P256, .not_before = -7200, .not_after = -3600};
    struct identity identity;

    pki_issue(scratch, "old", &pki.intermediate, &old, &identity);
    expect_outcome(PINSHIM("show", identity.leaf_file), 0, "expired", "");
    json_t *json = expect_json(PINSHIM("show", "--json", identity.leaf_file), 0);
    cr_expect(field_true(json_array_get(json_object_get(json, "certificates"), 0), "expired"));
    json_decref(json);
    identity_free(&identity);
}

/* A certificate may call itself anything; a terminal and JSON must not mind. */
Test(show, hostile_name)
{
    const struct request evil = {.key_type = PKI_P256, .common_name = "\x1b[2J\"\\\n*leaf\xc3\xbc"};
    struct identity identity;

    pki_issue(scratch, "evil", NULL, &evil, &identity);
    struct outcome outcome = PINSHIM("show", identity.leaf_file);
    cr_expect_not(strchr(outcome.out, '\x1b'), "%s", outcome.out);
    cr_expect_not(strstr(outcome.out, "\n*leaf"), "%s", outcome.out);
    expect_outcome(outcome, 0, "leaf", "");
    json_t *json = expect_json(PINSHIM("show", "--json", identity.leaf_file), 0);
    expect_string(json_array_get(json_object_get(json, "certificates"), 0), "cn", evil.common_name);
    json_decref(json);
    identity_free(&identity);
}

/* Nor may it turn the columns around (UAX #9), or act on a terminal by a C1 control; JSON says the
 * same without the characters themselves, and leaves letters alone. */
Test(show, hostile_direction)
{
    static const char *const raw[] = {"\xe2\x80", "\xe2\x81", "\xd8\x9c", "\xc2\x9b", "\x7f"};
    const struct request evil = {
        .key_type = PKI_P256,
        .common_name =
            "\xe2\x80\xae\xe2\x81\xa6\xd8\x9c\xc2\x9b\x7fm\xc3\xbcn\xe2\x81\xa9\xe2\x80\xac"};
    struct identity identity;
    const char *const locales[] = {"LC_ALL=C.UTF-8", "LC_ALL=C"};

    pki_issue(scratch, "evil", NULL, &evil, &identity);
    for (size_t i = 0; i < 4; i++) {
        struct command command = {0};
        bool json = i >= 2;
        struct outcome outcome;

        command_set(&command, locales[i % 2]);
        pinshim_add(&command, "show", identity.leaf_file, json ? "--json" : NULL, NULL);
        outcome = pinshim_run(command);
        for (size_t k = 0; k < sizeof raw / sizeof *raw; k++)
            cr_expect_null(strstr(outcome.out, raw[k]), "%s, %zu: %s", locales[i % 2], k,
                           outcome.out);
        cr_expect(!json || strstr(outcome.out, "m\xc3\xbcn"), "%s", outcome.out);
        if (json) {
            json_t *read = expect_json(outcome, 0);

            expect_string(json_array_get(json_object_get(read, "certificates"), 0), "cn",
                          evil.common_name);
            json_decref(read);
        } else {
            expect_outcome(outcome, 0, "\\u202e\\u2066\\u061c\\u009b", "");
        }
    }
    identity_free(&identity);
}

Test(show, standard_input)
{
    struct command command = {.input = scratch_read(scratch, pki.genuine.chain_file)};

    pinshim_add(&command, "show", "-", NULL);
    expect_outcome(pinshim_run(command), 0, pki.genuine.pin, "");
}

Test(show, bad)
{
    const char *words = scratch_text(scratch, "words", 0644, "hello\n");

    expect_outcome(PINSHIM("show"), 2, "", "name one file");
    expect_outcome(PINSHIM("show", "a", "b"), 2, "", "name one file");
    expect_outcome(PINSHIM("show", scratch_path(scratch, "missing")), 2, "", "No such file");
    expect_outcome(PINSHIM("show", words), 2, "", "no certificate");
    expect_outcome(PINSHIM("show", pki.genuine.key_file), 2, "", "private key");
}
