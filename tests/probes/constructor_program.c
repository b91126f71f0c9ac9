/* Two threads that get into each other's way: one in a plugin's constructor, under the loader's
 * lock, the other on its way to its first SSL_CTX. The arguments: the plugin, and the libssl to
 * open. Says "done" when both came through. */
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *libssl_path;
static void *libssl;
static atomic_int other; /* thread id of the other one, when it has libssl open */
static atomic_int in_constructor, finished;

static void *must(void *found)
{
    if (!found) {
        fprintf(stderr, "%s\n", dlerror());
        exit(2);
    }
    return found;
}

/* Is that thread waiting for something? Its state stands behind the name in parentheses. */
static int waits(int thread)
{
    char path[64], stat[256];
    FILE *file;
    size_t length;

    snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread);
    file = fopen(path, "re");
    if (!file)
        return 1;
    length = fread(stat, 1, sizeof stat - 1, file);
    fclose(file);
    stat[length] = 0;
    return strstr(stat, ") S ") != NULL;
}

void meet_other_thread(void);

/* Called by the constructor: comes back when the other thread has run into the loader's lock, or
 * has finished without. */
__attribute__((visibility("default"))) void meet_other_thread(void)
{
    atomic_store(&in_constructor, 1);
    while (!atomic_load(&finished) && !waits(atomic_load(&other)))
        sched_yield();
}

static void *make_context(void *arg)
{
    void *(*ctx_new)(const void *);
    const void *(*method)(void);

    (void)arg;
    libssl = must(dlopen(libssl_path, RTLD_NOW | RTLD_LOCAL));
    atomic_store(&other, (int)syscall(SYS_gettid));
    while (!atomic_load(&in_constructor)) /* busy, not waiting: see waits */
        ;
    method = (const void *(*)(void))must(dlsym(libssl, "TLS_client_method"));
    ctx_new = (void *(*)(const void *))must(dlsym(libssl, "SSL_CTX_new"));
    must(ctx_new(method()));
    atomic_store(&finished, 1);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread;

    if (argc != 3)
        return 2;
    libssl_path = argv[2];
    if (pthread_create(&thread, NULL, make_context, NULL) != 0)
        return 2;
    while (atomic_load(&other) == 0)
        sched_yield();
    must(dlopen(argv[1], RTLD_NOW | RTLD_LOCAL));
    pthread_join(thread, NULL);
    puts("done");
    return 0;
}
