/* What a config takes from elsewhere: the files of include_dir, the pins of the store. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "config/key_file.h"
#include "config/sources.h"
#include "tests/support/pki.h"
#include "tests/unit/load.h"

static struct scratch *scratch;

static void setup(void)
{
    scratch = scratch_new();
    cr_assert(mkdir(scratch_path(scratch, "pins.d"), 0755) == 0);
    cr_assert(mkdir(scratch_path(scratch, "store"), 0755) == 0);
}

static void cleanup(void)
{
    scratch_free(scratch);
}

TestSuite(include, .init = setup, .fini = cleanup);

#define INCLUDE "include_dir = \"pins.d\"\n"

static const char *put(const char *name, const char *text)
{
    return scratch_text(scratch, name, 0644, "%s", text);
}

/* Loading fails, and says in which file, on which line, and this. */
static void expect_error(const char *text, const char *file, unsigned line, const char *says)
{
    struct config config;
    struct config_error error;

    cr_assert_not(load(scratch, text, &config, &error), "accepted: %s", text);
    cr_expect_str_eq(error.file, scratch_path(scratch, file), "%s", error.text);
    cr_expect_eq(error.line, line, "line %u: %s", error.line, error.text);
    cr_expect(strstr(error.text, says), "%s", error.text);
    config_free(&config);
}

static const struct config_origin *origin_of(const struct config *config, const char *title)
{
    for (uint32_t i = 0; i < config->policy->sections.count; i++)
        if (strcmp(policy_string(config->policy, policy_section(config->policy, i)->title),
                   title) == 0)
            return &config->origins[i];
    cr_assert_fail("no domain %s", title);
    return NULL;
}

Test(include, in_name_order)
{
    struct config config;

    put("pins.d/b.conf", "\n" DOMAIN("b.test", ""));
    put("pins.d/a.conf", DOMAIN("a.test", "") "program \"curl\" {\n" DOMAIN("p.test", "") "}\n");
    put("pins.d/.hidden.conf", "nonsense");
    put("pins.d/a.conf~", "nonsense");
    put("pins.d/README", "nonsense");
    must_load(scratch, "mode = audit\n" INCLUDE DOMAIN("main.test", ""), &config);
    cr_expect_eq(config.policy->sections.count, 4);
    cr_expect_eq(config.files.count, 3);
    cr_expect_str_eq(((char **)config.files.items)[1], scratch_path(scratch, "pins.d/a.conf"));
    cr_expect_str_eq(origin_of(&config, "main.test")->file, scratch_path(scratch, "policy.conf"));
    cr_expect_str_eq(origin_of(&config, "b.test")->file, scratch_path(scratch, "pins.d/b.conf"));
    cr_expect_eq(origin_of(&config, "b.test")->line, 2);
    cr_expect_eq(config.policy->scopes.count, 2);
    config_free(&config);
}

Test(include, of_nothing)
{
    struct config config;

    must_load(scratch, INCLUDE, &config);
    cr_expect_eq(config.policy->sections.count, 0);
    config_free(&config);
}

Test(include, errors_name_their_file)
{
    put("pins.d/1.conf", DOMAIN("a.test", ""));
    put("pins.d/2.conf", "\n\ndomain \"b.test\" { }\n");
    expect_error(INCLUDE, "pins.d/2.conf", 3, "has no pins");
    put("pins.d/2.conf", "mode = audit\n");
    expect_error(INCLUDE, "pins.d/2.conf", 1, "belongs into the config itself");
    put("pins.d/2.conf", "domain \"b.test\" {\n");
    expect_error(INCLUDE, "pins.d/2.conf", 1, "ends inside");
    put("pins.d/2.conf", "\n" DOMAIN("a.test", ""));
    expect_error(INCLUDE, "pins.d/2.conf", 2, "on line 1 of ");
    expect_error(INCLUDE DOMAIN("A.TEST.", ""), "pins.d/1.conf", 1, "on line 2 of ");
    put("pins.d/2.conf", "program \"x\" { }\n");
    expect_error("program \"x\" { }\n" INCLUDE, "pins.d/2.conf", 1, "on line 1 of ");
}

Test(include, mode_of_a_file)
{
    const char *path = put("pins.d/1.conf", DOMAIN("a.test", ""));

    cr_assert(chmod(path, 0664) == 0);
    expect_error(INCLUDE, "pins.d/1.conf", 0, "others may write it");
}

Test(include, mode_of_the_directory)
{
    cr_assert(chmod(scratch_path(scratch, "pins.d"), 0777) == 0);
    expect_error("\n" INCLUDE, "policy.conf", 2, "others may write it");
}

Test(include, no_directory)
{
    cr_assert(rmdir(scratch_path(scratch, "pins.d")) == 0);
    expect_error("\n" INCLUDE "\n", "policy.conf", 2, "cannot be read");
}

Test(include, a_file_is_no_directory)
{
    put("file", "");
    expect_error("include_dir = file\n", "policy.conf", 1, "Not a directory");
    expect_error("include_dir = nowhere\n", "policy.conf", 1, "make that directory");
}

TestSuite(store, .init = setup, .fini = cleanup);

/* Puts the key of a new certificate into the store, under the first `digits` of its ID. */
static struct pin put_key(const char *name, size_t digits, const char *suffix, char id[65])
{
    const struct request request = {.key_type = PKI_P256};
    struct identity identity;
    struct pin pin;
    char why[300], *pem;

    pki_issue(scratch, name, NULL, &request, &identity);
    pem = scratch_read(scratch, identity.leaf_file);
    cr_assert(pin_from_key_file((uint8_t *)pem, strlen(pem), &pin, why, sizeof why), "%s", why);
    for (unsigned i = 0; i < DIGEST_SIZE; i++)
        snprintf(id + 2 * i, 3, "%02x", pin.digest[i]);
    put(scratch_format(scratch, "store/%.*s%s", (int)digits, id, suffix), pem);
    identity_free(&identity);
    return pin;
}

