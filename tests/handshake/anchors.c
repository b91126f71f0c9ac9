/* Roots that the server does not send, in trust_anchors. */
#include <sys/stat.h>

#include <openssl/pem.h>

#include "tests/handshake/chains.h"

TestSuite(anchors, .init = scene_open, .fini = chains_close);

/* Pins the root; `anchors` is the path of the trust anchors. */
static void policy(const char *anchors)
{
    scene_policy("trust_anchors = \"%s\"\ndomain \"" HOST "\" { pins = {\"%s\"} match = root }\n",
                 anchors, scene.pki.root.pin);
}

static void found(void)
{
    expect_pass(chain_trip(&scene.pki.genuine, false, NULL), "pin_matched", scene.pki.root.pin,
                "root");
    expect_refusal(chain_trip(&scene.pki.self_signed, false, NULL), "no_pin_matched");
}

static void not_found(void)
{
    expect_refusal(chain_trip(&scene.pki.genuine, false, NULL), "no_pin_matched");
}

static const char *directory(void)
{
    mkdir(scratch_path(scene.scratch, "anchors"), 0755);
    return scratch_path(scene.scratch, "anchors");
}

static void in_directory(const char *name, mode_t mode, const char *text)
{
    scratch_text(scene.scratch, scratch_format(scene.scratch, "anchors/%s", name), mode, "%s",
                 text);
}

static const char *root_text(void)
{
    return scratch_read(scene.scratch, scene.pki.ca_file);
}

Test(anchors, file)
{
    policy(scene.pki.ca_file);
    found();
}

Test(anchors, file_beside_the_config)
{
    policy("root.pem");
    found();
}

Test(anchors, file_with_others_and_words)
{
    scratch_text(scene.scratch, "bundle.pem", 0644, "# the first\n%s\nthe second\n%s",
                 scratch_read(scene.scratch, scene.pki.self_signed.leaf_file), root_text());
    scene_policy("trust_anchors = bundle.pem\ndomain \"" HOST "\" { pins = {\"%s\"} }\n",
                 scene.pki.root.pin);
    expect_pass(chain_trip(&scene.pki.genuine, false, NULL), "pin_matched", scene.pki.root.pin,
                "root");
}

Test(anchors, der)
{
    unsigned char *der = NULL;
    int length = i2d_X509(scene.pki.root.cert, &der);

    scratch_write(scene.scratch, "root.der", 0644, der, (size_t)length);
    OPENSSL_free(der);
    policy("root.der");
    found();
}

Test(anchors, in_directory)
{
    policy(directory());
    in_directory("a.pem", 0644, scratch_read(scene.scratch, scene.pki.self_signed.leaf_file));
    in_directory("b.crt", 0644, "no certificate\n");
    in_directory("c.crt", 0644, root_text());
    found();
}

Test(anchors, in_directory_in_der)
{
    unsigned char *der = NULL;
    int length = i2d_X509(scene.pki.root.cert, &der);

    policy(directory());
    in_directory("a.pem", 0644, scratch_read(scene.scratch, scene.pki.self_signed.leaf_file));
    scratch_write(scene.scratch, "anchors/root.cer", 0644, der, (size_t)length);
    OPENSSL_free(der);
    found();
}

Test(anchors, in_directory_under_another_ending)
{
    policy(directory());
    in_directory("a.pem", 0644, scratch_read(scene.scratch, scene.pki.self_signed.leaf_file));
    in_directory("root.txt", 0644, root_text());
    not_found();
}

Test(anchors, of_a_program)
{
    scene_policy("program \"tls-client\" { trust_anchors = root.pem }\n"
                 "domain \"" HOST "\" { pins = {\"%s\"} }\n",
                 scene.pki.root.pin);
    found();
}

/* The CA in between is not sent either. */
Test(anchors, with_the_intermediate)
{
    struct identity alone = {.leaf_file = scene.pki.genuine.leaf_file,
                             .chain_file = scene.pki.genuine.leaf_file,
                             .key_file = scene.pki.genuine.key_file};

    policy(scratch_text(scene.scratch, "both.pem", 0644, "%s%s", root_text(),
                        scratch_read(scene.scratch, scene.pki.intermediate.leaf_file)));
    expect_pass(chain_trip(&alone, false, NULL), "pin_matched", scene.pki.root.pin, "root");
}

/* OpenSSL's own form of a certificate that is distrusted (X509_reject_clear). */
Test(anchors, distrusted)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data;

    cr_assert(X509_add1_reject_object(scene.pki.root.cert, OBJ_nid2obj(NID_server_auth)));
    cr_assert(PEM_write_bio_X509_AUX(bio, scene.pki.root.cert));
    long length = BIO_get_mem_data(bio, &data);
    scratch_write(scene.scratch, "distrusted.pem", 0644, data, (size_t)length);
    BIO_free(bio);
    policy("distrusted.pem");
    not_found();
}

/* What others may write is not believed: named in the config, it is an error; within a directory it
 * is passed over. */
Test(anchors, file_that_others_may_write)
{
    struct trip trip = chain_trip(&scene.pki.genuine, false, NULL);

    policy(scratch_text(scene.scratch, "open.pem", 0664, "%s", root_text()));
    struct result enforce = scene_run(trip, "enforce");
    expect_closed(&enforce);
    cr_assert(strstr(enforce.outcome.err, "pinshim.conf:1: trust_anchors"), "%s",
              enforce.outcome.err);
    cr_assert(strstr(enforce.outcome.err, "others may write it"), "%s", enforce.outcome.err);
    result_free(&enforce);
}

Test(anchors, directory_that_others_may_write)
{
    struct trip trip = chain_trip(&scene.pki.genuine, false, NULL);

    policy(directory());
    in_directory("root.pem", 0644, root_text());
    cr_assert_eq(chmod(directory(), 0777), 0);
    struct result enforce = scene_run(trip, "enforce");
    expect_closed(&enforce);
    result_free(&enforce);
}

Test(anchors, file_in_directory_that_others_may_write)
{
    policy(directory());
    in_directory("a.pem", 0644, scratch_read(scene.scratch, scene.pki.self_signed.leaf_file));
    in_directory("root.pem", 0666, root_text());
    not_found();
}
