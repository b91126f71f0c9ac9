#include "cli/arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/host_port.h"
#include "cli/starttls.h"

/* Help is wrapped by hand: its second column has some 50 places. */
static const struct {
    const char *name;
    char letter;
    const char *value; /* what help calls it; NULL: takes none */
    const char *help;
} known[] = {
    [ARG_CERT] = {"cert", 0, "FILE", "a certificate, chain or public key (PEM, DER, PKCS#7)"},
    [ARG_PEM] = {"pem", 0, "-", "the same as text on standard input, pasted"},
    [ARG_FROM] = {"from", 0, "HOST[:PORT]", "from a server, as it is now"},
    [ARG_STARTTLS] = {"starttls", 0, "PROTO",
                      "ask for TLS first, by smtp, imap, pop3, ftp,\n"
                      "ldap, xmpp, postgres or mysql"},
    [ARG_SERVERNAME] = {"servername", 0, "NAME", "the name to ask the server for, instead of HOST"},
    [ARG_TIMEOUT] = {"timeout", 0, "SECONDS", "for the connection (10)"},
    [ARG_INSECURE_FIRST_USE] = {"insecure-first-use", 0, NULL,
                                "take a server's chain though it does not verify:\n"
                                "whoever answers now is pinned"},
    [ARG_PIN] = {"pin", 0, "PIN",
                 "by hand: sha256/BASE64, cert-sha256/HEX,\n"
                 "store:ID, file:PATH (from the config's directory)"},
    [ARG_CN] = {"cn", 0, "NAME", "with --pin: what the certificate is called"},
    [ARG_EXPIRES] = {"expires", 0, "DATE", "with --pin: its last day, YYYY-MM-DD"},
    [ARG_FINGERPRINT] = {"fingerprint", 0, "HEX", "with --pin: the certificate's SHA-256"},
    [ARG_POSITION] = {"position", 0, "POSITION",
                      "which of a chain: leaf (default), intermediate, root"},
    [ARG_BACKUP] = {"backup", 0, NULL, "into backup_pins: the key you will change to"},
    [ARG_PORTS] = {"ports", 0, "PORT,...", "a section for these ports alone"},
    [ARG_INCLUDE_SUBDOMAINS] = {"include-subdomains", 0, NULL, "and for everything under the name"},
    [ARG_TRUST] = {"trust", 0, NULL,
                   "also put the chain's CA into the system's trust\n"
                   "store, by update-ca-certificates (root; asks)"},
    [ARG_TRUST_YES] = {"yes-trust-ca", 0, NULL, "do not ask about that; --yes does not mean it"},
    [ARG_DOMAIN] = {"domain", 0, "PATTERN",
                    "only sections whose title matches (\"*.example.com\")"},
    [ARG_STATUS] = {"status", 0, "STATUS,...", "only valid, expiring, expired, unknown"},
    [ARG_WITHIN] = {"within", 0, "DAYS", "what counts as expiring (30)"},
    [ARG_SORT] = {"sort", 0, "COLUMN", "by domain (default), cn, expires, status, owner"},
    [ARG_PROGRAM] = {"program", 0, "NAME", "the section inside this program section"},
    [ARG_CHAIN] = {"chain", 0, "FILE", "a chain, the leaf first"},
    [ARG_LIVE] = {"live", 0, "HOST[:PORT]", "the chain that this server sends now"},
    [ARG_FORMAT] = {"format", 0, "FORMAT", "tyk, hpkp, android, trustkit, okhttp, curl"},
    [ARG_CHECK] = {"check", 0, NULL, "write nothing; is there a form that would be used?"},
    [ARG_HTML] = {"html", 0, "FILE", "a page that needs nothing else, beside the rest"},
    [ARG_MIN_CONNECTIONS] = {"min-connections", 0, "N",
                             "a domain is not ready before N passed (10)"},
    [ARG_MIN_DAYS] = {"min-days", 0, "N", "nor before it was watched for N days (7)"},
    [ARG_CA] = {"ca", 0, NULL, "pin the CA that signed, where the program verified it"},
    [ARG_OUTPUT] = {"output", 'o', "FILE", "write there; never over a file"},
    [ARG_NEXT] = {"next", 0, "FILE", "the chain that the server is to have next"},
    [ARG_YES] = {"yes", 'y', NULL, "do not ask"},
    [ARG_CONFIG] = {"config", 'c', "FILE",
                    "the config (else $PINSHIM_CONFIG, else\n" DEFAULT_CONFIG ")"},
    [ARG_JSON] = {"json", 0, NULL, "the same as JSON"},
    [ARG_HELP] = {"help", 'h', NULL, "this text"},
};

enum { COLUMN = 26 };

