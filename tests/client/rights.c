#include "tests/client/rights.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/client/options.h"

void rights_drop(void)
{
    uid_t user = options.setuid ? (uid_t)atoi(options.setuid) : 0;

    if (options.chroot && (chroot(options.chroot) != 0 || chdir("/") != 0))
        die("chroot: %s", strerror(errno));
    if (options.setuid && (setgroups(0, NULL) != 0 || setgid(user) != 0 || setuid(user) != 0))
        die("setuid: %s", strerror(errno));
}
