/* pinshim test --live and --next: a server as it is now, and a chain that is planned. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/command/pinshim.h"
#include "tests/support/events.h"
#include "tests/support/recorder.h"

static struct pki pki;
static struct recorder recorder;
static const char *at; /* the server, with the genuine certificate */

static void open_live(void)
{
    open_scratch();
    pki_make(&pki, scratch, PKI_P256);
    recorder_start(&recorder, &pki.genuine, NULL);
    at = scratch_format(scratch, "127.0.0.1:%u", recorder.port);
}

static void close_live(void)
{
    background_kill_all();
    pki_free(&pki);
    close_scratch();
}

TestSuite(test_live, .init = open_live, .fini = close_live, .timeout = 60);

static const char *pinned(const char *domain, const char *pin, const char *backup)
{
    return write_config("domain \"%s\" { pins = {\"%s\"} %s%s%s }\n", domain, pin,
                        backup ? "backup_pins = {\"" : "", backup ? backup : "",
                        backup ? "\"}" : "");
}

/* The address is the peer when nothing else is named. */
Test(test_live, server)
{
    json_t *records;

    expect_outcome(PINSHIM("test", "-c", pinned("127.0.0.1", pki.genuine.pin, NULL), "--live", at),
                   0, ", as it is now", "");
    expect_outcome(
        PINSHIM("test", "-c", pinned("127.0.0.1", pki.mis_issued.pin, NULL), "--live", at), 1,
        pki.genuine.pin, "");
    records = recorder_stop(&recorder);
    cr_expect_eq(json_array_size(records), 2);
    for (size_t i = 0; i < json_array_size(records); i++)
        expect_number(json_array_get(records, i), "app_bytes", 0);
    json_decref(records);
}

/* A server that DNS does not know under its name yet: that name is asked for, and is judged. */
Test(test_live, by_name)
{
    const char *config = pinned("api.example.test", pki.genuine.pin, NULL);
    json_t *records;

    expect_outcome(PINSHIM("test", "-c", config, "api.example.test", "--live", at), 0,
                   "domain \"api.example.test\"", "");
    expect_outcome(PINSHIM("test", "-c", config, "other.test", "--live", at), 0, "no_section", "");
    records = recorder_stop(&recorder);
    expect_string(json_array_get(records, 0), "sni", "api.example.test");
    expect_string(json_array_get(records, 1), "sni", "other.test");
    json_decref(records);
}

/* The port is that of the connection. */
Test(test_live, port)
{
    const char *config =
        write_config("unpinned = block\ndomain \"127.0.0.1\" { ports = {%u} pins = {\"%s\"} }\n",
                     recorder.port, pki.genuine.pin);

    expect_outcome(PINSHIM("test", "-c", config, "--live", at), 0, "pin_matched", "");
    config =
        write_config("unpinned = block\ndomain \"127.0.0.1\" { ports = {443} pins = {\"%s\"} }\n",
                     pki.genuine.pin);
    expect_outcome(PINSHIM("test", "-c", config, "--live", at), 1, "no_name", "");
}

Test(test_live, next)
{
    const char *config = pinned("127.0.0.1", pki.genuine.pin, pki.mis_issued.pin);
    json_t *json;

    expect_outcome(PINSHIM("test", "-c", config, "--live", at, "--next", pki.mis_issued.chain_file),
                   0, "the backup pin holds", "");
    expect_outcome(PINSHIM("test", "-c", config, "--live", at, "--next", pki.genuine.chain_file), 0,
                   "a current pin holds", "");
    expect_outcome(PINSHIM("test", "-c", config, "--live", at, "--next", pki.self_signed.leaf_file),
                   1, "no pin holds: add it as a backup pin", "");
    /* The chain of now counts as well. */
    expect_outcome(PINSHIM("test", "-c", config, "127.0.0.1", "--chain", pki.self_signed.leaf_file,
                           "--next", pki.genuine.chain_file),
                   1, "a current pin holds", "");
    expect_outcome(PINSHIM("test", "-c", config, "127.0.0.1", "--next", pki.mis_issued.chain_file),
                   0, "backup_pin_matched", "");
    json = expect_json(
        PINSHIM("test", "--json", "-c", config, "--live", at, "--next", pki.mis_issued.chain_file),
        0);
    const json_t *decisions = json_object_get(json, "decisions");
    cr_assert_eq(json_array_size(decisions), 2);
    expect_string(json_array_get(decisions, 0), "chain", "live");
    expect_string(json_array_get(decisions, 0), "pin_role", "pin");
    expect_string(json_array_get(decisions, 1), "chain", "next");
    expect_string(json_array_get(decisions, 1), "pin_role", "backup");
    json_decref(json);
}

Test(test_live, not_valid_yet)
{
    const struct request request = {.not_before = 86400, .not_after = 2 * 86400};
    struct identity leaf;

    pki_issue(scratch, "later", &pki.intermediate, &request, &leaf);
    expect_outcome(PINSHIM("test", "-c", pinned("a.test", leaf.pin, NULL), "a.test", "--next",
                           leaf.chain_file),
                   0, "is not valid yet", "");
    identity_free(&leaf);
}

Test(test_live, bad)
{
    const char *config = pinned("127.0.0.1", pki.genuine.pin, NULL);

    expect_outcome(PINSHIM("test", "-c", config, "--live", at, "--chain", pki.genuine.chain_file),
                   2, "", "exclude each other");
    expect_outcome(PINSHIM("test", "-c", config, "--live", at, "--next", pki.genuine.key_file), 2,
                   NULL, "private key");
    expect_outcome(PINSHIM("test", "-c", config, "--live", at, "--timeout", "0"), 2, "",
                   "--timeout takes a number");
    expect_outcome(PINSHIM("test", "-c", config, "--live", at, "--starttls", "gopher"), 2, "",
                   "no STARTTLS for 'gopher'");
    json_decref(recorder_stop(&recorder));
    expect_outcome(PINSHIM("test", "-c", config, "--live", at), 2, "", "refused");
}
