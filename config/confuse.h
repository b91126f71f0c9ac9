/* libconfuse, found at run time: nothing of ours is linked to it, and it is in the process only
 * while a policy is parsed. */
#ifndef PINSHIM_CONFIG_CONFUSE_H
#define PINSHIM_CONFIG_CONFUSE_H

#include <confuse.h>
#include <stdbool.h>
#include <stddef.h>

struct confuse {
    void *handle;  /* NULL: it could not be opened … */
    char why[300]; /* … and this is the reason */
    __typeof__(cfg_init) *init;
    __typeof__(cfg_parse_buf) *parse_buf;
    __typeof__(cfg_free) *free;
    __typeof__(cfg_set_error_function) *set_error_function;
    __typeof__(cfg_opt_rmnsec) *opt_rmnsec;
};

/* Opens it; false when it is not there. Both take the dynamic loader's lock: the caller holds none
 * that a library's constructor could wait for. */
bool confuse_open(struct confuse *confuse);

/* Closes it, if it is open: what an error left in its lexer goes with it. */
void confuse_close(struct confuse *confuse);

#endif
