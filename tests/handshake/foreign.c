/* Libraries that are no OpenSSL and have names of OpenSSL's in them (tests/probes), and plugins
 * that are loaded just then. */
#include <stdlib.h>
#include <string.h>

#include <openssl/opensslv.h>

#include "tests/handshake/scene.h"

TestSuite(foreign, .init = scene_open, .fini = scene_close);

#if OPENSSL_VERSION_NUMBER >= 0x30000000L
#    define LIBSSL "libssl.so.3"
#else
#    define LIBSSL "libssl.so.1.1"
#endif

enum { NO_CONTEXT = 3 /* foreign_program's status when it got none */ };

static char *built(const char *name)
{
    char *path = build_path(scratch_format(scene.scratch, "tests/%s", name));
    char *kept = scratch_format(scene.scratch, "%s", path);

    free(path);
    return kept;
}

/* Runs the program under `mode` (NULL: bare): linked to its library or by handle, with or without
 * a real libssl beside it. */
static struct outcome run_foreign(const char *kind, bool linked, bool beside, const char *mode)
{
    struct command bare = {0}, protected;

    command_add(&bare, built(scratch_format(scene.scratch, "foreign-%s", kind)),
                linked ? "linked" : built(scratch_format(scene.scratch, "libforeign-%s.so", kind)),
                beside ? LIBSSL : NULL, NULL);
    if (!mode)
        return command_run(&bare);
    scene_pin(scene.pki.genuine.pin);
    protect(&scene.protection, scene.scratch, mode, &bare, &protected);
    return command_run(&protected);
}

static void untouched(const char *kind, bool linked, bool beside, const char *mode)
{
    struct outcome bare = run_foreign(kind, linked, beside, NULL);
    struct outcome protected = run_foreign(kind, linked, beside, mode);

    cr_assert_eq(bare.status, 0, "%s", bare.err);
    cr_assert_eq(protected.status, 0, "status %d: %s", protected.status, protected.err);
    cr_assert_str_eq(protected.out, bare.out);
    outcome_free(&bare);
    outcome_free(&protected);
}

/* It makes no SSL_CTX, and both stderr and the events say why. */
static void refused(const char *kind, bool linked, bool beside)
{
    struct outcome outcome = run_foreign(kind, linked, beside, "enforce");
    json_t *events = events_read(scene.protection.events);
    const json_t *event = events_last(events, "config_error", NULL);

    cr_assert_eq(outcome.status, NO_CONTEXT, "status %d: %s", outcome.status, outcome.err);
    cr_assert_str_eq(outcome.out, "");
    cr_assert(strstr(outcome.err, "its TLS cannot be checked"), "stderr: %s", outcome.err);
    cr_assert(strstr(field_string(event, "message"), "its TLS cannot be checked"));
    cr_assert(strstr(field_string(event, "file"), "libforeign-whole.so"));
    json_decref(events);
    outcome_free(&outcome);
}

/* What looks like a libssl and cannot be watched. */
#define WHOLE(row, linked, beside)                                                                 \
    Test(foreign, row##_in_enforce)                                                                \
    {                                                                                              \
        refused("whole", linked, beside);                                                          \
    }                                                                                              \
    Test(foreign, row##_in_audit)                                                                  \
    {                                                                                              \
        untouched("whole", linked, beside, "audit");                                               \
        json_t *events = events_read(scene.protection.events);                                     \
        events_last(events, "config_error", NULL);                                                 \
        json_decref(events);                                                                       \
    }

WHOLE(whole_linked, true, false)
WHOLE(whole_by_handle, false, false)
WHOLE(whole_linked_beside_openssl, true, true)
WHOLE(whole_by_handle_beside_openssl, false, true)

/* What merely has a few names in common is another library, as GnuTLS is: left alone, and not
 * covered (docs/limits.md). Beside a real libssl, calls by name come to our hooks, and then it is
 * one that cannot be watched. */
Test(foreign, part_linked)
{
    untouched("part", true, false, "enforce");
    untouched("part", true, false, "audit");
}

Test(foreign, part_by_handle)
{
    untouched("part", false, false, "enforce");
    untouched("part", false, true, "enforce");
    untouched("part", false, true, "audit");
}

Test(foreign, part_linked_beside_openssl)
{
    struct outcome enforce = run_foreign("part", true, true, "enforce");

    cr_assert_eq(enforce.status, NO_CONTEXT, "status %d: %s", enforce.status, enforce.err);
    outcome_free(&enforce);
    untouched("part", true, true, "audit");
}

/* One thread has the loader's lock and calls dlsym in a constructor, the other one is loading the
 * policy, for which it needs that lock. Neither may wait for the other. */
static void comes_through(const char *mode)
{
    struct command bare = {0}, protected;

    command_add(&bare, built("constructor"), built("constructor-plugin.so"), LIBSSL, NULL);
    scene_pin(scene.pki.genuine.pin);
    protect(&scene.protection, scene.scratch, mode, &bare, &protected);
    struct outcome outcome = command_run(&protected);
    cr_assert_str_eq(outcome.out, "done\n", "status %d: %s", outcome.status, outcome.err);
    outcome_free(&outcome);
}

Test(foreign, dlsym_in_a_constructor_in_enforce)
{
    comes_through("enforce");
}

Test(foreign, dlsym_in_a_constructor_in_audit)
{
    comes_through("audit");
}
