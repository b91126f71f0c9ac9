/* Who may have written what decides about trust: the config, and the keys it names. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "config/sink_name.h"
#include "tests/support/pki.h"
#include "tests/unit/load.h"

static struct scratch *scratch;
static struct identity identity;
static const char *directory; /* where the file in question lies */

static void setup(void)
{
    const struct request server = {.key_type = PKI_P256};

    scratch = scratch_new();
    pki_issue(scratch, "key", NULL, &server, &identity);
    directory = scratch_path(scratch, "d");
    cr_assert(mkdir(directory, 0755) == 0);
}

static void cleanup(void)
{
    identity_free(&identity);
    scratch_free(scratch);
}

TestSuite(config_file, .init = setup, .fini = cleanup);

enum { NOBODY = 65534 };

/* The file is a config, or the key that a good config names. */
static const char *make_config(void)
{
    return scratch_text(scratch, "d/policy.conf", 0600, "%s", DOMAIN("a.test", ""));
}

static const char *make_key(void)
{
    return scratch_text(scratch, "d/key.pem", 0644, "%s",
                        scratch_read(scratch, identity.leaf_file));
}

static const char *config_naming(const char *key)
{
    return scratch_text(scratch, "outer.conf", 0644,
                        "domain \"a.test\" {\n  pins = {\n    \"file:%s\"\n  }\n}\n", key);
}

struct trial {
    const char *says; /* NULL: accepted */
    bool unreadable;  /* the config could not be read at all */
    uid_t user;
};

static void try_config(const char *path, const struct trial *trial)
{
    struct config config;
    struct config_error error;
    bool loaded = config_load(path, trial->user, &config, &error);

    cr_expect_eq(loaded, trial->says == NULL, "%s: %s", path, error.text);
    if (trial->says) {
        cr_expect(strstr(error.text, trial->says), "%s: %s", path, error.text);
        cr_expect_eq(error.line, 0, "%s: line %u", path, error.line);
        cr_expect_eq(error.unreadable, trial->unreadable, "%s: %s", path, error.text);
        cr_expect_str_eq(error.file, path);
    }
    config_free(&config);
}

static void try_key(const char *path, const struct trial *trial)
{
    const char *outer = config_naming(path);
    struct config config;
    struct config_error error;
    bool loaded = config_load(outer, trial->user, &config, &error);

    cr_expect_eq(loaded, trial->says == NULL, "%s: %s", path, error.text);
    if (trial->says) {
        cr_expect(strstr(error.text, trial->says), "%s: %s", path, error.text);
        cr_expect(strstr(error.text, path), "which file? %s", error.text);
        cr_expect_eq(error.line, 3, "%s: line %u", path, error.line);
        cr_expect_not(error.unreadable, "the config itself was read");
        cr_expect_str_eq(error.file, outer);
    }
    config_free(&config);
}

/* Puts the file into a state, and tries it as a config and as a key. */
static void try_both(bool (*put)(const char *path), const char *says, bool unreadable)
{
    const struct trial trial = {says, unreadable, geteuid()};
    const char *config = make_config(), *key = make_key();

    cr_assert(put(config), "%s: %s", config, strerror(errno));
    try_config(config, &trial);
    cr_assert(put(key), "%s: %s", key, strerror(errno));
    try_key(key, &trial);
}

static bool leave(const char *path)
{
    return access(path, R_OK) == 0;
}

static bool group_writes(const char *path)
{
    return chmod(path, 0664) == 0;
}

static bool others_write(const char *path)
{
    return chmod(path, 0606) == 0;
}

static bool group_and_others_read(const char *path)
{
    return chmod(path, 0755) == 0;
}

static bool make_fifo(const char *path)
{
    return unlink(path) == 0 && mkfifo(path, 0600) == 0;
}

static bool make_directory(const char *path)
{
    return unlink(path) == 0 && mkdir(path, 0700) == 0;
}

static bool make_missing(const char *path)
{
    return unlink(path) == 0;
}

static bool make_dangling(const char *path)
{
    return unlink(path) == 0 && symlink("nowhere", path) == 0;
}

static bool make_huge(const char *path)
{
    return truncate(path, 65 * 1024 * 1024) == 0;
}

Test(config_file, good)
{
    try_both(leave, NULL, false);
    try_both(group_and_others_read, NULL, false);
}

Test(config_file, missing)
{
    try_both(make_missing, "it cannot be read: No such file or directory", true);
    try_both(make_dangling, "it cannot be read: No such file or directory", true);
}

Test(config_file, others_may_write)
{
    try_both(group_writes, "its mode is 0664: others may write it; chmod go-w", false);
    try_both(others_write, "its mode is 0606: others may write it; chmod go-w", false);
}

Test(config_file, fifo, .timeout = 10)
{
    try_both(make_fifo, "it is not a regular file", true);
}

Test(config_file, no_file)
{
    try_both(make_directory, "it is not a regular file", true);
}

Test(config_file, too_large, .timeout = 30)
{
    try_both(make_huge, "it is larger than", false);
}

Test(config_file, directory)
{
    const struct trial good = {NULL, false, geteuid()};
    const struct trial bad = {"others may write its directory and so replace it; chmod o-w", false,
                              geteuid()};
    static const struct {
        mode_t mode;
        bool good;
    } modes[] = {{0755, true},  {0700, true},  {0775, true},
                 {01777, true}, {0777, false}, {0757, false}};
    const char *config = make_config(), *key = make_key();

    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        cr_assert(chmod(directory, modes[i].mode) == 0);
        try_config(config, modes[i].good ? &good : &bad);
        try_key(key, modes[i].good ? &good : &bad);
    }
}

