/* pinshim store: keys and certificates by id. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/command/desk.h"
#include "tests/support/events.h"

TestSuite(store, .init = open_desk, .fini = close_desk, .timeout = 120);

/* The ID of the only entry. */
static const char *only_id(void)
{
    json_t *json = expect_json(DESK("store", "list", "--json"), 0);
    const json_t *entries = json_object_get(json, "entries");
    const char *id;

    cr_assert_eq(json_array_size(entries), 1);
    id = scratch_format(scratch, "%s", field_string(json_array_get(entries, 0), "id"));
    json_decref(json);
    return id;
}

Test(store, there_and_back)
{
    const char *id, *pin;

    expect_outcome(DESK("store", "list"), 0, "", "");
    expect_outcome(DESK("store", "add", pki.genuine.leaf_file), 0, "stored ", "");
    expect_outcome(DESK("store", "add", pki.genuine.leaf_file), 0, "is there: ", "");
    id = only_id();
    cr_expect_eq(strlen(id), 16);
    struct outcome got = DESK("store", "get", id);
    const char *copy = scratch_text(scratch, "got.pem", 0644, "%s", got.out);
    expect_outcome(got, 0, "BEGIN CERTIFICATE", "");
    expect_outcome(PINSHIM("pin", copy), 0, pki.genuine.pin, "");
    /* The shim finds it too. */
    pin = scratch_format(scratch, "store:%s", id);
    expect_outcome(DESK("add", "a.test", "--pin", pin), 0, pin, NULL);
    expect_outcome(PINSHIM("test", "-c", desk_config, "a.test", "--chain", pki.genuine.chain_file),
                   0, "pass", "");
    expect_outcome(DESK("store", "remove", id), 1, "", "is in use by a.test");
    expect_outcome(DESK("store", "get", id), 0, "BEGIN", "");
    expect_outcome(DESK("remove", "a.test", pki.genuine.pin), 0, NULL, NULL);
    expect_outcome(DESK("store", "remove", pin), 0, "removed ", "");
    expect_outcome(DESK("store", "get", id), 1, "", "has no entry");
    expect_outcome(DESK("store", "list"), 0, "", "");
}

/* In use by digest, in whatever form a section writes it; as a backup and in a program too. */
Test(store, in_use)
{
    const char *const pins[] = {pki.genuine.pin, pki.genuine.cert_pin};

    expect_outcome(DESK("store", "add", pki.genuine.leaf_file), 0, "stored ", "");
    for (size_t i = 0; i < 2; i++) {
        write_pins("x.conf", scratch_format(scratch,
                                            "program \"p\" { domain \"b.test\" { "
                                            "backup_pins = {\"%s\"} } }\n",
                                            pins[i]));
        expect_outcome(DESK("store", "remove", only_id()), 1, "", "is in use by b.test");
    }
    /* In the words that take the pin out. */
    write_pins("x.conf", scratch_format(scratch,
                                        "domain \"c.test\" { include_subdomains = true "
                                        "pins = {\"%s\"} }\n",
                                        pins[0]));
    expect_outcome(DESK("store", "remove", only_id()), 1, "", "is in use by **.c.test; ");
    write_pins("x.conf", "# none\n");
    expect_outcome(DESK("store", "remove", only_id()), 0, "removed", "");
}

/* A new certificate for the same key has the same ID, and a file of its own. */
Test(store, renewed)
{
    const struct request again = {.key = pki.genuine.key, .not_before = -60, .not_after = 864000};
    struct identity renewed;

    pki_issue(scratch, "renewed", &pki.intermediate, &again, &renewed);
    expect_outcome(DESK("store", "add", pki.genuine.leaf_file, renewed.leaf_file), 0, "stored", "");
    json_t *json = expect_json(DESK("store", "list", "--json"), 0);
    const json_t *entries = json_object_get(json, "entries");
    cr_assert_eq(json_array_size(entries), 2);
    cr_expect_str_eq(field_string(json_array_get(entries, 0), "id"),
                     field_string(json_array_get(entries, 1), "id"));
    json_decref(json);
    expect_outcome(DESK("add", "a.test", "--pin", pki.genuine.pin), 0, NULL, NULL);
    json = expect_json(DESK("list", "--json"), 0); /* the one that holds longest speaks */
    expect_string(json_array_get(json_object_get(json, "pins"), 0), "cn", "renewed");
    json_decref(json);
    identity_free(&renewed);
}

Test(store, damaged)
{
    cr_assert(mkdir(scratch_path(scratch, "store"), 0755) == 0);
    scratch_text(scratch, "store/0123456789abcdef.pem", 0644, "%s",
                 scratch_read(scratch, pki.genuine.leaf_file));
    scratch_text(scratch, "store/1123456789abcdef.pem", 0600, "%s",
                 scratch_read(scratch, pki.genuine.key_file));
    struct outcome outcome = DESK("store", "list");
    cr_expect(strstr(outcome.err, "its name does not begin with its key's ID"), "%s", outcome.err);
    cr_expect(strstr(outcome.err, "private key"), "%s", outcome.err);
    expect_outcome(outcome, 0, "damaged", NULL);
    expect_outcome(DESK("store", "get", "0123456789abcdef"), 1, "", "has no entry");
}

/* A section of which the store lacks the entry; its ID. */
static const char *lack_entry(void)
{
    const char *id, *entry;

    expect_outcome(DESK("store", "add", pki.genuine.leaf_file), 0, "stored ", "");
    id = only_id();
    entry =
        scratch_format(scratch, "store/%s-%.16s.pem", id, strchr(pki.genuine.cert_pin, '/') + 1);
    cr_assert_eq(unlink(scratch_path(scratch, entry)), 0, "%s", entry);
    write_pins("x.conf",
               scratch_format(scratch, "domain \"a.test\" { pins = {\"store:%s\"} }\n", id));
    return id;
}

