/* A certificate that signed itself, alone in a file: a server's own, or a CA's. */
#include <stdio.h>
#include <string.h>

#include <openssl/x509v3.h>

#include <criterion/criterion.h>

#include "tests/command/desk.h"
#include "tests/command/dialogue.h"
#include "tests/support/events.h"

TestSuite(self_signed, .init = open_desk, .fini = close_desk, .timeout = 120);

/* What `openssl req -x509 -subj /CN=…` makes. */
#define ORDINARY(name) .ca = true, .key_usage = "", .common_name = name

static const struct {
    struct request request;
    const char *position;
} rows[] = {
    {{ORDINARY("self.test")}, "leaf"},
    {{ORDINARY("self.test"), .key_type = PKI_RSA2048}, "leaf"},
    {{ORDINARY("self.test"), .key_type = PKI_ED25519}, "leaf"},
    {{.common_name = "self.test", .version_1 = true}, "leaf"}, /* x509 -req -signkey */
    {{ORDINARY("An Appliance")}, "leaf"},
    {{.ca = true, .key_usage = "critical,digitalSignature", .common_name = "self.test"}, "leaf"},
    {{.basic = "critical,CA:TRUE", .names = "DNS:self.test"}, "leaf"},
    {{.basic = "critical,CA:TRUE", .names = "DNS:self.test", .key_usage = "keyCertSign"}, "leaf"},
    {{.names = "DNS:self.test"}, "leaf"},
    {{.ca = true, .common_name = "self.test"}, "root"}, /* with a CA's key usage */
    {{.ca = true, .key_usage = "digitalSignature,keyCertSign"}, "root"},
};

/* The one row of `pinshim show FILE`. */
static void expect_shown(const char *file, const char *trusted, const char *position)
{
    struct command command = {0};
    json_t *json;
    const json_t *certs;

    if (trusted)
        command_set(&command, scratch_format(scratch, "SSL_CERT_FILE=%s", trusted));
    pinshim_add(&command, "show", "--json", file, NULL);
    json = expect_json(pinshim_run(command), 0);
    certs = json_object_get(json, "certificates");
    cr_assert_eq(json_array_size(certs), 1);
    expect_string(json_array_get(certs, 0), "position", position);
    cr_expect(field_true(json_array_get(certs, 0), "recommended"));
    json_decref(json);
}

/* The only pin of `pinshim list`. */
static void expect_listed(const char *position)
{
    json_t *json = expect_json(DESK("list", "--json"), 0);
    const json_t *pins = json_object_get(json, "pins");

    cr_expect_eq(json_array_size(pins), 1);
    expect_string(json_array_get(pins, 0), "position", position);
    json_decref(json);
}

/* Adds it, as `position` if that is not NULL, and looks at what is written of it. */
static void expect_added(const struct identity *self, const char *position, const char *written)
{
    struct command command = {0};

    pinshim_add(&command, "add", "self.test", "--cert", self->leaf_file, "-c", desk_config,
                position ? "--position" : NULL, position, NULL);
    expect_outcome(pinshim_run(command), 0, self->pin, NULL);
    cr_expect(
        strstr(read_pins("self.test.conf"), scratch_format(scratch, "# position=%s ", written)),
        "%s", read_pins("self.test.conf"));
    expect_listed(written);
    expect_outcome(DESK("remove", "self.test"), 0, NULL, NULL);
}

Test(self_signed, alone)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct identity self;
        bool leaf = strcmp(rows[i].position, "leaf") == 0;

        pki_issue(scratch, scratch_format(scratch, "self-%zu", i), NULL, &rows[i].request, &self);
        expect_shown(self.leaf_file, NULL, rows[i].position);
        expect_outcome(PINSHIM("show", self.leaf_file), 0,
                       leaf ? "Put the marked pin into pins" : "There is no leaf here", "");
        if (leaf)
            expect_added(&self, NULL, "leaf");
        else
            expect_outcome(DESK("add", "self.test", "--cert", self.leaf_file), 2, "",
                           "say --position root to pin that CA, or --position leaf if it is what");
        expect_added(&self, "leaf", "leaf");
        if (X509_check_ca(self.cert) != 0)
            expect_added(&self, "root", "root");
        else
            expect_outcome(DESK("add", "self.test", "--cert", self.leaf_file, "--position", "root"),
                           2, "", "no root certificate");
        expect_outcome(
            DESK("add", "self.test", "--cert", self.leaf_file, "--position", "intermediate"), 2, "",
            "no intermediate certificate");
        identity_free(&self);
    }
}