/* A link is replaced where it lies, its target where that lies. */
Test(config_file, links)
{
    const struct trial good = {NULL, false, geteuid()};
    const struct trial bad = {"others may write its directory", false, geteuid()};
    const char *config = make_config(), *link = scratch_path(scratch, "link.conf");
    const char *open = scratch_path(scratch, "open"), *inside = scratch_path(scratch, "open/x");

    cr_assert(symlink(config, link) == 0 && mkdir(open, 0777) == 0 && chmod(open, 0777) == 0 &&
              symlink(config, inside) == 0);
    try_config(link, &good);
    try_config(inside, &bad);
    cr_assert(chmod(directory, 0777) == 0);
    try_config(link, &bad);
}

Test(config_file, of_another_user)
{
    struct trial trial = {"it must belong to root or to user", false, geteuid()};
    const char *config = make_config(), *key = make_key();

    /* Only root can give files away; others pretend to be somebody else. */
    if (geteuid() == 0)
        cr_assert(chown(config, NOBODY, NOBODY) == 0 && chown(key, NOBODY, NOBODY) == 0);
    else
        trial.user = geteuid() + 1;
    try_config(config, &trial);
    if (geteuid() != 0)
        return; /* the outer config would be refused first */
    try_key(key, &trial);
    trial = (struct trial){NULL, false, NOBODY}; /* the user's own, in root's config */
    try_config(config, &trial);
    try_key(key, &trial);
}

/* In a child that is not root: 0 when the config is refused as unreadable. */
static int refused_as_unreadable(const char *path)
{
    struct config config;
    struct config_error error;

    if (geteuid() == 0 &&
        (setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0))
        return 2;
    if (config_load(path, geteuid(), &config, &error))
        return 3;
    return error.unreadable && strstr(error.text, "it cannot be read: Permission denied") ? 0 : 4;
}

Test(config_file, unreadable)
{
    const char *config = make_config();
    int status;

    cr_assert(chmod(config, geteuid() == 0 ? 0600 : 0) == 0);
    pid_t child = fork();
    if (child == 0)
        _exit(refused_as_unreadable(config));
    cr_assert(child > 0 && waitpid(child, &status, 0) == child);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d", WEXITSTATUS(status));
}

/* Relative to the config file, not to the current directory. */
Test(config_file, relative_key)
{
    const char *config = scratch_text(scratch, "d/relative.conf", 0600, "%s",
                                      "domain \"a.test\" { pins = {\"file:../key.pem\"} }\n");
    struct config absolute, relative;
    struct config_error error;

    cr_assert(chdir("/") == 0);
    cr_assert(config_load(config, geteuid(), &absolute, &error), "%s", error.text);
    cr_assert(chdir(scratch_dir(scratch)) == 0);
    cr_assert(config_load("d/relative.conf", geteuid(), &relative, &error), "%s", error.text);
    config_free(&relative);
    cr_assert(chdir(directory) == 0);
    scratch_text(scratch, "d/bare.conf", 0600, "%s",
                 "domain \"a.test\" { pins = {\"file:../key.pem\"} }\n");
    cr_assert(config_load("bare.conf", geteuid(), &relative, &error), "%s", error.text);
    const struct policy_section *section = policy_section(relative.policy, 0);
    struct pin pin = {.kind = PIN_SPKI};
    char text[PIN_TEXT_SIZE];
    memcpy(pin.digest, policy_pins(relative.policy, section)->digest, DIGEST_SIZE);
    pin_format(&pin, text);
    cr_expect_str_eq(text, identity.pin);
    config_free(&absolute);
    config_free(&relative);
}

Test(config_file, private_key)
{
    const struct trial trial = {"it holds a private key", false, geteuid()};

    try_key(identity.key_file, &trial);
}

Test(config_file, error_text)
{
    struct config_error error = {.file = "/etc/a\nb.conf", .line = 7, .text = "x \x1b[31m"};
    char out[256], small[8];

    config_error_format(&error, out, sizeof out);
    cr_expect_str_eq(out, "/etc/a\\x0ab.conf:7: x \\x1b[31m");
    error.line = 0;
    config_error_format(&error, out, sizeof out);
    cr_expect_str_eq(out, "/etc/a\\x0ab.conf: x \\x1b[31m");
    config_error_format(&error, small, sizeof small);
    cr_expect_eq(strlen(small), 7);
}

#define TEN "/123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct {
    const char *sink;
    bool valid;
} sinks[] = {
    {"stderr", true},
    {"none", true},
    {"file:/a", true},
    {"file:a", true},
    {"file:", false},
    {"", false},
    {"File:/a", false},
    {"stdout", false},
    {"syslog", true},
    {"journald", true},
    {"unix:/a", true},
    {"/a", false},
    {"unix:", false},
    {"Syslog", false},
    {"syslog:", false},
    {"journal", false},
    {"unix:" HUNDRED "/23456", true},
    {"unix:" HUNDRED "/234567", true},
    {"unix:" HUNDRED "/2345678", false},
    {"file:" HUNDRED "/2345678", true},
};

Test(config_file, sinks)
{
    for (size_t i = 0; i < sizeof sinks / sizeof *sinks; i++) {
        char why[128] = "";

        cr_expect_eq(config_sink_valid(sinks[i].sink, why, sizeof why), sinks[i].valid, "%s",
                     sinks[i].sink);
        cr_expect_eq(why[0] == 0, sinks[i].valid, "%s: %s", sinks[i].sink, why);
    }
}
