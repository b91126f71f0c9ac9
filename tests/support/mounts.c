#include "tests/support/mounts.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <criterion/criterion.h>

void mount_on(const char *source, const char *place, const char *type, unsigned long flags)
{
    cr_assert_eq(mount(source, place, type, flags, NULL), 0, "mount %s: %s", place,
                 strerror(errno));
}

void mounts_own(void)
{
    if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0)
        cr_skip_test("needs root, and a mount namespace");
    mount_on("none", "/", NULL, MS_REC | MS_PRIVATE);
}
