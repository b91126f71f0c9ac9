/* Compiled policies, whole and damaged. */
#ifndef PINSHIM_TESTS_HANDSHAKE_COMPILATION_H
#define PINSHIM_TESTS_HANDSHAKE_COMPILATION_H

#include <sys/types.h>

enum { FEW = 0, MANY = 3000 /* more than is read as a whole */ };

/* Writes a policy that pins this for HOST, with so many sections beside it. */
void compilation_policy(const char *pin, unsigned others);

/* Compiles the policy. Returns the path of what came of it; the scratch directory's. */
const char *compilation_make(void);

/* Puts octets over those in a file. */
void compilation_change(const char *path, off_t at, const char *octets);

/* Compiles the policy, of MANY sections, and damages it all over, so that the first lookup meets
 * that, in the middle of a handshake. */
void compilation_damage(void);

#endif
