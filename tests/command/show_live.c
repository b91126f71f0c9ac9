/* pinshim show HOST: a server as it is, also behind STARTTLS, and servers that mean harm. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/command/dialogue.h"
#include "tests/command/pinshim.h"
#include "tests/support/events.h"

static struct pki pki;

static void open_pki(void)
{
    signal(SIGPIPE, SIG_IGN);
    open_scratch();
    pki_make(&pki, scratch, PKI_P256);
}

static void close_pki(void)
{
    pki_free(&pki);
    close_scratch();
}

TestSuite(show_live, .init = open_pki, .fini = close_pki, .timeout = 120);

/* Shows what `dialogue` serves; the host is its address. */
static struct outcome show(const struct dialogue *dialogue, const struct identity *identity,
                           const char *timeout, bool *heard)
{
    struct talker *talker = talker_start(dialogue, identity);
    const char *at = scratch_format(scratch, "127.0.0.1:%s", talker_port(talker));
    struct command command = {0};
    struct outcome outcome;

    command_set(&command, scratch_format(scratch, "SSL_CERT_FILE=%s", pki.ca_file));
    pinshim_add(&command, "show", "--json", at, "--timeout", timeout, NULL);
    if (dialogue->protocol)
        command_add(&command, "--starttls", dialogue->protocol, NULL);
    outcome = pinshim_run(command);
    *heard = talker_join(talker);
    return outcome;
}

static const struct dialogue good[] = {
    {.protocol = NULL},
    {.protocol = "smtp",
     .turns = {{.says = OCTETS("220-hello\r\n220 there\r\n")},
               {OCTETS("EHLO localhost\r\n"), OCTETS("250-me\r\n250-STARTTLS\r\n250 HELP\r\n")},
               {OCTETS("STARTTLS\r\n"), OCTETS("220 go\r\n")}}},
    {.protocol = "imap",
     .turns = {{.says = OCTETS("* OK ready\r\n")},
               {OCTETS("a STARTTLS\r\n"), OCTETS("* 1 EXISTS\r\na OK begin\r\n")}}},
    {.protocol = "pop3",
     .turns = {{.says = OCTETS("+OK ready\r\n")}, {OCTETS("STLS\r\n"), OCTETS("+OK begin\r\n")}}},
    {.protocol = "ftp",
     .turns = {{.says = OCTETS("220-a\r\n no code here\r\n220 b\r\n")},
               {OCTETS("AUTH TLS\r\n"), OCTETS("234 go\r\n")}}},
    {.protocol = "ldap",
     .turns = {{OCTETS("\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
                       "1.3.6.1.4.1.1466.20037"),
                OCTETS("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00")}}},
    /* The same in lengths of several octets, as Active Directory writes them. */
    {.protocol = "ldap",
     .turns = {{OCTETS("\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
                       "1.3.6.1.4.1.1466.20037"),
                OCTETS("\x30\x84\x00\x00\x00\x10\x02\x01\x01\x78\x84\x00\x00\x00\x07\x0a\x01\x00"
                       "\x04\x00\x04\x00")}}},
    {.protocol = "xmpp",
     .turns = {{OCTETS("<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
                       "xmlns:stream='http://etherx.jabber.org/streams' to='127.0.0.1' "
                       "version='1.0'>"),
                OCTETS("<?xml version='1.0'?><stream:stream id='1'><stream:features><starttls "
                       "xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>")},
               {OCTETS("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
                OCTETS("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")}}},
    {.protocol = "postgres", .turns = {{OCTETS("\0\0\0\x08\x04\xd2\x16\x2f"), OCTETS("S")}}},
    {.protocol = "mysql",
     .turns = {{.says = OCTETS("\x1d\0\0\0\x0a"
                               "8.0.1\0\1\0\0\0abcdefgh\0\x00\x0a\x21\2\0\0\0\0\0")},
               {OCTETS("\x20\0\0\1\0\x8a\0\0\0\0\0\1\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                       "\0\0"),
                OCTETS("")}}},
};

Test(show_live, good)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        const char *name = good[i].protocol ? good[i].protocol : "tls";
        bool heard;
        json_t *json = expect_json(show(&good[i], &pki.genuine, "20", &heard), 0);
        const json_t *certs = json_object_get(json, "certificates");

        cr_expect(heard, "%s", name);
        cr_assert_eq(json_array_size(certs), 3, "%s", name);
        expect_string(json_array_get(certs, 0), "pin", pki.genuine.pin);
        expect_string(json_array_get(certs, 0), "source", "sent");
        expect_string(json_array_get(certs, 0), "verification", "ok");
        expect_string(json_array_get(certs, 1), "source", "sent");
        expect_string(json_array_get(certs, 2), "pin", pki.root.pin);
        expect_string(json_array_get(certs, 2), "source", "trust store");
        cr_expect(field_true(json_array_get(certs, 2), "trusted"));
        json_decref(json);
    }
}

