/* libconfuse, found at run time: nothing of ours is linked to it, and it is in the process only
 * while a policy is parsed. */
#ifndef PINSHIM_CONFIG_CONFUSE_H
#define PINSHIM_CONFIG_CONFUSE_H

#include <confuse.h>
#include <stdbool.h>
#include <stddef.h>

struct confuse {
    void *handle;
    __typeof__(cfg_init) *init;
    __typeof__(cfg_parse_buf) *parse_buf;
    __typeof__(cfg_free) *free;
    __typeof__(cfg_set_error_function) *set_error_function;
    __typeof__(cfg_opt_rmnsec) *opt_rmnsec;
};

/* Opens it. False, with the reason in `why`, when it is not there. */
bool confuse_open(struct confuse *confuse, char *why, size_t size);

/* Closes it: what an error left in its lexer goes with it. */
void confuse_close(struct confuse *confuse);

#endif
