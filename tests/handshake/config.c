/* A config that is missing, not to be trusted, or wrong: enforce
 * fails closed, audit lets through, off is silent; and each but off says where and why. */
#include "tests/handshake/scene.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(config, .init = scene_open, .fini = scene_close);

#define EVENTS "PINSHIM_EVENTS=file:{dir}/events.jsonl"
#define PIN_A "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

/* Runs with a config of this path under `mode` (NULL: none said). */
static struct result run_with(struct trip trip, const char *path, const char *mode)
{
    const char *environment[] = {
        scratch_format(scene.scratch, "PINSHIM_CONFIG=%s", path), EVENTS,
        mode ? scratch_format(scene.scratch, "PINSHIM_MODE=%s", mode) : NULL, NULL};

    if (!trip.user) /* where it is set, the file is there for that user */
        unlink(scratch_path(scene.scratch, "events.jsonl"));
    return scene_run_in(trip, environment);
}

/* FILE:LINE and the reason, or FILE where the file as a whole is meant. */
static void expect_error(const struct result *result, const char *path, long line,
                         const char *message)
{
    const json_t *event = events_last(result->events, "config_error", NULL);
    const char *where = line ? scratch_format(scene.scratch, "pinshim: %s:%ld: ", path, line)
                             : scratch_format(scene.scratch, "pinshim: %s: ", path);

    cr_assert(strstr(result->outcome.err, where), "no \"%s\" in stderr: %s", where,
              result->outcome.err);
    cr_assert(strstr(result->outcome.err, message), "no \"%s\" in stderr: %s", message,
              result->outcome.err);
    expect_string(event, "reason", "config_error");
    expect_string(event, "file", path);
    if (line)
        expect_number(event, "line", line);
    else
        cr_assert(json_is_null(json_object_get(event, "line")));
    cr_assert(strstr(field_string(event, "message"), message), "no \"%s\" in the event: %s",
              message, field_string(event, "message"));
    cr_assert_eq(events_count(result->events, "policy", NULL), 0);
}

/* A trip with a config that must not be followed, in every mode, because of what stands in `file`.
 */
static void fails_closed_in(struct trip trip, const char *path, const char *file, long line,
                            const char *message)
{
    struct result bare = scene_run(trip, NULL);
    struct result enforce = run_with(trip, path, "enforce");

    expect_works(&bare);
    expect_error(&enforce, file, line, message);
    expect_closed(&enforce);
    expect_string(events_last(enforce.events, "config_error", NULL), "mode", "enforce");
    struct result unsaid = run_with(trip, path, NULL);
    expect_error(&unsaid, file, line, message);
    expect_closed(&unsaid);
    struct result audit = run_with(trip, path, "audit");
    expect_error(&audit, file, line, message);
    expect_string(events_last(audit.events, "config_error", NULL), "mode", "audit");
    cr_assert_str_eq(audit.outcome.out, bare.outcome.out);
    cr_assert(json_equal(audit.records, bare.records));
    result_free(&enforce);
    result_free(&unsaid);
    result_free(&audit);
    if (!trip.user) {
        struct result off = run_with(trip, path, "off");
        expect_same(&bare, &off);
        cr_assert_neq(access(scratch_path(scene.scratch, "events.jsonl"), F_OK), 0,
                      "off wrote events");
        result_free(&off);
    }
    result_free(&bare);
}

static void fails_closed(struct trip trip, const char *path, long line, const char *message)
{
    fails_closed_in(trip, path, path, line, message);
}

/* files */

static char *good_config(const char *name, mode_t mode)
{
    return scratch_text(scene.scratch, name, mode, "domain \"" HOST "\" { pins = {\"%s\"} }\n",
                        scene.pki.genuine.pin);
}

Test(config, missing)
{
    fails_closed(scene_trip(&scene.pki.genuine, false), scratch_path(scene.scratch, "nothing.conf"),
                 0, "No such file or directory");
}

Test(config, group_writable)
{
    fails_closed(scene_trip(&scene.pki.genuine, false), good_config("open.conf", 0660), 0, "writ");
}

