#include "shim/descriptor.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

bool descriptor_is_same(const struct stat *st, const struct file_identity *identity)
{
    return st->st_dev == identity->device && st->st_ino == identity->inode;
}

int descriptor_move_high(int fd)
{
    struct rlimit limit;
    int floor = 900, moved;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 1024)
        floor =
            (int)(limit.rlim_cur < 64 ? limit.rlim_cur - limit.rlim_cur / 4 : limit.rlim_cur - 16);
    moved = fcntl(fd, F_DUPFD_CLOEXEC, floor);
    close(fd);
    return moved;
}
