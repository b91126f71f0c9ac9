#include "shim/loaded.h"

#include <stdlib.h>
#include <string.h>

#include "config/image.h"
#include "config/sources.h"

/* One in force, and as many as there may be handshakes from before so many reloads. A fork while
 * another thread used one leaves that one taken in the child. */
enum { SLOTS = 8 };

static struct loaded slots[SLOTS];
static _Atomic(struct loaded *) current;

/* What loaded_unusable gives. Filled in when there is a policy: ready-made, each would lie in the
 * memory of every process. */
static struct loaded unusable[MODE_ENFORCE + 1];

struct loaded *loaded_acquire(void)
{
    struct loaded *loaded = atomic_load(&current);

    while (loaded != NULL) {
        struct loaded *now;
        atomic_fetch_add(&loaded->users, 1);
        /* Only what is in force after it was counted is safe from being let go. */
        now = atomic_load(&current);
        if (now == loaded)
            break;
        atomic_fetch_sub(&loaded->users, 1);
        loaded = now;
    }
    return loaded;
}

bool loaded_damaged(const struct loaded *loaded)
{
    return loaded->image != NULL && atomic_load(&loaded->image->damaged);
}

struct loaded *loaded_unusable(enum mode mode)
{
    atomic_fetch_add(&unusable[mode].users, 1);
    return &unusable[mode];
}

bool loaded_refuses_all(const struct loaded *loaded)
{
    return loaded->view.policy == NULL && loaded->broken_mode == MODE_ENFORCE;
}

void loaded_release(struct loaded *loaded)
{
    if (loaded != NULL)
        atomic_fetch_sub(&loaded->users, 1);
}

void loaded_break(struct loaded *loaded)
{
    if (loaded->image == NULL)
        free((void *)loaded->view.policy);
    image_close(loaded->image);
    anchors_close(loaded->anchors);
    local_cas_close(loaded->local_cas);
    paths_clear(&loaded->paths);
    lookups_clear(&loaded->lookups);
    loaded->view.policy = NULL;
    loaded->view.image = loaded->image = NULL;
    loaded->broken_mode = MODE_ENFORCE;
    loaded->anchors = NULL;
    loaded->local_cas = NULL;
    loaded->policy_id[0] = '\0';
    loaded->session_salt = 0;
}

static void empty(struct loaded *loaded)
{
    loaded_break(loaded);
    sources_free(&loaded->sources);
    loaded->problem[0] = '\0';
}

struct loaded *loaded_new(void)
{
    for (unsigned i = 0; i < SLOTS; i++)
        if (&slots[i] != atomic_load(&current) && atomic_load(&slots[i].users) == 0) {
            empty(&slots[i]);
            return &slots[i];
        }
    return NULL;
}

static void make_unusable(void)
{
    for (int mode = MODE_OFF; mode <= MODE_ENFORCE; mode++) {
        unusable[mode].broken_mode = (enum mode)mode;
        strcpy(unusable[mode].problem, "the compiled policy is damaged, and there is not enough "
                                       "memory to read the config");
    }
}

void loaded_publish(struct loaded *loaded)
{
    static uint64_t last_serial;

    if (atomic_load(&current) == NULL)
        make_unusable();
    loaded->serial = ++last_serial;
    atomic_store(&current, loaded);
}

void loaded_sweep(void)
{
    for (unsigned i = 0; i < SLOTS; i++)
        if (&slots[i] != atomic_load(&current) && atomic_load(&slots[i].users) == 0)
            empty(&slots[i]);
}