#define SMTP_HELLO                                                                                 \
    {                                                                                              \
        .says = OCTETS("220 hello\r\n")                                                            \
    }
#define LONG "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
    struct dialogue dialogue;
    const char *says;
} bad[] = {
    {{.protocol = "smtp",
      .turns = {SMTP_HELLO, {OCTETS("EHLO localhost\r\n"), OCTETS("250 none\r\n")}},
      .ending = ENDS_SILENT},
     "smtp: the server does not begin TLS; it says: 250 none"},
    {{.protocol = "smtp",
      .turns = {SMTP_HELLO,
                {OCTETS("EHLO localhost\r\n"), OCTETS("250 STARTTLS\r\n")},
                {OCTETS("STARTTLS\r\n"), OCTETS("454 \x1b[2Jlater\r\n")}},
      .ending = ENDS_SILENT},
     "454 \\x1b[2Jlater"},
    /* What comes in clear text behind the answer is no part of anything (CVE-2021-23214's kind). */
    {{.protocol = "smtp",
      .turns = {SMTP_HELLO,
                {OCTETS("EHLO localhost\r\n"), OCTETS("250 STARTTLS\r\n")},
                {OCTETS("STARTTLS\r\n"), OCTETS("220 go\r\n250 injected\r\n")}},
      .ending = ENDS_SILENT},
     "does not speak TLS"},
    {{.protocol = "smtp", .turns = {{.says = OCTETS("220-" LONG "\r\n")}}, .ending = ENDS_IN_FLOOD},
     "does not begin TLS"},
    {{.protocol = "smtp", .turns = {{.says = OCTETS(LONG)}}, .ending = ENDS_IN_FLOOD},
     "a line without end"},
    {{.protocol = "imap", .turns = {{.says = OCTETS("* BYE\r\n")}}, .ending = ENDS_CLOSED},
     "it says: * BYE"},
    {{.protocol = "imap",
      .turns = {{.says = OCTETS("* OK\r\n")}, {OCTETS("a STARTTLS\r\n"), OCTETS("* " LONG "\r\n")}},
      .ending = ENDS_IN_FLOOD},
     "does not begin TLS"},
    {{.protocol = "pop3", .ending = ENDS_CLOSED}, "closed the connection before TLS"},
    {{.protocol = "ftp",
      .turns = {{.says = OCTETS("220 a\r\n")}, {OCTETS("AUTH TLS\r\n"), OCTETS("530 no\r\n")}},
      .ending = ENDS_SILENT},
     "it says: 530 no"},
    {{.protocol = "ldap",
      .turns = {{.says = OCTETS("\x30\x84\xff\xff\xff\xff")}},
      .ending = ENDS_IN_FLOOD},
     "something else than LDAP"},
    {{.protocol = "ldap",
      .turns = {{.says = OCTETS("\x30\x0c\x02\x01\x01\x78\xff\x0a\x01\x00\x04"
                                "\x00\x04\x00")}},
      .ending = ENDS_SILENT},
     "something else than LDAP"},
    {{.protocol = "ldap",
      .turns = {{.says = OCTETS("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x35\x04"
                                "\x00\x04\x00")}},
      .ending = ENDS_SILENT},
     "LDAP result code 53"},
    {{.protocol = "xmpp", .turns = {{.says = OCTETS("<a>" LONG)}}, .ending = ENDS_IN_FLOOD},
     "does not begin TLS"},
    {{.protocol = "xmpp",
      .turns = {{.says = OCTETS("<stream:error><x/></stream:error>")}},
      .ending = ENDS_SILENT},
     "stream:error"},
    {{.protocol = "postgres",
      .turns = {{OCTETS("\0\0\0\x08\x04\xd2\x16\x2f"), OCTETS("N")}},
      .ending = ENDS_SILENT},
     "no (ssl = off)"},
    {{.protocol = "mysql", .turns = {{.says = OCTETS("\xff\xff\xff\0")}}, .ending = ENDS_IN_FLOOD},
     "something else than MySQL"},
    {{.protocol = "mysql",
      .turns = {{.says = OCTETS("\4\0\0\0\x0a"
                                "8.0")}},
      .ending = ENDS_SILENT},
     "something else than MySQL"},
    {{.protocol = "mysql",
      .turns = {{.says = OCTETS("\x1d\0\0\0\x0a"
                                "8.0.1\0\1\0\0\0abcdefgh\0\x00\x02\x21\2\0\0\0\0\0")}},
      .ending = ENDS_SILENT},
     "it has no TLS"},
    {{.protocol = "mysql",
      .turns = {{.says = OCTETS("\x0b\0\0\0\xff\x69\x04"
                                "Too many")}},
      .ending = ENDS_SILENT},
     "Too many"},
    {{.turns = {{.says = OCTETS("220 hello\r\n")}}, .ending = ENDS_SILENT},
     "is --starttls missing?"},
    {{.ending = ENDS_CLOSED}, "the TLS handshake failed"},
};

