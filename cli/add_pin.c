#include "cli/add_pin.h"

#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cert_chain.h"
#include "cli/cert_text.h"
#include "cli/chain_choice.h"
#include "cli/cli.h"
#include "cli/confirm.h"
#include "cli/system_trust.h"
#include "config/directory.h"
#include "config/date.h"
#include "config/store.h"
#include "config/text.h"

/* --pin file:PATH: the path; NULL: it is none. */
static const char *pin_path(const struct arguments *a)
{
    const char *text = given(a, ARG_PIN) ? a->value[ARG_PIN] : "";

    return strncmp(text, "file:", 5) == 0 ? text + 5 : NULL;
}

bool add_pin_arguments(const struct arguments *a)
{
    int sources = given(a, ARG_CERT) + given(a, ARG_PEM) + given(a, ARG_FROM) + given(a, ARG_PIN);
    bool typed = given(a, ARG_CN) || given(a, ARG_EXPIRES) || given(a, ARG_FINGERPRINT);
    bool live = given(a, ARG_STARTTLS) || given(a, ARG_SERVERNAME) || given(a, ARG_TIMEOUT) ||
                given(a, ARG_INSECURE_FIRST_USE);

    if (sources != 1)
        cli_usage_error("say where the pin comes from, once: --cert FILE, --pem -, --from "
                        "HOST[:PORT] or --pin PIN");
    else if (given(a, ARG_PEM) && strcmp(a->value[ARG_PEM], "-") != 0)
        cli_usage_error("--pem takes \"-\", standard input; a file is --cert FILE");
    else if (typed && (!given(a, ARG_PIN) || pin_path(a)))
        cli_usage_error("--cn, --expires and --fingerprint go with --pin; certificates say it "
                        "themselves");
    else if (live && !given(a, ARG_FROM))
        cli_usage_error("--starttls, --servername, --timeout and --insecure-first-use go with "
                        "--from");
    else if (given(a, ARG_TRUST) && given(a, ARG_PIN))
        cli_usage_error("--trust needs a certificate: --cert, --pem or --from");
    else if (given(a, ARG_TRUST_YES) && !given(a, ARG_TRUST))
        cli_usage_error("--yes-trust-ca answers what --trust asks");
    else if (given(a, ARG_EXPIRES) && date_parse(a->value[ARG_EXPIRES], NULL) != DATE_GOOD)
        cli_usage_error("--expires %s: write a day as YYYY-MM-DD", a->value[ARG_EXPIRES]);
    else
        return true;
    return false;
}

/* --pin */
static int read_typed(const struct arguments *a, struct add_pin *out)
{
    const char *text = a->value[ARG_PIN], *cn = a->value[ARG_CN], *day = a->value[ARG_EXPIRES];
    char whole[160], why[WHY_SIZE];
    struct pin pin;
    struct text hex;

    if (strncmp(text, "store:", 6) == 0 && store_id_valid(text + 6)) {
        snprintf(out->text, sizeof(out->text), "%s", text);
    } else if (pin_parse(text, &pin, why, sizeof(why))) {
        pin_format(&pin, out->text);
    } else {
        cli_error("--pin %s: %s", text, why);
        return STATUS_USAGE;
    }
    snprintf(out->about.cn, sizeof(out->about.cn), "%s", cn ? cn : "");
    snprintf(out->about.expires, sizeof(out->about.expires), "%s", day ? day : "");
    if (given(a, ARG_POSITION))
        snprintf(out->about.position, sizeof(out->about.position), "%s", a->value[ARG_POSITION]);
    if (given(a, ARG_FINGERPRINT)) {
        snprintf(whole, sizeof(whole), "cert-sha256/%s", a->value[ARG_FINGERPRINT]);
        if (!pin_parse(whole, &pin, why, sizeof(why))) {
            cli_error("--fingerprint %s: the SHA-256 of a certificate has 64 hex digits",
                      a->value[ARG_FINGERPRINT]);
            return STATUS_USAGE;
        }
        text_init(&hex, out->about.fingerprint, sizeof(out->about.fingerprint));
        text_add_hex(&hex, pin.digest, DIGEST_SIZE);
    }
    return STATUS_GOOD;
}

/* What is known of the certificate, which was chosen for that position, for the comment. */
static bool describe(struct add_pin *out, const char *position)
{
    const struct cert *cert = out->cert;
    char expires[CERT_TIME_SIZE], *name;
    struct pin pin;
    struct text hex;

    if (!cert_pin(cert, &pin))
        return false;
    pin_format(&pin, out->text);
    if (!cert->x509)
        return true;
    name = cert_short_name(cert->x509);
    if (!name || !cert_fingerprint(cert->x509, &pin)) {
        free(name);
        return false;
    }
    cert_not_after(cert->x509, expires);
    snprintf(out->about.cn, sizeof(out->about.cn), "%s", name);
    snprintf(out->about.expires, sizeof(out->about.expires), "%.10s", expires);
    snprintf(out->about.position, sizeof(out->about.position), "%s", position);
    text_init(&hex, out->about.fingerprint, sizeof(out->about.fingerprint));
    text_add_hex(&hex, pin.digest, DIGEST_SIZE);
    free(name);
    return true;
}

