/* Events as the shim writes them, made for tests: of a trial of the last days. */
#ifndef PINSHIM_TESTS_COMMAND_EVENT_LINES_H
#define PINSHIM_TESTS_COMMAND_EVENT_LINES_H

#include "tests/command/pinshim.h"

/* The keys and certificates of made-up events. */
#define SPKI_A "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define SPKI_B "sha256/BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA="
#define SPKI_C "sha256/CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCA="
#define SPKI_CA "sha256/EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE="
#define CERT_1 "cert-sha256/1111111111111111111111111111111111111111111111111111111111111111"
#define CERT_2 "cert-sha256/2222222222222222222222222222222222222222222222222222222222222222"

/* Part of a change: who signed, with which key. Quotes as in event_lines. */
#define CHAIN(spki, cert, signer, not_after)                                                       \
    "'chain':[{'position':'leaf','subject':'CN=a.test','issuer':'CN=Issuing','spki':'" spki        \
    "','cert':'" cert "','not_after':'" not_after "'},"                                            \
    "{'position':'intermediate','subject':'CN=Issuing','issuer':'" signer "','spki':'" SPKI_CA     \
    "','cert':'" CERT_2 "','not_after':'2040-01-01T00:00:00Z'}]"

/* Changes that make the passing event another. */
#define FAILS                                                                                      \
    "'verdict':'fail','reason':'no_pin_matched','would':'block','pin':null,'pin_role':null,"       \
    "'pin_position':null"
#define UNCOVERED                                                                                  \
    "'domain':null,'verdict':'unpinned','reason':'no_section','pin':null,'pin_role':null,"         \
    "'pin_position':null"

/* Some events, evenly from `from` days ago to `to` days ago. */
struct batch {
    unsigned count;
    double from, to;
    const char *changes; /* fields that are not as in an event that passed: JSON without its braces,
                            with ' for "; NULL: none */
};

/* Their lines, the scratch directory's. */
char *event_lines(const struct batch *batches, size_t count);

/* Writes them into the file `name`; returns its path. */
const char *event_file(const char *name, const struct batch *batches, size_t count);

#define EVENT_FILE(name, ...)                                                                      \
    event_file(name, (const struct batch[]){__VA_ARGS__},                                          \
               sizeof((const struct batch[]){__VA_ARGS__}) / sizeof(struct batch))

/* A time that many days from now, as events have it; the scratch directory's. */
char *event_time(double days);

/* Why a domain of a report (--json) is not ready: the first reason, "" when it is ready, and
 * "not told" when it is not there. */
const char *report_reason(const json_t *json, const char *domain);

#endif