static const char *naming(const char *id)
{
    return scratch_format(scratch,
                          "domain \"a.test\" {\n  pins = {\n    \"" PIN_A "\",\n"
                          "    \"store:%s\"\n  }\n}\n",
                          id);
}

/* The second pin of the only section is this one. */
static void expect_pin(const char *text, const struct pin *pin)
{
    struct config config;

    must_load(scratch, text, &config);
    cr_assert_eq(policy_section(config.policy, 0)->pins.count, 2);
    cr_expect(memcmp(policy_pins(config.policy, policy_section(config.policy, 0))[1].digest,
                     pin->digest, DIGEST_SIZE) == 0);
    config_free(&config);
}

Test(store, by_id)
{
    char id[65], other[65], short_id[17];
    struct pin pin = put_key("k", 64, ".pem", id);

    put_key("l", 16, ".crt", other);
    expect_pin(naming(id), &pin);
    memcpy(short_id, id, 16);
    short_id[16] = 0;
    expect_pin(naming(short_id), &pin);
    for (char *c = id; *c; c++)
        if (*c >= 'a')
            *c &= 0x5f;
    expect_pin(naming(id), &pin);
}

/* A file's name may be shorter than the ID that is looked for. */
Test(store, short_name)
{
    char id[65];
    struct pin pin = put_key("k", 16, "", id);

    expect_pin(naming(id), &pin);
}

/* A key and a certificate of that key are one entry. */
Test(store, twice_the_same)
{
    char id[65];
    struct pin pin = put_key("k", 64, ".pem", id);
    const char *pem =
        scratch_read(scratch, scratch_format(scratch, "%s/store/%s.pem", scratch_dir(scratch), id));

    put(scratch_format(scratch, "store/%.20s.crt", id), pem);
    expect_pin(naming(id), &pin);
}

Test(store, elsewhere)
{
    char id[65];
    struct pin pin = put_key("k", 64, ".pem", id);

    cr_assert(rename(scratch_path(scratch, "store"), scratch_path(scratch, "kept")) == 0);
    expect_pin(scratch_format(scratch, "%sstore = kept\n", naming(id)), &pin);
    expect_pin(
        scratch_format(scratch, "store = \"%s\"\n%s", scratch_path(scratch, "kept"), naming(id)),
        &pin);
}

Test(store, refused)
{
    char id[65], *changed;

    put_key("k", 64, ".pem", id);
    expect_error(naming("0000000000000000"), "policy.conf", 4, "has no such entry");
    changed = scratch_format(scratch, "%.20s0000", id);
    expect_error(naming(changed), "policy.conf", 4, "has no such entry");
    /* Under another key's name. */
    cr_assert(rename(scratch_format(scratch, "%s/store/%s.pem", scratch_dir(scratch), id),
                     scratch_path(scratch, "store/00000000000000ff.pem")) == 0);
    expect_error(naming("00000000000000ff"), "policy.conf", 4, "has another ID");
    put("store/00000000000000fe.pem", "no key");
    expect_error(naming("00000000000000fe"), "policy.conf", 4, "00000000000000fe.pem: ");
}

Test(store, mode_of_an_entry)
{
    char id[65];

    put_key("k", 64, ".pem", id);
    cr_assert(chmod(scratch_format(scratch, "%s/store/%s.pem", scratch_dir(scratch), id), 0666) ==
              0);
    expect_error(naming(id), "policy.conf", 4, "others may write it");
}

Test(store, mode_of_the_directory)
{
    char id[65];

    put_key("k", 64, ".pem", id);
    cr_assert(chmod(scratch_path(scratch, "store"), 0777) == 0);
    expect_error(naming(id), "policy.conf", 4, "others may write it");
}

Test(store, none)
{
    cr_assert(rmdir(scratch_path(scratch, "store")) == 0);
    expect_error(naming("0123456789abcdef"), "policy.conf", 4, "No such file");
}

/* In an included file, the error is there. */
Test(store, named_by_an_include)
{
    put("pins.d/1.conf", naming("0123456789abcdef"));
    expect_error(INCLUDE, "pins.d/1.conf", 4, "has no such entry");
}

static void expect_watched(const struct list *sources, const char *name)
{
    const struct source *source = sources->items;
    const char *path = scratch_path(scratch, name);
    bool found = false;

    for (size_t i = 0; i < sources->count; i++)
        found = found || strcmp(source[i].path, path) == 0;
    cr_expect(found, "%s", path);
}

/* Every file and directory that made the policy is watched, also when it could not be made. */
Test(include, watches_all)
{
    char id[65], pem[200];
    struct config config;
    struct config_error error;
    static const char *const watched[] = {"policy.conf", "pins.d", "pins.d/1.conf", "k.pem",
                                          "store"};

    put_key("k", 64, ".pem", id);
    snprintf(pem, sizeof pem, "%s/store/%s.pem", scratch_dir(scratch), id);
    put("k.pem", scratch_read(scratch, pem));
    put("pins.d/1.conf", naming(id));
    const char *text = INCLUDE "domain \"b.test\" { pins = {\"file:k.pem\"} }\n";
    must_load(scratch, text, &config);
    cr_expect_eq(config.sources.count, 6);
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++)
        expect_watched(&config.sources, watched[i]);
    config_free(&config);
    put("pins.d/1.conf", "nonsense");
    cr_assert_not(load(scratch, text, &config, &error));
    expect_watched(&config.sources, "pins.d/1.conf");
    config_free(&config);
}
