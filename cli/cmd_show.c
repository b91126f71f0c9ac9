/* pinshim show: a chain as a table, with the pin to use. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/cert_chain.h"
#include "cli/cert_text.h"
#include "cli/chain_source.h"
#include "cli/cli.h"
#include "cli/public_roots.h"
#include "cli/table.h"

static const struct command_line line = {
    .usage = "show [OPTION...] FILE | - | HOST[:PORT]",
    .about = "Shows certificates as a chain from leaf to root: of a file (PEM with anything\n"
             "around it, DER, bundle, PKCS#7), of standard input (\"-\"), or as a server sends\n"
             "them now. For each: position, name, pin, SHA-256 fingerprint, the day it expires,\n"
             "whether that certificate itself is in the system's trust store, key, issuer and\n"
             "names. The pin to use is marked with a star. What a chain lacks at its end is\n"
             "completed from the trust store, and told apart.\n"
             "\n"
             "What is no file and has no slash is taken for a host. The port is 443, or the\n"
             "protocol's own.\n",
    .accepted = ARG(STARTTLS) | ARG(SERVERNAME) | ARG(TIMEOUT) | ARG(JSON),
    .examples = "  pinshim show chain.pem\n"
                "  pinshim show api.example.com\n"
                "  pinshim show mail.example.com:587 --starttls smtp\n",
    .status = "0 good, 2 wrong usage, or certificates that cannot be had.\n",
};

static const struct table_column columns[] = {
    {"*", TABLE_TEXT, TABLE_PEOPLE},          {"POSITION", TABLE_TEXT, TABLE_BOTH},
    {"CN", TABLE_TEXT, TABLE_BOTH},           {"PIN", TABLE_TEXT, TABLE_BOTH},
    {"FINGERPRINT", TABLE_TEXT, TABLE_BOTH},  {"EXPIRES", TABLE_TEXT, TABLE_BOTH},
    {"TRUSTED", TABLE_YES_NO, TABLE_BOTH},    {"SOURCE", TABLE_TEXT, TABLE_BOTH},
    {"KEY", TABLE_TEXT, TABLE_BOTH},          {"ISSUER", TABLE_TEXT, TABLE_BOTH},
    {"NAMES", TABLE_TEXT, TABLE_BOTH},        {"NOT_BEFORE", TABLE_TEXT, TABLE_JSON},
    {"EXPIRED", TABLE_YES_NO, TABLE_JSON},    {"RECOMMENDED", TABLE_YES_NO, TABLE_JSON},
    {"VERIFICATION", TABLE_TEXT, TABLE_JSON}, {"ADVICE", TABLE_TEXT, TABLE_JSON},
};

/* What a chain is looked at with. */
struct view {
    const struct chain_source *source;
    struct public_roots *roots;
    struct table *table;
    bool json, has_leaf;
};

static const char *yes_no(bool answer)
{
    return answer ? "yes" : "no";
}

static bool is_public_root(const struct view *view, const struct cert *cert)
{
    struct policy_pin wanted = {.kind = PIN_SPKI};
    struct pin pin;

    if (!cert_pin(cert, &pin))
        return false;
    memcpy(wanted.digest, pin.digest, DIGEST_SIZE);
    return public_roots_find(view->roots, &wanted) != NULL;
}

/* The trade-off of pinning at that place. */
static const char *advice(const struct view *view, size_t i)
{
    switch (chain_source_position(view->source, i)) {
    case POSITION_LEAF:
        return chain_source_is_either(view->source)
                   ? "a server's own, which it signed itself: nobody without this key, or a "
                     "certificate that it signed, gets in; pin the next key before the certificate "
                     "changes to it; were it a CA, 'pinshim add --position root' says so"
                   : "strong: nobody without this key gets in; pin the next key before the "
                     "certificate changes to it";
    case POSITION_INTERMEDIATE:
        return "easier renewal: certificates of this CA pass without a change here; wider trust: "
               "so "
               "does whatever else it signs, and public CAs change theirs without notice";
    default:
        return is_public_root(view, &view->source->certs.items[i])
                   ? "do not pin this alone: a public root, and every CA below it can stand in"
                   : "your own CA, or one that nobody else trusts: whatever it signs passes";
    }
}

/* Of a server its own certificate; of a file every leaf, and without one what it leads with. */
static bool recommended(const struct view *view, size_t i)
{
    if (view->source->live)
        return i == 0;
    return view->has_leaf ? chain_source_position(view->source, i) == POSITION_LEAF : i == 0;
}

static const char *origin(const struct view *view, size_t i)
{
    return view->source->certs.items[i].completed ? "trust store"
           : view->source->live                   ? "sent"
                                                  : "file";
}

