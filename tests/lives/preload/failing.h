/* Which of the calls that a preload counts fails: number $PINSHIM_FAIL_AT, and with
 * $PINSHIM_FAIL_ALL all after it. Then the file $PINSHIM_FAIL_MARK is made. */
#ifndef PINSHIM_TESTS_LIVES_FAILING_H
#define PINSHIM_TESTS_LIVES_FAILING_H

#include <stdbool.h>

/* Counts one call. Is it to fail? */
bool failing(void);

/* With $PINSHIM_FAIL_LATE the counting begins only with the shim's first judgement, in which it
 * asks for the peer's address. Is it time? */
bool failing_begun(void);

#endif
