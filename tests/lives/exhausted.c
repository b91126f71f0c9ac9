/* Descriptors that the shim does not get (preload/failopen.c): at the loading of a policy, at the
 * reading of it anew, and for its events. */
#include "tests/lives/fault_policies.h"
#include "tests/lives/faults.h"

TestSuite(exhausted, .init = scene_open, .fini = scene_close, .timeout = 120);

static void expect_exhausted(struct fault f)
{
    f.preload = "failopen.so";
    f.policy(f.way == RIGHT_ENFORCED);
    cr_assert_gt(fault_each(&f), 0);
}

#define WAYS(row, ...)                                                                             \
    Test(exhausted, row##_right)                                                                   \
    {                                                                                              \
        expect_exhausted((struct fault){RIGHT_ENFORCED, __VA_ARGS__});                             \
    }                                                                                              \
    Test(exhausted, row##_wrong)                                                                   \
    {                                                                                              \
        expect_exhausted((struct fault){WRONG_ENFORCED, __VA_ARGS__});                             \
    }                                                                                              \
    Test(exhausted, row##_audited)                                                                 \
    {                                                                                              \
        expect_exhausted((struct fault){WRONG_AUDITED, __VA_ARGS__});                              \
    }

WAYS(once, .client = CARELESS, .policy = policy_everything)
WAYS(from_then_on, .client = CARELESS, .policy = policy_everything, .more = {"PINSHIM_FAIL_ALL=1"})
WAYS(compiled, .client = CARELESS, .policy = policy_compiled)
WAYS(root, .client = CARELESS, .policy = policy_root)

/* Each handshake but the first reads the policy anew; what it cannot read leaves the one before. */
WAYS(reload, .client = CARELESS "--times 3", .policy = policy_everything, .unharmed = true,
     .more = {"PINSHIM_FAIL_LATE=1", "CLOCK_HURRIES=1", "PINSHIM_FAIL_TOUCH={dir}/pinshim.conf"})
WAYS(reload_root, .client = CARELESS "--times 3", .policy = policy_root,
     .more = {"PINSHIM_FAIL_LATE=1", "CLOCK_HURRIES=1", "PINSHIM_FAIL_TOUCH={dir}/pinshim.conf"},
     .unharmed = true)