/* The mend of a missing entry is to add it; the config is wrong until then. */
Test(store, fills_what_is_missing)
{
    const char *id = lack_entry();

    expect_outcome(PINSHIM("check", desk_config), 1, "",
                   "has no such entry; `pinshim store add FILE` puts it there");
    expect_outcome(DESK("store", "remove", id), 1, "", "has no such entry");
    expect_outcome(DESK("store", "get", id), 1, "", "has no entry");
    expect_outcome(DESK("store", "list"), 0, "", "so who uses an entry cannot be told");
    expect_outcome(DESK("store", "add", pki.intermediate.leaf_file), 0, "stored ", "");
    expect_outcome(DESK("store", "list"), 0, pki.intermediate.pin, "has no such entry");
    expect_outcome(DESK("store", "add", pki.genuine.leaf_file), 0, "stored ", "");
    expect_outcome(PINSHIM("check", desk_config), 0, "1 section, 1 pin", NULL);
    expect_outcome(DESK("store", "list"), 0, " a.test ", "");
    expect_outcome(DESK("store", "get", id), 0, "BEGIN CERTIFICATE", "");
}

/* No store yet, and one that the config names; whatever else is wrong in what can be parsed. */
Test(store, of_a_wrong_config)
{
    desk_config = write_config("domain \"a.test\" { pins = {\"store:0123456789abcdef\"} }\n");
    expect_outcome(PINSHIM("check", desk_config), 1, "",
                   "No such file or directory; `pinshim store add FILE` puts it there");
    desk_config = write_config("domain \"a.test\" { pins = {\"file:gone.pem\", sha256/x} }\n"
                               "program \"p\" { mode = bogus domain \"b..test\" { } }\n"
                               "include_dir = \"gone\"\n"
                               "store = \"here\"\n"
                               "mode = \"unheard of\"\n");
    expect_outcome(DESK("store", "add", pki.genuine.leaf_file), 0, "/here/", "");
    expect_outcome(DESK("store", "list"), 0, pki.genuine.pin, "file:gone.pem");
    expect_outcome(DESK("store", "remove", only_id()), 1, "", "file:gone.pem");
}

/* Where the place of the store cannot be known, nothing is put anywhere. */
Test(store, of_no_config)
{
    static const struct {
        const char *text, *says;
    } configs[] = {
        {"domain \"a.test\" { pins = {\"" PIN_A "\"}\n", "the file ends inside"},
        {"stor = \"here\"\n", "unknown option stor; did you mean store?"},
        {"store = \"a\"\nstore = \"b\"\n", "store is given twice"},
        {"store = \"\"\n", "write the path of a directory"},
    };

    for (size_t i = 0; i < sizeof configs / sizeof *configs; i++) {
        desk_config = write_config("%s", configs[i].text);
        expect_outcome(DESK("store", "add", pki.genuine.leaf_file), 1, "", configs[i].says);
        expect_outcome(DESK("store", "list"), 1, "", configs[i].says);
    }
    cr_assert_eq(chmod(desk_config, 0666), 0);
    expect_outcome(DESK("store", "add", pki.genuine.leaf_file), 1, "", "others may write");
    cr_assert_eq(unlink(desk_config), 0);
    expect_outcome(DESK("store", "add", pki.genuine.leaf_file), 2, "", "No such file");
    expect_outcome(DESK("store", "list"), 2, "", "No such file");
    cr_expect_neq(access(scratch_path(scratch, "store"), F_OK), 0);
}

/* The store of a careful user's shell is still for all. */
Test(store, umask)
{
    static const char *const verbs[] = {"store add \"$1\"", "add b.test --cert \"$1\""};
    char *pinshim = build_path("pinshim");
    struct stat st;

    for (size_t i = 0; i < 2; i++) {
        const char *place = scratch_format(scratch, "store%zu", i);
        struct command command = {0};

        desk_config = write_config("include_dir = \"pins.d\"\nstore = \"%s\"\n", place);
        cr_assert_eq(chmod(desk_config, 0644), 0);
        command_add(&command, "sh", "-c",
                    scratch_format(scratch, "umask 077; \"$0\" %s -c \"$2\"", verbs[i]), pinshim,
                    pki.genuine.leaf_file, desk_config, NULL);
        expect_outcome(command_run(&command), 0, "stored ", NULL);
        cr_assert_eq(stat(scratch_path(scratch, place), &st), 0);
        cr_expect_eq(st.st_mode & 07777, 0755, "%o", st.st_mode);
    }
    cr_assert_eq(stat(scratch_path(scratch, "pins.d/b.test.conf"), &st), 0);
    cr_expect_eq(st.st_mode & 07777, 0644, "%o", st.st_mode);
    free(pinshim);
}

Test(store, usage)
{
    expect_outcome(PINSHIM("store"), 2, "", "list, add, get or remove");
    expect_outcome(DESK("store", "empty"), 2, "", "list, add, get or remove");
    expect_outcome(DESK("store", "list", "x"), 2, "", "takes no names");
    expect_outcome(DESK("store", "get"), 2, "", "takes names");
    expect_outcome(DESK("store", "get", "abcd"), 1, "", "16 hex digits");
    expect_outcome(DESK("store", "remove", "../../etc/passwd"), 1, "", "has no entry");
}
