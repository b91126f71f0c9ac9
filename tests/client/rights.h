/* A daemon that gives up what it no longer needs. */
#ifndef PINSHIM_TESTS_CLIENT_RIGHTS_H
#define PINSHIM_TESTS_CLIENT_RIGHTS_H

/* Changes into the root of --chroot and becomes the user (by number) of --setuid, as far as these
 * options are given. Ends the program when it cannot. */
void rights_drop(void);

#endif
