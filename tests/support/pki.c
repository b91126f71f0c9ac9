#include "tests/support/pki.h"

#include <stdio.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <criterion/criterion.h>

#define HOUR 3600L
#define MUST(x) cr_assert((x), "OpenSSL: %s", #x)

/* By the calls that 1.1.1 has too. */
static EVP_PKEY *make_key(enum pki_key type)
{
    static const int ids[] = {
        [PKI_P256] = EVP_PKEY_EC, [PKI_RSA2048] = EVP_PKEY_RSA, [PKI_ED25519] = EVP_PKEY_ED25519};
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(ids[type], NULL);
    EVP_PKEY *key = NULL;

    MUST(ctx && EVP_PKEY_keygen_init(ctx) == 1);
    if (type == PKI_P256)
        MUST(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx, NID_X9_62_prime256v1) == 1);
    if (type == PKI_RSA2048)
        MUST(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048) == 1);
    MUST(EVP_PKEY_keygen(ctx, &key) == 1);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static void extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *extension;
    CONF *none = NCONF_new(NULL); /* some extensions could refer to sections of it */

    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509V3_set_nconf(&ctx, none);
    extension = X509V3_EXT_nconf_nid(none, &ctx, nid, value);
    cr_assert(extension, "OpenSSL: extension %s", value);
    MUST(X509_add_ext(cert, extension, -1));
    X509_EXTENSION_free(extension);
    NCONF_free(none);
}

/* RFC 5280 section 4.2. */
static void add_extensions(X509 *cert, X509 *issuer, const struct request *request)
{
    extend(cert, issuer, NID_basic_constraints,
           request->basic ? request->basic
           : request->ca  ? "critical,CA:TRUE"
                          : "CA:FALSE");
    if (!request->key_usage || *request->key_usage)
        extend(cert, issuer, NID_key_usage,
               request->key_usage ? request->key_usage
               : request->ca      ? "critical,keyCertSign,cRLSign"
                                  : "critical,digitalSignature");
    if (request->constraints)
        extend(cert, issuer, NID_name_constraints, request->constraints);
    extend(cert, issuer, NID_subject_key_identifier, "hash");
    if (issuer != cert && X509_get_version(issuer) > 0) /* else it has no identifier of its key */
        extend(cert, issuer, NID_authority_key_identifier, "keyid");
    if (request->unheard_of)
        extend(cert, issuer, NID_netscape_comment, "critical,never mind");
    if (request->proxy)
        extend(cert, issuer, NID_proxyCertInfo, "critical,language:id-ppl-inheritAll");
    if (request->ca || request->proxy)
        return;
    if (!request->names || *request->names)
        extend(cert, issuer, NID_subject_alt_name, request->names ? request->names : PKI_NAMES);
    extend(cert, issuer, NID_ext_key_usage,
           request->usage ? request->usage : "serverAuth,clientAuth");
}

static X509 *make_cert(const char *name, EVP_PKEY *key, const struct identity *issuer,
                       const struct request *request)
{
    X509 *cert = X509_new();
    uint64_t serial;
    bool always = !request->not_before && !request->not_after;
    EVP_PKEY *signer = issuer ? issuer->key : key;
    const EVP_MD *digest = request->digest ? request->digest : EVP_sha256();

    MUST(cert && RAND_bytes((unsigned char *)&serial, sizeof serial) == 1);
    MUST(X509_set_version(cert, request->version_1 ? 0 : 2 /* version 3 */));
    MUST(ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1));
    MUST(X509_gmtime_adj(X509_getm_notBefore(cert), always ? -HOUR : request->not_before));
    MUST(X509_gmtime_adj(X509_getm_notAfter(cert), always ? 24 * HOUR : request->not_after));
    if (request->proxy) /* its issuer's name and one part more */
        MUST(issuer && X509_set_subject_name(cert, X509_get_subject_name(issuer->cert)));
    MUST(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
                                    (const unsigned char *)name, -1, -1, 0));
    MUST(X509_set_issuer_name(cert, X509_get_subject_name(issuer ? issuer->cert : cert)));
    MUST(X509_set_pubkey(cert, key));
    if (!request->version_1)
        add_extensions(cert, issuer ? issuer->cert : cert, request);
    MUST(X509_sign(cert, signer,
                   EVP_PKEY_id(signer) == EVP_PKEY_ED25519 ? NULL : digest)); /* RFC 8410 */
    return cert;
}

