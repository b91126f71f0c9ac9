/* Descriptors of ours in somebody else's process. */
#ifndef PINSHIM_SHIM_DESCRIPTOR_H
#define PINSHIM_SHIM_DESCRIPTOR_H

#include <stdbool.h>
#include <sys/stat.h>

/* What a descriptor was when it became ours to use: the program may close it, and get its number
 * for something of its own. */
struct file_identity {
    dev_t device;
    ino_t inode;
};

bool descriptor_is_same(const struct stat *st, const struct file_identity *identity);

/* Moves a descriptor out of the way: the program must get the numbers it would get without us.
 * Returns the new one; -1 when that cannot be, and then it is closed. */
int descriptor_move_high(int fd);

#endif
