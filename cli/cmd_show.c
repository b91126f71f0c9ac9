/* pinshim show: a chain as a table, with the pin to use. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cert_chain.h"
#include "cli/cert_text.h"
#include "cli/certs.h"
#include "cli/cli.h"
#include "cli/table.h"

static const char help[] =
    "Usage: pinshim show [--json] FILE\n"
    "\n"
    "Shows the certificates of a file (PEM or DER, bundle, PKCS#7; \"-\" is standard\n"
    "input) as a chain from leaf to root: position, name, pin, SHA-256 fingerprint,\n"
    "the day it expires, and whether that certificate itself is in the system's\n"
    "trust store. The pin to use is marked with a star.\n"
    "\n"
    "  --json   the same as JSON\n"
    "  --help   this text\n"
    "\n"
    "Exit status: 0 good, 2 wrong usage or a file that cannot be used.\n";

static const struct table_column columns[] = {
    {"*", TABLE_TEXT, TABLE_PEOPLE},
    {"POSITION", TABLE_TEXT, TABLE_BOTH},
    {"CN", TABLE_TEXT, TABLE_BOTH},
    {"PIN", TABLE_TEXT, TABLE_BOTH},
    {"FINGERPRINT", TABLE_TEXT, TABLE_BOTH},
    {"EXPIRES", TABLE_TEXT, TABLE_BOTH},
    {"TRUSTED", TABLE_YES_NO, TABLE_BOTH},
    {"EXPIRED", TABLE_YES_NO, TABLE_JSON},
    {"RECOMMENDED", TABLE_YES_NO, TABLE_JSON},
};

static const char *yes_no(bool answer)
{
    return answer ? "yes" : "no";
}

static bool add_row(struct table *table, bool json, const struct cert *cert, bool recommended,
                    X509_STORE *store)
{
    char pin_text[PIN_TEXT_SIZE], fingerprint[FINGERPRINT_SIZE], expires[CERT_TIME_SIZE];
    bool expired = cert_expired(cert->x509), good;
    char *name = cert_short_name(cert->x509);
    struct pin pin, digest;

    if (!name || !cert_pin(cert, &pin) || !cert_fingerprint(cert->x509, &digest)) {
        free(name);
        return false;
    }
    pin_format(&pin, pin_text);
    fingerprint_format(&digest, fingerprint);
    cert_not_after(cert->x509, expires);
    if (!json) { /* the day is enough for people */
        size_t day = strcspn(expires, "T");

        snprintf(expires + day, sizeof(expires) - day, "%s", expired ? " expired" : "");
    }
    good = table_row(table, (const char *const[]){recommended ? "*" : "",
                                                  position_name(chain_position(cert->x509)), name,
                                                  pin_text, fingerprint, expires,
                                                  yes_no(system_store_has(store, cert->x509)),
                                                  yes_no(expired), yes_no(recommended)});
    free(name);
    return good;
}

/* Every leaf is recommended, and without one the certificate that the file leads with. */
static bool recommended(const struct certs *certs, size_t i, bool has_leaf)
{
    return has_leaf ? chain_position(certs->items[i].x509) == POSITION_LEAF : i == 0;
}

static const char *advice(bool has_leaf, bool expired)
{
    if (expired)
        return "The marked certificate has expired: get its successor, and pin that if its key is "
               "a new one.";
    if (has_leaf)
        return "Put the marked pin into pins; make a spare key now, keep it offline, and put its "
               "pin into backup_pins.";
    return "There is no leaf here: a CA's pin counts only on a path that verifies, and lets in "
           "all that this CA signs.";
}

static bool print(const struct certs *certs, size_t count, bool json)
{
    struct table *table =
        table_new("certificates", json, columns, sizeof(columns) / sizeof(columns[0]));
    X509_STORE *store = system_store();
    bool good = table && store, has_leaf = false, expired = false;

    for (size_t i = 0; i < count; i++)
        has_leaf |= chain_position(certs->items[i].x509) == POSITION_LEAF;
    for (size_t i = 0; good && i < count; i++) {
        bool marked = recommended(certs, i, has_leaf);

        expired |= marked && cert_expired(certs->items[i].x509);
        good = add_row(table, json, &certs->items[i], marked, store);
    }
    good = good && table_print(table);
    if (good && !json)
        printf("\n%s\n", advice(has_leaf, expired));
    X509_STORE_free(store);
    table_free(table);
    return good;
}

static int show(const char *path, bool json)
{
    char why[WHY_SIZE];
    struct certs certs;
    size_t count = 0;
    int status = STATUS_USAGE;

    if (!certs_read(path, &certs, why, sizeof(why))) {
        cli_error("%s", why);
    } else if (!chain_order(&certs)) {
        cli_error("out of memory");
    } else {
        while (count < certs.count && certs.items[count].x509)
            count++;
        if (count == 0)
            cli_error("%s has no certificate, only a %s; %s", input_name(path),
                      certs.count ? "public key" : "private key",
                      certs.count ? "'pinshim pin' makes its pin"
                                  : "show the certificate that belongs to it");
        else if (print(&certs, count, json))
            status = STATUS_GOOD;
        else
            cli_error("cannot print the certificates of %s", input_name(path));
    }
    certs_free(&certs);
    return status;
}

int cmd_show(int argc, char **argv)
{
    static const struct option longs[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
    bool json = false;
    int option;

    while ((option = cli_option(argc, argv, ":h", longs)) != -1) {
        if (option == 'h')
            return cli_help(help);
        if (option == '?')
            return STATUS_USAGE;
        json = true;
    }
    if (argc - optind != 1) {
        cli_usage_error("name one file; \"-\" is standard input");
        return STATUS_USAGE;
    }
    return show(argv[optind], json);
}