/* What a memory BIO holds, as a file of the scratch directory. Frees the BIO. */
static char *save(struct scratch *scratch, const char *name, mode_t mode, BIO *bio)
{
    char *data;
    long length = BIO_get_mem_data(bio, &data);
    char *path = scratch_write(scratch, name, mode, data, (size_t)length);

    BIO_free(bio);
    return path;
}

static void save_files(struct scratch *scratch, const char *name, const struct identity *issuer,
                       struct identity *out)
{
    BIO *leaf = BIO_new(BIO_s_mem()), *chain = BIO_new(BIO_s_mem()), *key = BIO_new(BIO_s_mem());

    MUST(PEM_write_bio_X509(leaf, out->cert) && PEM_write_bio_X509(chain, out->cert));
    /* The root is not sent: whoever trusts it has it. One CA between is all we make. */
    if (issuer &&
        X509_NAME_cmp(X509_get_subject_name(issuer->cert), X509_get_issuer_name(issuer->cert)) != 0)
        MUST(PEM_write_bio_X509(chain, issuer->cert));
    MUST(PEM_write_bio_PrivateKey(key, out->key, NULL, NULL, 0, NULL, NULL));
    out->leaf_file = save(scratch, scratch_format(scratch, "%s.pem", name), 0644, leaf);
    out->chain_file = save(scratch, scratch_format(scratch, "%s-chain.pem", name), 0644, chain);
    out->key_file = save(scratch, scratch_format(scratch, "%s.key", name), 0600, key);
}

static void compute_pins(struct scratch *scratch, struct identity *out)
{
    unsigned char digest[32], text[48], *der = NULL;
    char hex[65];
    int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(out->cert), &der);

    MUST(length > 0 && EVP_Digest(der, (size_t)length, digest, NULL, EVP_sha256(), NULL));
    OPENSSL_free(der);
    EVP_EncodeBlock(text, digest, sizeof digest);
    out->pin = scratch_format(scratch, "sha256/%s", (char *)text);
    MUST(X509_digest(out->cert, EVP_sha256(), digest, NULL));
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    out->cert_pin = scratch_format(scratch, "cert-sha256/%s", hex);
}

void pki_issue(struct scratch *scratch, const char *name, const struct identity *issuer,
               const struct request *request, struct identity *out)
{
    if (request->key)
        MUST(EVP_PKEY_up_ref(request->key));
    out->key = request->key ? request->key : make_key(request->key_type);
    out->cert =
        make_cert(request->common_name ? request->common_name : name, out->key, issuer, request);
    save_files(scratch, name, issuer, out);
    compute_pins(scratch, out);
}

void pki_send(struct scratch *scratch, const char *name, const struct identity *const *more,
              struct identity *identity)
{
    char *chain = scratch_read(scratch, identity->leaf_file);

    for (; *more; more++)
        chain = scratch_format(scratch, "%s%s", chain, scratch_read(scratch, (*more)->leaf_file));
    identity->chain_file = scratch_text(scratch, name, 0644, "%s", chain);
}

void pki_make(struct pki *pki, struct scratch *scratch, enum pki_key key_type)
{
    const struct request ca = {.ca = true, .key_type = key_type}, server = {.key_type = key_type};
    const struct request client = {
        .key_type = key_type, .names = "DNS:client.example.test", .usage = "clientAuth"};

    pki->scratch = scratch;
    pki_issue(scratch, "root", NULL, &ca, &pki->root);
    pki_issue(scratch, "intermediate", &pki->root, &ca, &pki->intermediate);
    pki_issue(scratch, "genuine", &pki->intermediate, &server, &pki->genuine);
    pki_issue(scratch, "mis-issued", &pki->intermediate, &server, &pki->mis_issued);
    pki_issue(scratch, "client", &pki->intermediate, &client, &pki->client);
    pki_issue(scratch, "self-signed", NULL, &server, &pki->self_signed);
    pki->ca_file = pki->root.leaf_file;
}

void identity_free(struct identity *identity)
{
    X509_free(identity->cert);
    EVP_PKEY_free(identity->key);
    identity->cert = NULL;
    identity->key = NULL;
}

void pki_free(struct pki *pki)
{
    identity_free(&pki->root);
    identity_free(&pki->intermediate);
    identity_free(&pki->genuine);
    identity_free(&pki->mis_issued);
    identity_free(&pki->client);
    identity_free(&pki->self_signed);
}