static void print_option(enum argument argument)
{
    const char *help = known[argument].help;
    char left[64];

    snprintf(left, sizeof(left), "  %s%c%s--%s%s%s", known[argument].letter ? "-" : "",
             known[argument].letter ? known[argument].letter : ' ',
             known[argument].letter ? ", " : "", known[argument].name,
             known[argument].value ? " " : "", known[argument].value ? known[argument].value : "");
    if (!known[argument].letter) /* no gap where a letter would be */
        memmove(left + 2, left + 3, strlen(left + 3) + 1);
    printf("%-*s", COLUMN, left);
    if (strlen(left) >= COLUMN)
        printf("\n%*s", COLUMN, "");
    for (; *help; help++)
        if (*help == '\n')
            printf("\n%*s", COLUMN, "");
        else
            putchar(*help);
    putchar('\n');
}

static int print_help(const struct command_line *line, uint64_t accepted)
{
    printf("Usage: pinshim %s\n\n%s\n", line->usage, line->about);
    for (int i = 0; i < ARG_COUNT; i++)
        if (accepted & UINT64_C(1) << i)
            print_option((enum argument)i);
    if (line->examples)
        printf("\nExamples:\n%s", line->examples);
    printf("\nExit status: %s", line->status);
    return STATUS_GOOD;
}

bool arguments_ports(const struct arguments *arguments, struct list *out)
{
    const char *text = arguments->value[ARG_PORTS];
    char *copy = text ? strdup(text) : NULL, *rest = copy, *word;
    bool good = copy || !text;

    *out = (struct list){NULL, 0, 0};
    while (good && (word = strsep(&rest, ","))) {
        uint16_t *port = list_add(out, sizeof(*port));

        good = port && port_parse(word, port);
        if (!good)
            cli_usage_error("--ports %s: write numbers from 1 to 65535, with commas between", text);
    }
    free(copy);
    return good;
}

/* What several commands would look at only when they have begun. */
static bool good_values(const struct arguments *arguments)
{
    const char *protocol = arguments->value[ARG_STARTTLS];
    struct list ports;
    unsigned seconds;
    bool good = arguments_ports(arguments, &ports);

    free(ports.items);
    if (!good)
        return false;

    if (protocol && starttls_port(protocol) == 0) {
        cli_usage_error("there is no STARTTLS for '%s'; write %s", protocol, starttls_names);
        return false;
    }
    return arguments_number(arguments, ARG_TIMEOUT, 1, 3600, 1, &seconds);
}

int arguments_read(const struct command_line *line, int argc, char **argv, struct arguments *out)
{
    struct option longs[ARG_COUNT + 1] = {{0}};
    char shorts[2 * ARG_COUNT + 2] = ":", *letter = shorts + 1;
    uint64_t accepted = line->accepted | ARG(HELP);
    int count = 0, option;

    *out = (struct arguments){.count = 0};
    for (int i = 0; i < ARG_COUNT; i++) {
        if (!(accepted & UINT64_C(1) << i))
            continue;
        longs[count++] = (struct option){
            known[i].name, known[i].value ? required_argument : no_argument, NULL, 256 + i};
        if (known[i].letter)
            *letter++ = known[i].letter;
        if (known[i].letter && known[i].value)
            *letter++ = ':';
    }
    while ((option = cli_option(argc, argv, shorts, longs)) != -1) {
        int i = option - 256;

        if (option == '?')
            return STATUS_USAGE;
        for (int k = 0; i < 0 && k < ARG_COUNT; k++)
            if (known[k].letter == option)
                i = k;
        if (i == ARG_HELP)
            return print_help(line, accepted);
        out->value[i] = known[i].value ? optarg : "";
    }
    out->rest = argv + optind;
    out->count = argc - optind;
    return good_values(out) ? -1 : STATUS_USAGE;
}

const char *arguments_config(const struct arguments *arguments)
{
    const char *path = arguments->value[ARG_CONFIG];

    if (!path)
        path = cli_environment("PINSHIM_CONFIG");
    return path ? path : DEFAULT_CONFIG;
}

const char *arguments_config_file(const struct arguments *arguments)
{
    if (arguments->count > (given(arguments, ARG_CONFIG) ? 0 : 1)) {
        cli_usage_error("one file at a time");
        return NULL;
    }
    return arguments->count > 0 ? arguments->rest[0] : arguments_config(arguments);
}

bool arguments_number(const struct arguments *arguments, enum argument argument, unsigned least,
                      unsigned most, unsigned otherwise, unsigned *out)
{
    const char *text = arguments->value[argument];
    unsigned long number = 0;
    bool good;

    *out = otherwise;
    if (!text)
        return true;
    good = *text && strlen(text) <= 9 && text[strspn(text, "0123456789")] == '\0';
    if (good)
        number = strtoul(text, NULL, 10);
    if (!good || number < least || number > most) {
        cli_usage_error("--%s takes a number from %u to %u", known[argument].name, least, most);
        return false;
    }
    *out = (unsigned)number;
    return true;
}
