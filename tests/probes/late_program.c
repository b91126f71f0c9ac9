/* A program that looks at the late imports of the shim preloaded into it (shim/late/late.h):
 *
 *   late OFFSET WORD...     OFFSET: of late_slots in libpinshim.so, in hexadecimal
 *
 * Does what each word says and writes a line about it. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <inttypes.h>
#include <link.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/probes/allocator.h"

enum { THREADS = 16 };

extern uintptr_t shim_start, shim_end;
uintptr_t shim_start, shim_end;
static void *const *slots;
static pthread_barrier_t barrier;

static int find_shim(struct dl_phdr_info *info, size_t size, void *offset)
{
    (void)size;
    if (!strstr(info->dlpi_name, "libpinshim.so"))
        return 0;
    shim_start = info->dlpi_addr;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD)
            shim_end = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
    slots = (void *const *)(info->dlpi_addr + *(uintptr_t *)offset);
    return 1;
}

/* May the page of the slots be written? */
static int writable(void)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    uintptr_t from, to;
    char rights[8] = "", line[512];

    while (maps && fgets(line, sizeof line, maps))
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %7s", &from, &to, rights) == 3 &&
            (uintptr_t)slots >= from && (uintptr_t)slots < to)
            break;
    if (maps)
        fclose(maps);
    return rights[1] == 'w';
}

static void look(void)
{
    printf("%s, %s\n", slots[0] ? "bound" : "not bound", writable() ? "writable" : "read-only");
}

/* Something that the shim notes, and calls functions of libc for. */
static int resolve(void)
{
    struct hostent entry, *found = NULL;
    char room[1024];
    int error;

    return gethostbyname_r("127.0.0.1", &entry, room, sizeof room, &found, &error) == 0 && found;
}

static void *resolve_together(void *good)
{
    pthread_barrier_wait(&barrier);
    *(int *)good = resolve();
    return NULL;
}

static void threads(void)
{
    pthread_t thread[THREADS];
    int good[THREADS] = {0}, count = 0;

    pthread_barrier_init(&barrier, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&thread[i], NULL, resolve_together, &good[i]) != 0)
            exit(2);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(thread[i], NULL);
        count += good[i];
    }
    printf("%d threads resolved\n", count);
}

/* The first context: the policy is read for it. */
static void make_context(const char *path)
{
    void *libssl = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const void *(*method)(void);
    void *(*new)(const void *);

    if (!libssl) {
        puts(dlerror());
        exit(2);
    }
    method = (const void *(*)(void))dlsym(libssl, "TLS_client_method");
    new = (void *(*)(const void *))dlsym(libssl, "SSL_CTX_new");
    puts(method && new &&new (method()) ? "a context" : "no context");
}

static void jail(const char *directory)
{
    puts(chroot(directory) == 0 && chdir("/") == 0 ? "jailed" : "not jailed");
}

static void allocations(void)
{
    printf("the shim %s this program's malloc, and %s its strdup\n",
           allocator_calls ? "calls" : "does not call",
           allocator_copies ? "calls" : "does not call");
}

/* In a child, for which the slots are its own. */
static void resolve_in_a_child(void)
{
    int status = -1;
    pid_t child = fork();

    if (child == 0)
        _exit(resolve() && slots[0] ? 0 : 1);
    waitpid(child, &status, 0);
    puts(status == 0 ? "a child resolved" : "a child failed");
}

static int stay(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)info, (void)size, (void)arg;
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    return 1;
}

static void *walk(void *arg)
{
    dl_iterate_phdr(stay, arg);
    return arg;
}

/* In a child whose parent had another thread in the loader's list: connect is one of the functions
 * that it may call (signal-safety(7)). */
static void connect_in_a_child(void)
{
    struct sockaddr_in nobody = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int status = -1, fd = socket(AF_INET, SOCK_DGRAM, 0);
    pthread_t thread;
    pid_t child;

    nobody.sin_port = htons(9);
    pthread_barrier_init(&barrier, NULL, 2);
    if (pthread_create(&thread, NULL, walk, NULL) != 0)
        exit(2);
    pthread_barrier_wait(&barrier);
    child = fork();
    if (child == 0) {
        alarm(10);
        _exit(connect(fd, (void *)&nobody, sizeof nobody) != 0);
    }
    waitpid(child, &status, 0);
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
    puts(status == 0 ? "a child connected" : "a child failed");
}

int main(int argc, char **argv)
{
    uintptr_t offset = argc > 1 ? strtoull(argv[1], NULL, 16) : 0;

    if (!dl_iterate_phdr(find_shim, &offset))
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (char **word = argv + 2; *word; word++)
        if (strcmp(*word, "look") == 0)
            look();
        else if (strcmp(*word, "resolve") == 0)
            puts(resolve() ? "resolved" : "not resolved");
        else if (strcmp(*word, "child") == 0)
            resolve_in_a_child();
        else if (strcmp(*word, "connect") == 0)
            connect_in_a_child();
        else if (strcmp(*word, "threads") == 0)
            threads();
        else if (strcmp(*word, "context") == 0)
            make_context(*++word);
        else if (strcmp(*word, "jail") == 0)
            jail(*++word);
        else if (strcmp(*word, "vanish") == 0)
            puts(unlink(argv[0]) == 0 ? "vanished" : "still there");
        else if (strcmp(*word, "allocations") == 0)
            allocations();
        else
            return 2;
    return 0;
}
