#include "shim/library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "shim/context.h"
#include "shim/event.h"
#include "shim/guest.h"
#include "shim/lock.h"
#include "shim/runtime.h"
#include "shim/sink.h"

static struct lock lock;
static atomic_bool deepbound;
static _Atomic unsigned long long seen_generation;
static __thread bool working __attribute__((tls_model("initial-exec")));

static bool has_policy(void)
{
    return runtime_state() == RUNTIME_ACTIVE || runtime_state() == RUNTIME_BROKEN;
}

/* Says of an object what cannot be checked: in the events and, if `aloud`, on stderr. */
static void tell(const char *path, const char *text, bool aloud, enum mode mode)
{
    char line[450];

    snprintf(line, sizeof line, "pinshim: %.200s: %.200s\n", path, text);
    if (aloud)
        sink_write_stderr(line, strlen(line));
    event_config_error(path, 0, text, mode);
}

/* A libssl that is none we know how to watch. Its handshakes come to the hooks at most. */
static void tell_unusable(const char *path, const char *missing)
{
    char text[400];

    if (!has_policy())
        return;
    snprintf(text, sizeof text, "its TLS cannot be checked: no %s; use OpenSSL 1.1.1 or later",
             missing);
    tell(path, text, true, MODE_ENFORCE);
}

/* Keeps what we registered with: unloaded and loaded again, it would have forgotten us, and our
 * binding would point into nothing. Not under our lock: dlopen takes the loader's, and a thread
 * that has that one may be in a constructor that waits for ours. */
static void keep_loaded(const struct elf_object *object)
{
    if (object->path[0] != '\0')
        (void)dlopen(object->path, RTLD_NOLOAD | RTLD_NODELETE | RTLD_LAZY);
}

static void keep_all_loaded(void)
{
    static atomic_uint kept;

    for (unsigned i = atomic_load(&kept); i < openssl_count(); i++) {
        keep_loaded(&openssl_at(i)->ssl);
        keep_loaded(&openssl_at(i)->crypto);
        atomic_store(&kept, i + 1);
    }
}

static void register_with(struct openssl *o)
{
    if (!context_registered(o) && !context_register(o))
        tell_unusable(o->ssl.path, "room for ex_data");
}

/* May its SSL_CTX_new be called without our hook being met? When a plugin is bound to it directly,
 * or when it is built into the program that calls it. */
static bool starts_unseen(const struct openssl *o)
{
    return atomic_load(&deepbound) || o->ssl.base == o->crypto.base;
}

static atomic_bool passed_by;

void library_passed_by(void)
{
    atomic_store(&passed_by, true);
}

bool library_passes_by(const struct openssl *o)
{
    return starts_unseen(o) || atomic_load(&passed_by);
}

static void look_and_register(bool registers)
{
    unsigned long long before;

    /* Again as long as objects come and go: another thread may be loading a libssl. */
    for (unsigned tries = 0; tries < 4; tries++) {
        before = elf_generation();
        openssl_discover(tell_unusable);
        if (has_policy())
            for (unsigned i = 0; i < openssl_count(); i++)
                if (registers || starts_unseen(openssl_at(i)))
                    register_with(openssl_at(i));
        atomic_store(&seen_generation, before);
        if (elf_generation() == before)
            break;
    }
}

void library_deepbound(void)
{
    atomic_store(&deepbound, true);
}

/* What was opened in a namespace of its own, and whether that was told. */
enum apart { APART_NOTHING, APART_BEING_NOTED, APART_NOTED, APART_TOLD };
static atomic_int apart;
static char apart_file[256];

static void tell_apart(void)
{
    const char *text = "opened in a namespace of its own (dlmopen): its TLS, if there is any, is "
                       "not checked; open it with dlopen";
    int noted = APART_NOTED;
    bool enforces;

    if (!has_policy() || !atomic_compare_exchange_strong(&apart, &noted, APART_TOLD))
        return;
    enforces = runtime_enforces();
    tell(apart_file, text, enforces, enforces ? MODE_ENFORCE : MODE_AUDIT);
}

void library_apart(const char *file)
{
    int nothing = APART_NOTHING;
    struct guest guest;

    if (atomic_compare_exchange_strong(&apart, &nothing, APART_BEING_NOTED)) {
        strncpy(apart_file, file != NULL ? file : "", sizeof apart_file - 1);
        atomic_store(&apart, APART_NOTED);
    }
    if (working || runtime_busy() || runtime_state() == RUNTIME_UNKNOWN ||
        runtime_state() == RUNTIME_SLEEPING)
        return;
    guest = guest_enter();
    working = true;
    runtime_load(); /* not under our lock, for it loads a library */
    tell_apart();
    working = false;
    guest_leave(&guest);
}

static bool waits_for_registration(void)
{
    for (unsigned i = 0; i < openssl_count(); i++)
        if (!context_registered(openssl_at(i)))
            return runtime_state() != RUNTIME_SLEEPING;
    return false;
}

void library_notice(bool registers)
{
    struct guest guest;

    if (working || runtime_busy())
        return;
    if (elf_generation() == atomic_load(&seen_generation) &&
        !(registers && waits_for_registration()))
        return;
    guest = guest_enter();
    working = true;
    /* Before our lock is taken, for it loads a library. */
    if ((runtime_state() == RUNTIME_WAITING || runtime_state() == RUNTIME_UNKNOWN) &&
        openssl_present())
        runtime_load();
    /* In dlsym we may hold the loader's lock (a constructor): whoever has ours may be waiting for
     * that, so it is not waited for. The next dlsym looks again. */
    if (registers ? lock_take(&lock) : lock_try(&lock)) {
        look_and_register(registers);
        lock_release(&lock);
    }
    if (has_policy())
        keep_all_loaded();
    tell_apart();
    working = false;
    guest_leave(&guest);
}

struct openssl *library_of(const SSL *ssl)
{
    struct openssl *o = openssl_of(ssl);

    return o != NULL && atomic_load_explicit(&o->libctx_count, memory_order_acquire) > 0
               ? o
               : library_for(ssl, NULL);
}

struct openssl *library_for(const void *object, const SSL_METHOD *method)
{
    struct openssl *o = method != NULL ? openssl_holding(method) : openssl_of(object);

    if (o == NULL || !context_registered(o)) {
        library_notice(true);
        o = method != NULL ? openssl_holding(method) : openssl_of(object);
    }
    if (o == NULL && method != NULL)
        openssl_note_foreign(); /* its SSL and SSL_CTX will come to our hooks */
    return o;
}
