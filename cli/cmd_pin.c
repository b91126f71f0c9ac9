/* pinshim pin: the pins alone, a line each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/cert_text.h"
#include "cli/certs.h"
#include "cli/cli.h"
#include "cli/table.h"

static const struct command_line line = {
    .usage = "pin [--json] FILE...",
    .about = "Prints a line \"sha256/BASE64\" (RFC 7469) for every certificate and public key\n"
             "in the files, in their order: PEM or DER, bundles, PKCS#7; \"-\" is standard\n"
             "input. The pin of a certificate is that of its key, so a new certificate for\n"
             "the same key has the same pin. A private key is refused. JSON has the subject,\n"
             "the fingerprint and the end of validity beside.\n",
    .accepted = ARG(JSON),
    .examples = "  pinshim pin server.pem\n"
                "  openssl pkey -in next.key -pubout | pinshim pin -\n",
    .status = "0 good, 2 wrong usage or a file that cannot be used.\n",
};

static const struct table_column columns[] = {
    {"file", TABLE_TEXT, TABLE_BOTH},      {"subject", TABLE_TEXT, TABLE_BOTH},
    {"pin", TABLE_TEXT, TABLE_BOTH},       {"fingerprint", TABLE_TEXT, TABLE_BOTH},
    {"not_after", TABLE_TEXT, TABLE_BOTH},
};

static bool add_row(struct table *table, const char *file, const struct cert *cert, const char *pin)
{
    char fingerprint[FINGERPRINT_SIZE], not_after[CERT_TIME_SIZE];
    char *subject = NULL;
    struct pin digest;
    bool good;

    if (!cert->x509)
        return table_row(table, (const char *const[]){file, NULL, pin, NULL, NULL});
    if (!cert_fingerprint(cert->x509, &digest))
        return false;
    fingerprint_format(&digest, fingerprint);
    cert_not_after(cert->x509, not_after);
    subject = cert_subject(cert->x509);
    good = table_row(table, (const char *const[]){file, subject, pin, fingerprint, not_after});
    free(subject);
    return good;
}

static void refuse_private_key(const char *path, bool with_others)
{
    const char *name = input_name(path), *file = strcmp(path, "-") == 0 ? "FILE" : path;

    if (with_others)
        cli_error("%s holds a private key; pins are made from the certificate alone: "
                  "openssl x509 -in %s | pinshim pin -",
                  name, file);
    else
        cli_error("%s is a private key; pins are made from the certificate or the public key: "
                  "openssl pkey -in %s -pubout",
                  name, file);
}

static int one_file(const char *path, struct table *table)
{
    char why[WHY_SIZE], text[PIN_TEXT_SIZE];
    struct certs certs;
    struct pin pin;
    int status = STATUS_USAGE;

    if (!certs_read(path, &certs, why, sizeof(why))) {
        cli_error("%s", why);
    } else if (certs.private_key) {
        refuse_private_key(path, certs.count > 0);
    } else {
        status = STATUS_GOOD;
    }
    for (size_t i = 0; status == STATUS_GOOD && i < certs.count; i++) {
        if (!cert_pin(&certs.items[i], &pin)) {
            cli_error("%s: OpenSSL cannot hash key number %zu", input_name(path), i + 1);
            status = STATUS_USAGE;
            break;
        }
        pin_format(&pin, text);
        if (!table)
            puts(text);
        else if (!add_row(table, path, &certs.items[i], text))
            status = STATUS_USAGE;
    }
    certs_free(&certs);
    return status;
}

int cmd_pin(int argc, char **argv)
{
    struct table *table = NULL;
    struct arguments arguments;
    int status = arguments_read(&line, argc, argv, &arguments);

    if (status >= 0)
        return status;
    if (arguments.count == 0) {
        cli_usage_error("name at least one file; \"-\" is standard input");
        return STATUS_USAGE;
    }
    if (given(&arguments, ARG_JSON)) {
        table = table_new("pins", true, columns, sizeof(columns) / sizeof(columns[0]));
        if (!table)
            return STATUS_USAGE;
    }
    status = STATUS_GOOD;
    for (int i = 0; i < arguments.count; i++)
        if (one_file(arguments.rest[i], table) != STATUS_GOOD)
            status = STATUS_USAGE;
    if (table && !table_print(table))
        status = STATUS_USAGE;
    table_free(table);
    return status;
}