Test(self_signed, pasted)
{
    const struct request request = {ORDINARY("self.test")};
    struct identity self;
    struct command command = {0};

    pki_issue(scratch, "self", NULL, &request, &self);
    command.input = scratch_read(scratch, self.leaf_file);
    pinshim_add(&command, "add", "self.test", "--pem", "-", "-c", desk_config, NULL);
    expect_outcome(pinshim_run(command), 0, self.pin, NULL);
    expect_listed("leaf");
    identity_free(&self);
}

/* What the system trusts is a CA, and one that anybody can get a certificate from may be pinned
 * only knowingly. */
Test(self_signed, trusted)
{
    const struct request request = {ORDINARY("self.test")};
    struct identity self;
    const char *const words[] = {NULL, "leaf", "root"};

    pki_issue(scratch, "self", NULL, &request, &self);
    expect_shown(self.leaf_file, self.leaf_file, "root");
    for (size_t i = 0; i < 3; i++) {
        struct command command = {0};

        command_set(&command, scratch_format(scratch, "SSL_CERT_FILE=%s", self.leaf_file));
        pinshim_add(&command, "add", "self.test", "--cert", self.leaf_file, "-c", desk_config,
                    words[i] ? "--position" : NULL, words[i], NULL);
        if (words[i])
            expect_outcome(pinshim_run(command), 0, NULL, "only a public root is pinned");
        else
            expect_outcome(pinshim_run(command), 2, "", "--position");
        if (words[i])
            expect_outcome(DESK("remove", "self.test"), 0, NULL, NULL);
    }
    identity_free(&self);
}

/* Beside others it is one of a chain, and a CA. */
Test(self_signed, not_alone)
{
    const struct request request = {ORDINARY("self.test")};
    struct identity self;
    const char *both;

    pki_issue(scratch, "self", NULL, &request, &self);
    both = scratch_text(scratch, "both.pem", 0644, "%s%s", scratch_read(scratch, self.leaf_file),
                        scratch_read(scratch, pki.genuine.leaf_file));
    expect_outcome(DESK("add", "a.test", "--cert", both), 0, pki.genuine.pin, NULL);
    expect_listed("leaf");
    identity_free(&self);
}

/* Most likely a CA's after all. */
Test(self_signed, other_name)
{
    const struct request request = {ORDINARY("Our Root")};
    struct identity self;

    pki_issue(scratch, "self", NULL, &request, &self);
    expect_outcome(DESK("add", "self.test", "--cert", self.leaf_file), 0, NULL,
                   "is not for self.test, but for Our Root; if it is a CA's, --position root");
    identity_free(&self);
}

/* What a server has shown it has the key of; list knows that from then on. */
Test(self_signed, live)
{
    static const struct dialogue plain;
    const struct request requests[] = {{ORDINARY("self.test")}, {.ca = true}};
    struct identity self;

    for (size_t i = 0; i < 2; i++) {
        struct talker *talker;
        const char *at;

        pki_issue(scratch, scratch_format(scratch, "self-%zu", i), NULL, &requests[i], &self);
        talker = talker_start(&plain, &self);
        at = scratch_format(scratch, "127.0.0.1:%s", talker_port(talker));
        expect_outcome(DESK("add", "self.test", "--from", at, "--insecure-first-use", "--yes"), 0,
                       self.pin, NULL);
        talker_join(talker);
        expect_listed("leaf");
        expect_outcome(DESK("remove", "self.test"), 0, NULL, NULL);
        identity_free(&self);
    }
}

/* A pin that nobody has said anything of. */
Test(self_signed, listed_by_itself)
{
    const struct request requests[] = {{ORDINARY("self.test")}, {.ca = true}};
    static const char *const positions[] = {"leaf", "root"};

    for (size_t i = 0; i < 2; i++) {
        struct identity self;

        pki_issue(scratch, scratch_format(scratch, "self-%zu", i), NULL, &requests[i], &self);
        write_pins("a.conf", scratch_format(scratch, "domain \"a.test\" { pins = {\"file:%s\"} }\n",
                                            self.leaf_file));
        expect_listed(positions[i]);
        identity_free(&self);
    }
}