/* The config's own trust anchors verify a server too: a private CA is named there. */
static void verify_with_anchors(struct add_pin *out, const struct config *config)
{
    const struct policy_view view = {.policy = config->policy, .override = MODE_UNSET};
    const char *const *file = (const char *const *)config->files.items;
    char *path = path_beside(file[0], policy_trust_anchors(&view)), why[400];
    struct list files = {NULL, 0, 0};

    if (path && anchor_files(path, geteuid(), &files, why, sizeof(why)))
        for (size_t i = 0; i < files.count; i++) {
            struct certs certs;

            if (certs_read(((char **)files.items)[i], &certs, why, sizeof(why)))
                for (size_t k = 0; k < certs.count; k++)
                    if (certs.items[k].x509)
                        X509_STORE_add_cert(out->source.store, certs.items[k].x509);
            certs_free(&certs);
        }
    list_free_strings(&files);
    free(path);
    out->source.verified =
        chain_verifies(&out->source.certs, out->source.store, live_name(&out->source.server),
                       out->source.reason, sizeof(out->source.reason));
}

/* What the person says yes to. */
static bool confirm_server(const struct add_pin *pin, const char *domain)
{
    const struct live_server *server = &pin->source.server;
    char raw[4096], text[2 * sizeof(raw)], fingerprint[FINGERPRINT_SIZE], key[CERT_KEY_SIZE] = "";
    char *names = cert_names(pin->cert->x509), *issuer = cert_issuer_name(pin->cert->x509);
    struct pin digest = {0};
    struct text out;

    cert_fingerprint(pin->cert->x509, &digest);
    fingerprint_format(&digest, fingerprint);
    cert_key_text(pin->cert->x509, key);
    text_init(&out, text, sizeof(text));
    snprintf(raw, sizeof(raw), "%s port %u shows for domain \"%s\":", server->at.host,
             live_port(server), domain);
    text_add_printable(&out, raw);
    for (int i = 0; i < 8; i++) {
        const char *const words[] = {"position", "name",  "names",       "issuer",
                                     "key",      "until", "fingerprint", "pin"};
        const char *const values[] = {pin->about.position, pin->about.cn, names,    issuer, key,
                                      pin->about.expires,  fingerprint,   pin->text};

        text_add(&out, "\n  ");
        text_add(&out, words[i]);
        text_add_n(&out, "            ", 13 - strlen(words[i]));
        snprintf(raw, sizeof(raw), "%.1000s", values[i] ? values[i] : "");
        text_add_printable(&out, raw);
    }
    text_add(&out, pin->source.verified ? "\nThe chain verifies, for that name.\n"
                                        : "\nThe chain does NOT verify: ");
    if (!pin->source.verified) {
        text_add_printable(&out, pin->source.reason);
        text_add(&out, ". Whoever answers there now will be trusted.\n");
    }
    free(issuer);
    free(names);
    return ask(text, "Compare with the server's own file. Pin it? [y/N]") == 'y';
}

static int judge_server(const struct add_pin *pin, const char *domain, const struct arguments *a)
{
    if (!pin->source.verified && !given(a, ARG_INSECURE_FIRST_USE)) {
        cli_error("the chain of %s does not verify: %s; nothing has changed. Pin the server's own "
                  "certificate (--cert FILE), name its CA in trust_anchors, or, if whoever answers "
                  "now may be trusted, add --insecure-first-use",
                  live_name(&pin->source.server), pin->source.reason);
        return STATUS_NO;
    }
    if (given(a, ARG_YES))
        return STATUS_GOOD;
    if (!can_ask()) {
        cli_error("there is no terminal to ask at whether to trust %s; look with 'pinshim show', "
                  "and say --yes",
                  pin->source.server.at.host);
        return STATUS_USAGE;
    }
    if (confirm_server(pin, domain))
        return STATUS_GOOD;
    cli_error("the answer was no; nothing has changed");
    return STATUS_NO;
}

/* A certificate that has ended, or a leaf for another name, is most likely the wrong file. */
static void warn_of_file(const struct add_pin *pin, const char *domain)
{
    struct pattern pattern;
    char why[400];

    if (pin->cert->x509 && cert_expired(pin->cert->x509))
        cli_print(stderr, "pinshim add: warning: the certificate expired on %s",
                  pin->about.expires);
    if (!pin->cert->x509 || strcmp(pin->about.position, "leaf") != 0 ||
        !pattern_parse(domain, &pattern, why, sizeof(why)) || pattern.kind != PATTERN_EXACT)
        return;
    if (X509_check_host(pin->cert->x509, pattern.name, 0, 0, NULL) != 1)
        cli_print(stderr, "pinshim add: warning: the certificate is not for %s, but for %s%s",
                  domain, pin->about.cn,
                  chain_source_is_either(&pin->source)
                      ? "; if it is a CA's, --position root says so"
                      : "");
}