static bool add_row(const struct view *view, size_t i)
{
    const struct cert *cert = &view->source->certs.items[i];
    char pin_text[PIN_TEXT_SIZE], fingerprint[FINGERPRINT_SIZE], expires[CERT_TIME_SIZE];
    char key[CERT_KEY_SIZE], not_before[CERT_TIME_SIZE];
    char *name = cert_short_name(cert->x509), *names = cert_names(cert->x509);
    char *issuer = cert_issuer_name(cert->x509);
    bool expired = cert_expired(cert->x509), marked = recommended(view, i);
    struct pin pin, digest;
    bool good =
        name && names && issuer && cert_pin(cert, &pin) && cert_fingerprint(cert->x509, &digest);

    if (good) {
        pin_format(&pin, pin_text);
        fingerprint_format(&digest, fingerprint);
        cert_not_before(cert->x509, not_before);
        cert_not_after(cert->x509, expires);
        cert_key_text(cert->x509, key);
        if (!view->json) { /* the day is enough for people */
            size_t day = strcspn(expires, "T");

            snprintf(expires + day, sizeof(expires) - day, "%s", expired ? " expired" : "");
        }
        good = table_row(view->table, (const char *const[]){
                                          marked ? "*" : "",
                                          position_name(chain_source_position(view->source, i)),
                                          name, pin_text, fingerprint, expires,
                                          yes_no(system_store_has(view->source->store, cert->x509)),
                                          origin(view, i), key, issuer, names, not_before,
                                          yes_no(expired), yes_no(marked),
                                          i > 0                    ? NULL
                                          : view->source->verified ? "ok"
                                                                   : view->source->reason,
                                          advice(view, i)});
        if (expired || marked)
            table_color(view->table, expired ? "red" : "green");
    }
    free(issuer);
    free(names);
    free(name);
    return good;
}

/* Each position's trade-off once, and what comes next. */
static void print_advice(const struct view *view)
{
    const struct chain_source *source = view->source;
    unsigned told = 0;
    bool expired = false;

    putchar('\n');
    if (source->verified)
        cli_print(stdout, "The chain verifies up to the system's trust store%s%s.",
                  source->live ? ", for " : "", source->live ? live_name(&source->server) : "");
    else
        cli_print(stdout, "The chain does not verify up to the system's trust store: %s.",
                  source->reason);
    for (size_t i = 0; i < source->count; i++) {
        enum position position = chain_source_position(source, i);

        expired |= recommended(view, i) && cert_expired(source->certs.items[i].x509);
        if (!(told & position))
            printf("  %-13s %s.\n", position_name(position), advice(view, i));
        told |= position;
    }
    if (expired)
        puts("The marked certificate has expired: get its successor, and pin that if its key is a "
             "new one.");
    else if (view->has_leaf)
        puts("Put the marked pin into pins; make a spare key now, keep it offline, and put its pin "
             "into backup_pins.");
    else
        puts("There is no leaf here: a CA's pin counts only on a path that verifies, and lets in "
             "all that this CA signs.");
}

static bool print(const struct chain_source *source, bool json)
{
    struct view view = {.source = source, .json = json, .roots = public_roots_new()};
    bool good;

    view.table = table_new("certificates", json, columns, sizeof(columns) / sizeof(columns[0]));
    good = view.table && view.roots;
    for (size_t i = 0; i < source->count; i++)
        view.has_leaf |= chain_source_position(source, i) == POSITION_LEAF;
    for (size_t i = 0; good && i < source->count; i++)
        good = add_row(&view, i);
    good = good && table_print(view.table);
    if (good && !json)
        print_advice(&view);
    table_free(view.table);
    public_roots_free(view.roots);
    return good;
}

static bool is_host(const char *text, const struct arguments *arguments)
{
    if (given(arguments, ARG_STARTTLS) || given(arguments, ARG_SERVERNAME))
        return true;
    return strcmp(text, "-") != 0 && !strchr(text, '/') && access(text, F_OK) != 0;
}

int cmd_show(int argc, char **argv)
{
    struct chain_source source;
    struct arguments arguments;
    char why[WHY_SIZE];
    int status = arguments_read(&line, argc, argv, &arguments);
    const char *what;
    bool live, good;

    if (status >= 0)
        return status;
    if (arguments.count != 1) {
        cli_usage_error("name one file, or one server; \"-\" is standard input");
        return STATUS_USAGE;
    }
    what = arguments.rest[0];
    live = is_host(what, &arguments);
    good = live ? chain_source_live(what, &arguments, &source, why, sizeof(why))
                : chain_source_file(what, &source, why, sizeof(why));
    status = STATUS_USAGE;
    if (!good)
        cli_error("%s%s",
                  live && !strpbrk(what, ":") && !given(&arguments, ARG_STARTTLS)
                      ? "there is no such file, and: "
                      : "",
                  why);
    else if (source.count == 0)
        cli_error("%s has no certificate, only a %s; %s", input_name(what),
                  source.certs.count ? "public key" : "private key",
                  source.certs.count ? "'pinshim pin' makes its pin"
                                     : "show the certificate that belongs to it");
    else if (print(&source, given(&arguments, ARG_JSON)))
        status = STATUS_GOOD;
    else
        cli_error("cannot print the certificates of %s", input_name(what));
    chain_source_free(&source);
    return status;
}
