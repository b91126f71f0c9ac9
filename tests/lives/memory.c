/* Allocations of the shim's own that fail (preload/failalloc.c): the first, the second, and so on
 * to the last; then each with all that come after it. */
#include "tests/handshake/compilation.h"
#include "tests/lives/fault_policies.h"
#include "tests/lives/faults.h"

#include <openssl/ssl.h>

TestSuite(memory, .init = scene_open, .fini = scene_close, .timeout = 120);

static void expect_memory(struct fault f)
{
    f.preload = "failalloc.so";
    (f.policy ? f.policy : policy_leaf)(f.way == RIGHT_ENFORCED);
    cr_assert_gt(fault_each(&f), 0);
}

/* From the start on: the loading of the policy as well. */
static void expect_memory_of_life(struct fault f)
{
    expect_memory(f);
    f.more[0] = "PINSHIM_FAIL_ALL=1";
    expect_memory(f);
}

#define WAYS(row, expect, ...)                                                                     \
    Test(memory, row##_right)                                                                      \
    {                                                                                              \
        expect((struct fault){RIGHT_ENFORCED, __VA_ARGS__});                                       \
    }                                                                                              \
    Test(memory, row##_wrong)                                                                      \
    {                                                                                              \
        expect((struct fault){WRONG_ENFORCED, __VA_ARGS__});                                       \
    }                                                                                              \
    Test(memory, row##_audited)                                                                    \
    {                                                                                              \
        expect((struct fault){WRONG_AUDITED, __VA_ARGS__});                                        \
    }

/* The whole life of a client. */
#define LIFE(row, options, loaded)                                                                 \
    WAYS(row, expect_memory_of_life, .client = options, .load = loaded)

LIFE(careless, CARELESS, NULL)
LIFE(own_callbacks, VERIFYING "--cert-verify-callback check --info both", NULL)
LIFE(own_lax_callbacks,
     CARELESS "--cert-verify-callback accept --cert-verify-when late --road write", NULL)
LIFE(resuming, VERIFYING "--times 2 --resume --tls 1.2", NULL)
LIFE(deepbind, CARELESS "--cert-verify-callback accept --info both", "deepbind")

/* There is no certificate to judge, only the end of the handshake: an info callback of the
 * program's must not come in the place of ours for want of memory. */
#define KEY "00112233445566778899aabbccddeeff"

Test(memory, psk_own_info_callback)
{
    expect_memory_of_life((struct fault){
        WRONG_ENFORCED, .client = "--sni " HOST " --tls 1.3 --info ssl --psk " KEY, .psk = KEY});
}

Test(memory, psk_own_info_callback_by_write)
{
    expect_memory_of_life((struct fault){
        WRONG_ENFORCED, .client = "--sni " HOST " --tls 1.3 --info ssl --road write --psk " KEY,
        .psk = KEY});
}

/* Policies of which more must be read. */
WAYS(everything, expect_memory, .client = CARELESS, .policy = policy_everything)
WAYS(compiled, expect_memory, .client = CARELESS, .policy = policy_compiled)

/* From the first judgement on. */
#define JUDGED(row, options, written)                                                              \
    WAYS(row, expect_memory, .client = options, .policy = written, .more = {"PINSHIM_FAIL_LATE=1"})

JUDGED(chain, CARELESS "--times 2", policy_chain)
JUDGED(intermediate, CARELESS "--times 2", policy_intermediate)
JUDGED(root, CARELESS "--times 2", policy_root)
JUDGED(inspection, CARELESS "--times 2", policy_inspection)
JUDGED(session, VERIFYING "--times 3 --resume --tls 1.3", policy_leaf)
#ifdef SSL_CTRL_SET_RETRY_VERIFY
JUDGED(retry, VERIFYING "--cert-verify-callback later-accept --road patient", policy_leaf)
#endif

/* A policy that is read again before each handshake but the first. */
WAYS(reload, expect_memory, .client = CARELESS "--times 3",
     .more = {"PINSHIM_FAIL_LATE=1", "CLOCK_HURRIES=1", "PINSHIM_FAIL_TOUCH={dir}/pinshim.conf"})
WAYS(reload_everything, expect_memory, .client = CARELESS "--times 2", .policy = policy_everything,
     .more = {"PINSHIM_FAIL_LATE=1", "CLOCK_HURRIES=1", "PINSHIM_FAIL_TOUCH={dir}/pinshim.conf"})

/* A policy with another pin is put in place: see CHANGED. */
static void change_is_due(void)
{
    policy_leaf(false);
    char *changed = scratch_read(scene.scratch, scene.protection.config);
    scratch_text(scene.scratch, "next.conf", 0600, "%s", changed);
    policy_leaf(true);
}

static void expect_followed(const char *more, const char *even_more)
{
    expect_memory((struct fault){CHANGED, .client = CARELESS "--times 3", .before = change_is_due,
                                 .more = {"PINSHIM_FAIL_LATE=1", "CLOCK_HURRIES=1",
                                          "PINSHIM_FAIL_TOUCH={dir}/pinshim.conf",
                                          "PINSHIM_FAIL_NEXT={dir}/next.conf", more, even_more}});
}

Test(memory, change)
{
    expect_followed(NULL, NULL);
}

Test(memory, change_without_end)
{
    expect_followed("PINSHIM_FAIL_ALL=1", NULL);
}

/* The handshakes have all they need, and go on by the policy as it was. */
Test(memory, change_without_room)
{
    expect_followed("PINSHIM_FAIL_ALL=1", "PINSHIM_FAIL_RELOAD=1");
}

/* libcrypto's, while it works for the shim. */
#define LIBCRYPTOS(row, written)                                                                   \
    WAYS(libcryptos_##row, expect_memory, .client = CARELESS, .policy = written, .deep = true,     \
         .more = {"PINSHIM_FAIL_LATE=1", "PINSHIM_FAIL_DEEP=1"})

LIBCRYPTOS(leaf, policy_leaf)
LIBCRYPTOS(chain, policy_chain)
LIBCRYPTOS(root, policy_root)
LIBCRYPTOS(inspection, policy_inspection)

/* Anchors that were taken in in part are not kept: the next handshake has them. */
Test(memory, libcryptos_chain_again)
{
    expect_memory((struct fault){RIGHT_ENFORCED, .client = CARELESS "--times 2",
                                 .policy = policy_chain, .deep = true,
                                 .more = {"PINSHIM_FAIL_LATE=1", "PINSHIM_FAIL_DEEP=1"}});
}

/* The compiled policy proves damaged in the handshake, and from then on there is no memory to read
 * the config with: nothing can be judged. What fails before the handshake is of other tests. */
static void write_damaged(bool right)
{
    (void)right;
    compilation_policy(scene.pki.mis_issued.pin, MANY);
    compilation_damage();
}

Test(memory, damaged_wrong)
{
    expect_memory((struct fault){WRONG_ENFORCED, .client = CARELESS, .policy = write_damaged,
                                 .more = {"PINSHIM_FAIL_ALL=1"}, .stop = 150});
}

Test(memory, damaged_audited)
{
    expect_memory((struct fault){WRONG_AUDITED, .client = CARELESS, .policy = write_damaged,
                                 .more = {"PINSHIM_FAIL_ALL=1"}, .stop = 150});
}