/* A pin's file holds one key or certificate, be it a CA's; more are a chain to choose from. */
static const struct cert *choose(const struct add_pin *pin, const struct arguments *a,
                                 const char **position, char *why, size_t size)
{
    const struct certs *certs = &pin->source.certs;
    const struct cert *cert;

    *position = a->value[ARG_POSITION];
    if (pin_path(a) && !*position &&
        (certs->count == 1 || (certs->count > 1 && certs->items[1].completed))) {
        *position = position_name(chain_source_position(&pin->source, 0));
        return certs->items;
    }
    cert = chain_choose(&pin->source, *position, why, size);
    if (!*position)
        *position = "leaf";
    return cert;
}

/* `file`: NULL for --from. */
static int read_source(const char *domain, const struct arguments *a, const struct config *config,
                       const char *file, struct add_pin *out)
{
    const char *what = file ? input_name(file) : a->value[ARG_FROM], *path = pin_path(a), *position;
    char why[WHY_SIZE];

    if (!(file ? chain_source_file(file, &out->source, why, sizeof(why))
               : chain_source_live(what, a, &out->source, why, sizeof(why)))) {
        cli_error("%s%s", why,
                  path && *path != '/' ? "; a pin's path is meant from the config's directory, and "
                                         "--cert FILE takes one from here"
                                       : "");
        return STATUS_USAGE;
    }
    if (out->source.certs.private_key) {
        cli_error("%s holds a private key; keep that away from here and name the certificate alone "
                  "(openssl x509 -in FILE), or the public key (openssl pkey -in FILE -pubout)",
                  what);
        return STATUS_USAGE;
    }
    out->cert = choose(out, a, &position, why, sizeof(why));
    if (!out->cert || !describe(out, position)) {
        cli_error("%s: %s", what, out->cert ? "its key cannot be read" : why);
        return STATUS_USAGE;
    }
    if (file) {
        warn_of_file(out, domain);
        return STATUS_GOOD;
    }
    if (!out->source.verified)
        verify_with_anchors(out, config);
    return judge_server(out, domain, a);
}

int add_pin_read(const char *domain, const struct arguments *a, const struct config *config,
                 struct add_pin *out)
{
    const char *const *config_file = (const char *const *)config->files.items;
    char *path;
    int status;

    *out = (struct add_pin){.backup = given(a, ARG_BACKUP)};
    if (given(a, ARG_FROM))
        return read_source(domain, a, config, NULL, out);
    if (!given(a, ARG_PIN))
        return read_source(domain, a, config, given(a, ARG_CERT) ? a->value[ARG_CERT] : "-", out);
    if (!pin_path(a))
        return read_typed(a, out);
    path = path_beside(config_file[0], pin_path(a));
    if (!path)
        cli_error("out of memory");
    status = path ? read_source(domain, a, config, path, out) : STATUS_USAGE;
    free(path);
    return status;
}

void add_pin_free(struct add_pin *pin)
{
    chain_source_free(&pin->source);
}

int add_trust(const struct add_pin *pin, const struct arguments *arguments)
{
    const struct cert *ca = chain_end(&pin->source);
    char why[WHY_SIZE], question[PIN_TEXT_SIZE + 512], text[2 * sizeof(question)], *name;
    struct text out;

    if (!ca) {
        cli_error(
            "--trust: the chain ends in no root CA that could be trusted; add it to the file");
        return STATUS_NO;
    }
    if (system_store_has(pin->source.store, ca->x509) && ca->completed) {
        puts("the CA is in the system's trust store already");
        return STATUS_GOOD;
    }
    name = cert_subject(ca->x509);
    snprintf(
        question, sizeof(question),
        "Every program of this machine will trust whatever this CA signs, for any name: %.400s",
        name ? name : "");
    free(name);
    text_init(&out, text, sizeof(text));
    text_add_printable(&out, question);
    text_add(&out, "\n");
    if (!given(arguments, ARG_TRUST_YES) && ask(text, "Trust it? [y/N]") != 'y') {
        cli_error("the CA was not added to the system's trust store: %s",
                  can_ask() ? "the answer was no"
                            : "there is no terminal to ask at, and no "
                              "--yes-trust-ca");
        return STATUS_NO;
    }
    if (!system_trust_add(ca->x509, why, sizeof(why))) {
        cli_error("--trust: %s", why);
        return STATUS_USAGE;
    }
    puts("the CA is in the system's trust store now");
    return STATUS_GOOD;
}
