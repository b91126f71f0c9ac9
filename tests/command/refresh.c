/* pinshim refresh: pins of which only the digest is known meet their certificates. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/command/pinshim.h"
#include "tests/support/events.h"
#include "tests/support/recorder.h"

static struct pki pki;
static struct recorder recorder;

static void open_refresh(void)
{
    open_scratch();
    pki_make(&pki, scratch, PKI_P256);
    recorder_start(&recorder, &pki.genuine, NULL);
}

static void close_refresh(void)
{
    background_kill_all();
    pki_free(&pki);
    close_scratch();
}

TestSuite(refresh, .init = open_refresh, .fini = close_refresh, .timeout = 60);

/* The status of the pin number `i` in the list. */
static void expect_status(const char *config, size_t i, const char *status)
{
    json_t *json = expect_json(PINSHIM("list", "--json", "-c", config), 0);

    expect_string(json_array_get(json_object_get(json, "pins"), i), "status", status);
    json_decref(json);
}

Test(refresh, server)
{
    const char *config = write_config(
        "domain \"127.0.0.1\" { ports = {%u} pins = {\"%s\", \"%s\"} backup_pins = {\"%s\"} }\n",
        recorder.port, pki.genuine.pin, pki.intermediate.cert_pin, pki.mis_issued.pin);
    struct outcome outcome;
    json_t *records;

    expect_status(config, 0, "unknown");
    outcome = PINSHIM("refresh", "-c", config);
    cr_expect(strstr(outcome.out, pki.genuine.pin), "%s", outcome.out);
    cr_expect(strstr(outcome.out, pki.intermediate.cert_pin), "%s", outcome.out);
    cr_expect(!strstr(outcome.out, pki.mis_issued.pin), "%s", outcome.out);
    expect_outcome(outcome, 1, NULL, pki.mis_issued.pin); /* one is unknown still */
    expect_status(config, 0, "expiring");
    expect_status(config, 1, "expiring");
    expect_status(config, 2, "unknown");
    /* The config is as it was, and the rest comes from a file. */
    expect_outcome(PINSHIM("refresh", "-c", config, "--cert", pki.mis_issued.chain_file), 0,
                   pki.mis_issued.pin, "");
    expect_status(config, 2, "expiring");
    expect_outcome(PINSHIM("refresh", "-c", config), 0, "no pin asked for is unknown", "");
    records = recorder_stop(&recorder);
    cr_expect_eq(json_array_size(records), 1);
    json_decref(records);
}

Test(refresh, domain)
{
    const char *config = write_config(
        "domain \"*.a.test\" { pins = {\"%s\"} }\ndomain \"b.test\" { pins = {\"%s\"} }\n"
        "domain \"a.test\" { pins = {\"%s\"} include_subdomains = true }\n",
        pki.genuine.pin, pki.genuine.pin, pki.mis_issued.pin);
    const char *at = scratch_format(scratch, "127.0.0.1:%u", recorder.port);

    expect_outcome(PINSHIM("refresh", "-c", config, "*.a.test"), 1, "", "name one with --from");
    expect_outcome(PINSHIM("refresh", "-c", config, "*.A.test", "--from", at), 0, "*.a.test: met",
                   "");
    expect_outcome(PINSHIM("refresh", "-c", config, "**.A.test", "--from", at), 1, "",
                   pki.mis_issued.pin);
    expect_outcome(PINSHIM("refresh", "-c", config, "**.b.test"), 1, "", "no section is for");
    json_decref(recorder_stop(&recorder));
}

Test(refresh, bad)
{
    const char *config = write_config("domain \"127.0.0.1\" { ports = {%u} pins = {\"%s\"} }\n",
                                      recorder.port, pki.genuine.pin);

    expect_outcome(PINSHIM("refresh", "-c", config, "a", "b"), 2, "", "name one DOMAIN at most");
    expect_outcome(PINSHIM("refresh", "-c", config, "--cert", scratch_path(scratch, "none")), 2, "",
                   "No such file");
    expect_outcome(PINSHIM("refresh", "-c", config, "--cert", pki.genuine.key_file), 2, "",
                   "holds a private key");
    expect_outcome(PINSHIM("refresh", "-c", config, "no.test"), 1, "",
                   "no section is for \"no.test\"");
    expect_outcome(PINSHIM("refresh", "-c", config, "--timeout", "0"), 2, "",
                   "--timeout takes a number from 1 to 3600");
    expect_outcome(PINSHIM("refresh", "-c", config, "--starttls", "gopher"), 2, "",
                   "there is no STARTTLS for 'gopher'");
    expect_outcome(PINSHIM("refresh", "-c", config, "--cert", pki.self_signed.leaf_file), 1, "",
                   "no certificate");
    json_decref(recorder_stop(&recorder));
    expect_outcome(PINSHIM("refresh", "-c", config), 1, "", "127.0.0.1: ");
    expect_status(config, 0, "unknown");
}
