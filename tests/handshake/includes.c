/* Pins that stand elsewhere: in the files of include_dir, in the store. */
#include "tests/handshake/scene.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "config/pin.h"

static void open_includes(void)
{
    scene_open();
    cr_assert(mkdir(scratch_path(scene.scratch, "pins.d"), 0755) == 0 &&
                  mkdir(scratch_path(scene.scratch, "store"), 0755) == 0,
              "%s", strerror(errno));
}

TestSuite(includes, .init = open_includes, .fini = scene_close);

/* The genuine certificate passes by its pin, and no other does. */
static void genuine_alone(void)
{
    expect_pass(scene_trip(&scene.pki.genuine, true), "pin_matched", scene.pki.genuine.pin, "leaf");
    expect_refusal(scene_trip(&scene.pki.mis_issued, true), "no_pin_matched");
    expect_refusal(scene_trip(&scene.pki.mis_issued, false), "no_pin_matched");
}

static void include(const char *name, const char *pin)
{
    scratch_text(scene.scratch, name, 0644, "domain \"" HOST "\" { pins = {\"%s\"} }\n", pin);
}

Test(includes, include_dir)
{
    include("pins.d/host.conf", scene.pki.genuine.pin);
    scratch_text(scene.scratch, "pins.d/note.txt", 0644, "nothing of the kind\n");
    scene_policy("include_dir = \"pins.d\"\n");
    genuine_alone();
}

/* From the root on, with other sections beside it. */
Test(includes, whole_path)
{
    include("pins.d/host.conf", scene.pki.genuine.pin);
    scratch_text(scene.scratch, "pins.d/a.conf", 0644,
                 "program \"other\" { domain \"" HOST "\" { pins = {\"%s\"} } }\n",
                 scene.pki.mis_issued.pin);
    scene_policy("include_dir = \"%s\"\ndomain \"**.example.test\" { pins = {\"%s\"} }\n",
                 scratch_path(scene.scratch, "pins.d"), scene.pki.mis_issued.pin);
    genuine_alone();
}

/* Relative paths in an included file are meant from the config's directory, as in the config. */
Test(includes, file_pin)
{
    scratch_text(scene.scratch, "pins.d/host.conf", 0644,
                 "domain \"" HOST "\" { pins = {\"file:genuine.pem\"} }\n");
    scene_policy("include_dir = \"pins.d\"\n");
    genuine_alone();
}

/* Puts a certificate into the store; returns the first 16 digits of its ID. */
static const char *store(const char *directory, const struct identity *identity)
{
    char id[2 * DIGEST_SIZE + 1], why[200];
    struct pin pin;

    cr_assert(pin_parse(identity->pin, &pin, why, sizeof why));
    for (unsigned i = 0; i < DIGEST_SIZE; i++)
        snprintf(id + 2 * i, 3, "%02x", pin.digest[i]);
    scratch_text(scene.scratch, scratch_format(scene.scratch, "%s/%s.pem", directory, id), 0644,
                 "%s", scratch_read(scene.scratch, identity->leaf_file));
    return scratch_format(scene.scratch, "%.16s", id);
}

Test(includes, store)
{
    store("store", &scene.pki.mis_issued); /* lies there too, and is not named */
    scene_policy("domain \"" HOST "\" { pins = {\"store:%s\"} }\n",
                 store("store", &scene.pki.genuine));
    genuine_alone();
}

Test(includes, store_of_an_include)
{
    include("pins.d/host.conf",
            scratch_format(scene.scratch, "store:%s", store("pins.d", &scene.pki.genuine)));
    scene_policy("include_dir = \"pins.d\"\nstore = \"pins.d\"\n");
    genuine_alone();
}

Test(includes, backup_from_the_store)
{
    scene_policy("domain \"" HOST "\" { pins = {\"%s\"} backup_pins = {\"store:%s\"} }\n",
                 scene.pki.self_signed.pin, store("store", &scene.pki.genuine));
    expect_pass(scene_trip(&scene.pki.genuine, true), "backup_pin_matched", scene.pki.genuine.pin,
                "leaf");
    expect_refusal(scene_trip(&scene.pki.mis_issued, true), "no_pin_matched");
}
