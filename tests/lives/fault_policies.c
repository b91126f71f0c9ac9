#include "tests/lives/fault_policies.h"

#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>

#include "tests/handshake/compilation.h"
#include "tests/handshake/scene.h"

static const char *pin(const struct identity *identity, bool right)
{
    return right ? identity->pin : scene.pki.mis_issued.pin;
}

void policy_leaf(bool right)
{
    scene_policy("trust_anchors = \"%s\"\ndomain \"" HOST "\" { pins = {\"%s\"} }\n",
                 scene.pki.ca_file, pin(&scene.pki.genuine, right));
}

/* The wrong anchor is another CA. */
static const char *anchor(bool right)
{
    struct identity other;

    if (right)
        return scene.pki.ca_file;
    pki_issue(scene.scratch, "other", NULL, &(struct request){.ca = true}, &other);
    identity_free(&other);
    return other.leaf_file;
}

void policy_chain(bool right)
{
    scene_policy("trust_anchors = \"%s\"\nverify = {\"chain\", \"hostname\"}\n"
                 "domain \"" HOST "\" { pins = {\"%s\"} }\n",
                 anchor(right), scene.pki.genuine.pin);
}

void policy_intermediate(bool right)
{
    scene_policy("trust_anchors = \"%s\"\ndomain \"" HOST "\" { pins = {\"%s\"} match = ca }\n",
                 scene.pki.ca_file, pin(&scene.pki.intermediate, right));
}

void policy_root(bool right)
{
    scene_policy("trust_anchors = \"%s\"\ndomain \"" HOST "\" { pins = {\"%s\"} match = root }\n",
                 scene.pki.ca_file, pin(&scene.pki.root, right));
}

void policy_inspection(bool right)
{
    scene_policy("trust_anchors = \"%s\"\ninspection_cas = {\"file:%s\"}\n"
                 "domain \"" HOST "\" { pins = {\"%s\"} }\n",
                 scene.pki.ca_file, anchor(right), scene.pki.mis_issued.pin);
}

/* In a store, under the beginning of its key's SHA-256. Returns that. */
static const char *into_store(const struct identity *identity)
{
    const char *text = scratch_read(scene.scratch, identity->leaf_file);
    unsigned char digest[48];
    char *id = scratch_format(scene.scratch, "%s", "");

    EVP_DecodeBlock(digest, (const unsigned char *)identity->pin + strlen("sha256/"), 44);
    for (size_t i = 0; i < 8; i++)
        id = scratch_format(scene.scratch, "%s%02x", id, digest[i]);
    mkdir(scratch_path(scene.scratch, "store"), 0755);
    scratch_text(scene.scratch, scratch_format(scene.scratch, "store/%s.pem", id), 0644, "%s",
                 text);
    return id;
}

void policy_everything(bool right)
{
    const char *root = scratch_read(scene.scratch, scene.pki.ca_file);

    mkdir(scratch_path(scene.scratch, "pins.d"), 0755);
    mkdir(scratch_path(scene.scratch, "anchors"), 0755);
    scratch_text(scene.scratch, "anchors/root.pem", 0644, "%s", root);
    scratch_text(scene.scratch, "pins.d/one.conf", 0644,
                 "domain \"" HOST "\" { pins = {\"store:%s\"} verify = {\"chain\"} }\n",
                 into_store(right ? &scene.pki.genuine : &scene.pki.mis_issued));
    scene_policy("include_dir = \"pins.d\"\ntrust_anchors = \"anchors\"\n"
                 "inspection_cas = {\"file:%s\"}\n"
                 "program \"other\" { domain \"a.test\" { pins = {\"file:%s\"} owner = \"o\" } }\n",
                 scene.pki.mis_issued.leaf_file, scene.pki.genuine.leaf_file);
}

void policy_compiled(bool right)
{
    policy_leaf(right);
    compilation_make();
}