Test(config, world_writable)
{
    fails_closed(scene_trip(&scene.pki.genuine, false), good_config("open.conf", 0606), 0, "writ");
}

/* A directory of its own, with this mode. */
static char *good_config_in(mode_t mode)
{
    char *directory = scratch_path(scene.scratch, "open");

    cr_assert(mkdir(directory, 0700) == 0 && chmod(directory, mode) == 0, "%s", strerror(errno));
    return good_config("open/good.conf", 0600);
}

Test(config, directory_world_writable)
{
    fails_closed(scene_trip(&scene.pki.genuine, false), good_config_in(0777), 0, "writ");
}

Test(config, directory_sticky_is_good)
{
    struct result enforce =
        run_with(scene_trip(&scene.pki.genuine, false), good_config_in(01777), "enforce");

    expect_works(&enforce);
    expect_verdict(&enforce, "pass", "pin_matched", "allow", "allow");
    result_free(&enforce);
}

Test(config, of_another_user)
{
    char *path = good_config("strange.conf", 0644);

    if (geteuid() != 0)
        cr_skip_test("only root can give a file away");
    cr_assert_eq(chown(path, 65534, 65534), 0, "%s", strerror(errno));
    fails_closed(scene_trip(&scene.pki.genuine, false), path, 0, "belongs to user 65534");
}

/* Root may read everything, so the client is another user then. It needs its files within reach. */
Test(config, unreadable)
{
    struct trip trip = {.client = "--sni " HOST, .identity = &scene.pki.genuine, .user = "nobody"};
    char *path = good_config("secret.conf", geteuid() == 0 ? 0600 : 0);

    scratch_text(scene.scratch, "events.jsonl", 0666, "%s", "");
    fails_closed(trip, path, 0, "Permission denied");
}

/* contents */

static void wrong(const char *text, long line, const char *message)
{
    fails_closed(scene_trip(&scene.pki.genuine, false),
                 scratch_text(scene.scratch, "wrong.conf", 0600, "%s", text), line, message);
}

#define WRONG(row, text, line, message)                                                            \
    Test(config, row)                                                                              \
    {                                                                                              \
        wrong(text, line, message);                                                                \
    }

#define GOOD_LINE "domain \"" HOST "\" { pins = {\"" PIN_A "\"} }\n"

WRONG(syntax, GOOD_LINE "\ndomain \"x.example.test\" { pins = = }\n", 3, "")
WRONG(unknown_option, GOOD_LINE "domian \"x.example.test\" { }\n", 2, "domian")
WRONG(ends_in_a_section, GOOD_LINE "domain \"x.example.test\" {\n  pins = {\"" PIN_A "\"}\n", 2,
      "ends inside this section")
WRONG(no_pins, GOOD_LINE "domain \"x.example.test\" {\n}\n", 2, "pin")
WRONG(empty_pins, GOOD_LINE "domain \"x.example.test\" {\n  pins = {}\n}\n", 3, "empty")
WRONG(short_pin, GOOD_LINE "domain \"x.example.test\" {\n  pins = {\"sha256/AAAA\"}\n}\n", 3,
      "sha256/AAAA")
WRONG(wrong_prefix, GOOD_LINE "domain \"x.example.test\" {\n  pins = {\"md5/AAAA\"}\n}\n", 3,
      "md5/AAAA")
WRONG(pin_of_nothing,
      "domain \"x.example.test\" {\n"
      "  pins = {\"sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"}\n}\n",
      2, "nothing")
WRONG(missing_pin_file, GOOD_LINE "domain \"x.example.test\" {\n  pins = {\"file:none.pem\"}\n}\n",
      3, "none.pem")
WRONG(duplicate_section, GOOD_LINE GOOD_LINE, 2, HOST)
WRONG(unknown_mode, GOOD_LINE "mode = \"strict\"\n", 2, "strict")
WRONG(unknown_sink, GOOD_LINE "events = {\"printer\"}\n", 2, "printer")
WRONG(url, GOOD_LINE "domain \"https://x.example.test/\" {\n  pins = {\"" PIN_A "\"}\n}\n", 2,
      "URL")