Test(show_live, hostile)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        bool heard;
        struct outcome outcome = show(&bad[i].dialogue, &pki.genuine, "20", &heard);

        cr_expect_not(strstr(outcome.err, "\x1b"), "%zu", i);
        cr_expect(strstr(outcome.err, bad[i].says), "%zu: %s", i, outcome.err);
        expect_outcome(outcome, 2, "", "127.0.0.1 port ");
    }
}

/* Silence ends when it was said to, before TLS and within. */
Test(show_live, silent)
{
    static const struct dialogue silent[] = {{.protocol = "smtp", .ending = ENDS_SILENT},
                                             {.ending = ENDS_SILENT}};
    bool heard;

    expect_outcome(show(&silent[0], &pki.genuine, "1", &heard), 2, "", "did not answer in time");
    expect_outcome(show(&silent[1], &pki.genuine, "1", &heard), 2, "", "took too long");
}

/* The server has proved to have the first certificate's key, whatever else it sends: a CA's as its
 * own does not make what that CA signed the leaf. */
Test(show_live, first_is_the_leaf)
{
    struct identity ca = pki.intermediate;
    bool heard;

    ca.chain_file = scratch_text(scratch, "odd.pem", 0644, "%s%s",
                                 scratch_read(scratch, pki.intermediate.leaf_file),
                                 scratch_read(scratch, pki.genuine.leaf_file));
    json_t *json = expect_json(show(&good[0], &ca, "20", &heard), 0);
    const json_t *certs = json_object_get(json, "certificates");

    expect_string(json_array_get(certs, 0), "pin", pki.intermediate.pin);
    expect_string(json_array_get(certs, 0), "position", "leaf");
    cr_expect(field_true(json_array_get(certs, 0), "recommended"));
    cr_expect_not(field_true(json_array_get(certs, 1), "recommended"));
    json_decref(json);
}

Test(show_live, name_asked_for)
{
    struct talker *talker = talker_start(&good[0], &pki.genuine);
    struct command command = {0};

    command_set(&command, scratch_format(scratch, "SSL_CERT_FILE=%s", pki.ca_file));
    pinshim_add(&command, "show", "--servername", "other.test",
                scratch_format(scratch, "127.0.0.1:%s", talker_port(talker)), NULL);
    expect_outcome(pinshim_run(command), 0, "does not verify", "");
    talker_join(talker);
}

/* A host that is an address is held to the certificate's addresses. */
Test(show_live, address_of_another)
{
    const struct request named = {.names = "DNS:other.test,IP:192.0.2.1"};
    struct identity other;
    bool heard;

    pki_issue(scratch, "other", &pki.intermediate, &named, &other);
    json_t *json = expect_json(show(&good[0], &other, "20", &heard), 0);
    expect_string(json_array_get(json_object_get(json, "certificates"), 0), "verification",
                  "IP address mismatch");
    json_decref(json);
    identity_free(&other);
}

Test(show_live, usage)
{
    expect_outcome(PINSHIM("show", "a.test", "--starttls", "gopher"), 2, "",
                   "there is no STARTTLS for 'gopher'; write smtp, imap");
    expect_outcome(PINSHIM("show", "a.test:0"), 2, "", "'0' is no port");
    expect_outcome(PINSHIM("show", "127.0.0.1:1", "--timeout", "0"), 2, "", "a number from 1");
    expect_outcome(PINSHIM("show", "nosuchfile.invalid"), 2, "", "there is no such file, and");
}
