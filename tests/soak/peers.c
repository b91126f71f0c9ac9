#include "tests/soak/peers.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct peer_kind PEER_KINDS[PEERS] = {
    [LEAF_GOOD] = {"leaf.test", PASS, true},     [LEAF_BAD] = {"leaf.test", FAIL, false},
    [CA_GOOD] = {"ca.test", PASS, true},         [CA_FORGED] = {"ca.test", FAIL, false},
    [CA_NAMESAKE] = {"ca.test", FAIL, false},    [AUDITED] = {"audited.test", FAIL, true},
    [UNNAMED] = {"unnamed.test", UNPINNED, true}};

void must(bool good, const char *words)
{
    if (good)
        return;
    printf("soak: %s\n", words);
    ERR_print_errors_fp(stdout);
    fflush(stdout);
    _exit(1); /* other threads are in the middle of OpenSSL */
}

struct identity {
    X509 *cert;
    EVP_PKEY *key;
};

static EVP_PKEY *make_key(void)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
    EVP_PKEY *key = NULL;

    must(EVP_PKEY_keygen_init(ctx) == 1 &&
             EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx, NID_X9_62_prime256v1) == 1 &&
             EVP_PKEY_keygen(ctx, &key) == 1,
         "no key");
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static void add_extension(X509 *cert, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    must(extension && X509_add_ext(cert, extension, -1) == 1, "no extension");
    X509_EXTENSION_free(extension);
}

/* `issuer` NULL: signed by itself. `host` NULL: a CA. */
static struct identity issue(const char *name, const char *host, const struct identity *issuer)
{
    static long serial = 1;
    struct identity made = {X509_new(), make_key()};
    X509_NAME *subject = X509_get_subject_name(made.cert);
    char names[100];

    snprintf(names, sizeof names, "DNS:%s", host ? host : "none");
    must(X509_set_version(made.cert, 2) == 1 &&
             ASN1_INTEGER_set(X509_get_serialNumber(made.cert), serial++) == 1 &&
             X509_gmtime_adj(X509_getm_notBefore(made.cert), -3600) &&
             X509_gmtime_adj(X509_getm_notAfter(made.cert), 24L * 3600) &&
             X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name,
                                        -1, -1, 0) == 1 &&
             X509_set_issuer_name(made.cert,
                                  issuer ? X509_get_subject_name(issuer->cert) : subject) == 1 &&
             X509_set_pubkey(made.cert, made.key) == 1,
         "no certificate");
    add_extension(made.cert, NID_basic_constraints, host ? "CA:FALSE" : "critical,CA:TRUE");
    if (host)
        add_extension(made.cert, NID_subject_alt_name, names);
    must(X509_sign(made.cert, issuer ? issuer->key : made.key, EVP_sha256()) > 0, "no signature");
    return made;
}

static void pin_of(const struct identity *identity, char out[60])
{
    unsigned char *der = NULL, digest[EVP_MAX_MD_SIZE];
    int length = i2d_PUBKEY(identity->key, &der);

    must(length > 0 && EVP_Digest(der, (size_t)length, digest, NULL, EVP_sha256(), NULL) == 1,
         "no pin");
    strcpy(out, "sha256/");
    EVP_EncodeBlock((unsigned char *)out + 7, digest, 32);
    OPENSSL_free(der);
}

static FILE *create(const char *directory, const char *name, const char *suffix)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s%s", directory, name, suffix);
    file = fopen(path, "we");
    must(file && fchmod(fileno(file), 0600) == 0, path);
    return file;
}

/* PEER.pem: the key, the leaf, and the certificate that is sent after it. */
static void save(const char *directory, enum peer peer, const struct identity *leaf,
                 const struct identity *after)
{
    char name[20];
    FILE *file;

    snprintf(name, sizeof name, "%d", (int)peer);
    file = create(directory, name, ".pem");
    must(PEM_write_PrivateKey(file, leaf->key, NULL, NULL, 0, NULL, NULL) == 1 &&
             PEM_write_X509(file, leaf->cert) == 1 && PEM_write_X509(file, after->cert) == 1 &&
             fclose(file) == 0,
         "a chain cannot be written");
}

/* The pins once as current ones, once as backups beside another. */
static void write_policy(const char *directory, const char *name, bool backups, const char *leaf,
                         const char *ca, const char *other)
{
    const char *mine = backups ? "backup_pins" : "pins", *others = backups ? "pins" : "backup_pins";
    FILE *file = create(directory, name, "");

    fprintf(file,
            "mode = enforce\nreload_interval = 1\nevents = {\"file:%s/events\"}\n"
            "trust_anchors = \"anchors.pem\"\n"
            "domain \"audited.test\" { mode = audit pins = {\"%s\"} }\n",
            directory, other);
    fprintf(file, "domain \"leaf.test\" { %s = {\"%s\"} %s = {\"%s\"} }\n", mine, leaf, others,
            other);
    fprintf(file, "domain \"ca.test\" { %s = {\"%s\"} %s = {\"%s\"} }\n", mine, ca, others, other);
    must(fclose(file) == 0, "a policy cannot be written");
}

void peers_make(const char *directory)
{
    struct identity ca = issue("CA", NULL, NULL), namesake = issue("CA", NULL, NULL);
    struct identity nobody = issue("nobody", NULL, NULL), leaf = issue("leaf", "leaf.test", &ca);
    const struct {
        enum peer peer;
        struct identity leaf;
    } made[] = {{LEAF_GOOD, leaf},
                {LEAF_BAD, issue("leaf", "leaf.test", &ca)},
                {CA_GOOD, issue("by the CA", "ca.test", &ca)},
                {CA_FORGED, issue("forged", "ca.test", &nobody)},
                {CA_NAMESAKE, issue("namesake's", "ca.test", &namesake)},
                {AUDITED, issue("audited", "audited.test", &ca)},
                {UNNAMED, issue("unnamed", "unnamed.test", &ca)}};
    struct identity other = issue("other", NULL, NULL);
    char leaf_pin[60], ca_pin[60], other_pin[60];
    FILE *anchors = create(directory, "anchors", ".pem");

    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        save(directory, made[i].peer, &made[i].leaf, &ca);
    pin_of(&leaf, leaf_pin);
    pin_of(&ca, ca_pin);
    pin_of(&other, other_pin);
    must(PEM_write_X509(anchors, nobody.cert) == 1 && fclose(anchors) == 0,
         "the anchors cannot be written");
    write_policy(directory, "FIRST", false, leaf_pin, ca_pin, other_pin);
    write_policy(directory, "SECOND", true, leaf_pin, ca_pin, other_pin);
}

void peers_load(const char *directory, SSL_CTX *contexts[PEERS])
{
    for (int peer = 0; peer < PEERS; peer++) {
        SSL_CTX *ctx = contexts[peer] = SSL_CTX_new(TLS_server_method());
        char path[4096];

        snprintf(path, sizeof path, "%s/%d.pem", directory, peer);
        must(ctx && SSL_CTX_use_certificate_chain_file(ctx, path) == 1 &&
                 SSL_CTX_use_PrivateKey_file(ctx, path, SSL_FILETYPE_PEM) == 1 &&
                 SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"soak", 4) == 1,
             "no server");
        SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
        SSL_CTX_set_num_tickets(ctx, peer == LEAF_GOOD ? 1 : 0);
    }
}
