/* A preload with a clock that hurries, for what is done once so many seconds have passed: with
 * $CLOCK_HURRIES set, the coarse monotonic clock is a minute further at each look. The sanitizers'
 * clients carry it inside. */
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *time)
{
    static atomic_int hurries = -1, looks;
    int result = (int)syscall(SYS_clock_gettime, clock, time);

    if (result != 0 || clock != CLOCK_MONOTONIC_COARSE)
        return result;
    if (atomic_load(&hurries) < 0)
        atomic_store(&hurries, getenv("CLOCK_HURRIES") != NULL);
    if (atomic_load(&hurries))
        time->tv_sec += 60 * atomic_fetch_add(&looks, 1);
    return 0;
}
