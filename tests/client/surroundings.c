#include "tests/client/surroundings.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DESCRIPTORS = 900 /* above these a guest may have some of its own */, TEXT = 512 };

static void put(struct report *r, const char *name, const char *text)
{
    report_text(r, name, text, text ? strlen(text) : 0);
}

/* "0-4 7-7": the open ones. */
static void put_descriptors(struct report *r)
{
    char text[TEXT] = "";
    size_t length = 0;

    for (int fd = 0, first = -1; fd <= DESCRIPTORS; fd++) {
        int open = fd < DESCRIPTORS && fcntl(fd, F_GETFD) >= 0;
        if (open && first < 0)
            first = fd;
        if (!open && first >= 0) {
            if (length < sizeof text) /* many threads leave many gaps: the first ones will do */
                length +=
                    (size_t)snprintf(text + length, sizeof text - length, "%d-%d ", first, fd - 1);
            first = -1;
        }
    }
    put(r, "descriptors", text);
}

/* The numbers of the signals in a set. */
static void put_signals(struct report *r, const char *name, const sigset_t *set)
{
    char text[TEXT] = "";
    size_t length = 0;

    for (int s = 1; s < NSIG; s++)
        if (sigismember(set, s) == 1)
            length += (size_t)snprintf(text + length, sizeof text - length, "%d ", s);
    put(r, name, text);
}

static void put_all_signals(struct report *r)
{
    sigset_t blocked, pending, ignored, handled;
    struct sigaction action;

    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    sigpending(&pending);
    sigemptyset(&ignored);
    sigemptyset(&handled);
    for (int s = 1; s < NSIG; s++) {
        if (sigaction(s, NULL, &action) != 0 || action.sa_handler == SIG_DFL)
            continue;
        sigaddset(action.sa_handler == SIG_IGN ? &ignored : &handled, s);
    }
    put_signals(r, "signals_blocked", &blocked);
    put_signals(r, "signals_pending", &pending);
    put_signals(r, "signals_ignored", &ignored);
    put_signals(r, "signals_handled", &handled);
}

/* By the links of their directory: a program that may not open it can tell as well. */
static long count_threads(void)
{
    struct stat st;

    return stat("/proc/self/task", &st) == 0 ? (long)st.st_nlink - 2 /* . and .. */ : 0;
}

/* FNV-1a over all but what the test itself puts in: the report stays short. */
static void put_environment(struct report *r)
{
    uint64_t hash = 14695981039346656037u;
    long count = 0;
    char text[64];

    for (char **v = environ; *v; v++) {
        if (strncmp(*v, "LD_PRELOAD=", 11) == 0 || strncmp(*v, "PINSHIM_", 8) == 0)
            continue;
        count++;
        for (const char *c = *v; *c; c++)
            hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    }
    snprintf(text, sizeof text, "%ld %016llx", count, (unsigned long long)hash);
    put(r, "environment", text);
}

/* SSL_CTX_sess_number and its like. */
static void put_statistics(struct report *r, SSL_CTX *ctx)
{
    char text[TEXT] = "";
    size_t length = 0;

    for (int what = SSL_CTRL_SESS_NUMBER; what <= SSL_CTRL_SESS_CACHE_FULL; what++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%ld ",
                                   api.SSL_CTX_ctrl(ctx, what, 0, NULL));
    put(r, "statistics", text);
}

void observe_surroundings(struct visit *v)
{
    struct report *r = &v->report;
    char directory[TEXT];
    mode_t mask = umask(0);
    int cancel;

    umask(mask);
    report_begin(r, "surroundings", '{');
    put(r, "dlerror", dlerror());
    put_descriptors(r);
    put_all_signals(r);
    report_number(r, "threads", count_threads());
    report_flag(r, "children", waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD);
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &cancel);
    pthread_setcancelstate(cancel, NULL);
    report_flag(r, "may_be_cancelled", cancel == PTHREAD_CANCEL_ENABLE);
    report_number(r, "umask", mask);
    put(r, "directory", getcwd(directory, sizeof directory));
    put(r, "locale", setlocale(LC_ALL, NULL));
    put_environment(r);
    put_statistics(r, v->ctx);
    report_end(r, '}');
}