WRONG(bad_date,
      "domain \"x.example.test\" {\n  pins = {\"" PIN_A "\"}\n  expires = \"2027-02-30\"\n}\n", 3,
      "2027-02-30")
WRONG(bad_port, "domain \"x.example.test\" {\n  pins = {\"" PIN_A "\"}\n  ports = {65536}\n}\n", 3,
      "65536")

/* A pin file without a key, and one that others may write. */

static void wrong_pin_file(const char *contents, mode_t mode, const char *message)
{
    scratch_text(scene.scratch, "key.pem", mode, "%s", contents);
    wrong("domain \"" HOST "\" {\n  pins = {\"file:key.pem\"}\n}\n", 2, message);
}

Test(config, pin_file_without_key)
{
    wrong_pin_file("nothing of the kind\n", 0600, "key.pem");
}

Test(config, pin_file_world_writable)
{
    wrong_pin_file(scratch_read(scene.scratch, scene.pki.genuine.leaf_file), 0666, "writ");
}

/* What a broken config says of its events counts for the report of it. */
Test(config, events_of_a_broken_config)
{
    char *path = scratch_text(scene.scratch, "wrong.conf", 0600,
                              "events = {\"file:%s/events.jsonl\"}\nmode = \"strict\"\n",
                              scratch_dir(scene.scratch));
    const char *environment[] = {scratch_format(scene.scratch, "PINSHIM_CONFIG=%s", path), NULL};
    struct result result = scene_run_in(scene_trip(&scene.pki.genuine, false), environment);

    expect_error(&result, path, 2, "strict");
    expect_closed(&result);
    result_free(&result);
}

/* What the config takes from elsewhere: the error is of the file that is wrong. */

static void wrong_elsewhere(const char *text, const char *file, long line, const char *message)
{
    fails_closed_in(scene_trip(&scene.pki.genuine, false),
                    scratch_text(scene.scratch, "main.conf", 0600, "%s", text),
                    scratch_path(scene.scratch, file), line, message);
}

#define INCLUDING "include_dir = \"pins.d\"\n" GOOD_LINE

static void include(mode_t mode, const char *text)
{
    cr_assert_eq(mkdir(scratch_path(scene.scratch, "pins.d"), 0700), 0, "%s", strerror(errno));
    scratch_text(scene.scratch, "pins.d/1.conf", mode, "%s", text);
}

Test(config, broken_include)
{
    include(0600, "\n\ndomain \"x.example.test\" {\n  pins = {\"sha256/AAAA\"}\n}\n");
    wrong_elsewhere(INCLUDING, "pins.d/1.conf", 4, "sha256/AAAA");
}

Test(config, include_ends_in_a_section)
{
    include(0600, "domain \"x.example.test\" {\n  pins = {\"" PIN_A "\"}\n");
    wrong_elsewhere(INCLUDING, "pins.d/1.conf", 1, "ends inside this section");
}

Test(config, include_world_writable)
{
    include(0606, "");
    wrong_elsewhere(INCLUDING, "pins.d/1.conf", 0, "writ");
}

Test(config, section_of_an_include_twice)
{
    include(0600, "\n" GOOD_LINE);
    wrong_elsewhere(INCLUDING, "pins.d/1.conf", 2, "main.conf");
}

Test(config, missing_include_dir)
{
    wrong_elsewhere(INCLUDING, "main.conf", 1, "pins.d");
}

Test(config, not_in_the_store)
{
    cr_assert_eq(mkdir(scratch_path(scene.scratch, "store"), 0700), 0, "%s", strerror(errno));
    wrong_elsewhere("domain \"" HOST "\" {\n  pins = {\"store:0123456789abcdef\"}\n}\n",
                    "main.conf", 2, "0123456789abcdef");
}

Test(config, missing_store_of_an_include)
{
    include(0600, "\ndomain \"x.example.test\" { pins = {\"store:0123456789abcdef\"} }\n");
    wrong_elsewhere(INCLUDING, "pins.d/1.conf", 2, "store");
}
