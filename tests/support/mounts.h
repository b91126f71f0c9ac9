/* Mounts of this process's own, and of what it starts. */
#ifndef PINSHIM_TESTS_SUPPORT_MOUNTS_H
#define PINSHIM_TESTS_SUPPORT_MOUNTS_H

/* From here on, what is mounted is seen by this process and its children alone. Skips the test
 * where that cannot be had (it takes root). */
void mounts_own(void);

/* As mount(2); fails the test when that does. */
void mount_on(const char *source, const char *place, const char *type, unsigned long flags);

#endif
