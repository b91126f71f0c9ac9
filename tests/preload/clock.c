/* A preload with clocks of their own. With $CLOCK_HURRIES set, the coarse monotonic one is a minute
 * further at each look, for what is done once so many seconds have passed. $CLOCK_AHEAD names a
 * file: time() is ahead by as many seconds as that has octets. The sanitizers' clients carry it
 * inside. */
#include <stdatomic.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
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

__attribute__((visibility("default"))) time_t time(time_t *out)
{
    const char *ahead = getenv("CLOCK_AHEAD");
    struct timespec now = {0, 0};
    int saved = errno;
    struct stat st;

    syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
    if (ahead != NULL && stat(ahead, &st) == 0)
        now.tv_sec += st.st_size;
    errno = saved;
    if (out != NULL)
        *out = now.tv_sec;
    return now.tv_sec;
}
