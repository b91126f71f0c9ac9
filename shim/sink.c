#include "shim/sink.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "config/text.h"
#include "shim/lock.h"
#include "shim/quiet.h"
#include "shim/sink_kind.h"

static const struct sink_kind *const KINDS[] = {&sink_stderr, &sink_file, &sink_unix, &sink_syslog,
                                                &sink_journald};

enum slot_state {
    SLOT_FREE,
    SLOT_USED,
    SLOT_RETIRED, /* nobody writes there any more; to be closed by whoever has the lock next */
};

/* New sinks are put beside the old ones before those go: a fork that another thread makes meanwhile
 * finds one or the other. */
static struct slot {
    atomic_int state; /* enum slot_state */
    char *name;       /* its own of `names` */
    struct sink sink;
    atomic_uint lost; /* events, since the last line that got through */
    struct lock lock; /* over `sink`; no write under it waits, but for a disk */
} slots[2 * SINKS_MAX];

/* Apart from the slots: only the pages of those that are used are ever touched. */
static char names[2 * SINKS_MAX][SINK_NAME_SIZE];

#define EACH_SLOT(slot)                                                                            \
    struct slot *slot = slots;                                                                     \
    slot < slots + 2 * SINKS_MAX;                                                                  \
    slot++

static atomic_uint in_use; /* slots in state SLOT_USED */

static struct slot *find_slot(const char *name)
{
    for (EACH_SLOT(slot))
        if (slot->state == SLOT_USED && strcmp(slot->name, name) == 0)
            return slot;
    return NULL;
}

static struct slot *free_slot(void)
{
    for (EACH_SLOT(slot))
        if (slot->state == SLOT_FREE)
            return slot;
    return NULL;
}

static void set_kind(struct sink *sink, const char *name)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        size_t length = strlen(KINDS[i]->name);
        bool has_path = KINDS[i]->name[length - 1] == ':';
        if (has_path ? strncmp(name, KINDS[i]->name, length) == 0
                     : strcmp(name, KINDS[i]->name) == 0) {
            sink->kind = KINDS[i];
            sink->path = has_path ? name + length : NULL;
        }
    }
}

/* One that is not there yet. */
static bool add(const char *name)
{
    struct slot *slot = free_slot();
    struct sink sink = {.fd = -1};
    size_t length = strlen(name);
    char *copy;

    if (slot == NULL || length >= SINK_NAME_SIZE)
        return false;
    copy = names[slot - slots];
    memcpy(copy, name, length + 1);
    set_kind(&sink, copy);
    if (sink.kind == NULL)
        return false;
    if (sink.kind->open != NULL)
        sink.kind->open(&sink);
    slot->name = copy;
    slot->sink = sink;
    atomic_store(&slot->lost, 0);
    atomic_fetch_add(&in_use, 1); /* first: a fork in between had better count one too many */
    atomic_store(&slot->state, SLOT_USED);
    return true;
}

static bool is_there(const char *name)
{
    return strcmp(name, "none") == 0 || find_slot(name) != NULL;
}

bool sink_add(const char *name)
{
    return is_there(name) || (atomic_load(&in_use) < SINKS_MAX && add(name));
}

/* With its lock, or before anybody else knows of it. */
static void clear(struct slot *slot)
{
    sink_close(&slot->sink);
    atomic_store(&slot->state, SLOT_FREE);
}

static void retire(struct slot *slot)
{
    atomic_store(&slot->state, SLOT_RETIRED);
    atomic_fetch_sub(&in_use, 1);
    if (!lock_try(&slot->lock))
        return; /* whoever writes there now */
    clear(slot);
    lock_release(&slot->lock);
}

void sink_replace(const char *const *wanted, unsigned count)
{
    count = count < SINKS_MAX ? count : SINKS_MAX;
    for (unsigned i = 0; i < count; i++)
        if (!is_there(wanted[i]))
            add(wanted[i]);
    for (EACH_SLOT(slot)) {
        bool stays = false;
        for (unsigned i = 0; slot->state == SLOT_USED && i < count; i++)
            stays |= strcmp(slot->name, wanted[i]) == 0;
        if (slot->state == SLOT_USED && !stays)
            retire(slot);
    }
}

bool sink_is_there(void)
{
    return atomic_load_explicit(&in_use, memory_order_relaxed) > 0;
}

void sink_lose(void)
{
    for (EACH_SLOT(slot))
        if (slot->state == SLOT_USED)
            atomic_fetch_add(&slot->lost, 1);
}

/* The event's end, as this sink is to have it. */
static struct sink_line finish_line(struct sink_event *event, unsigned lost)
{
    struct text tail;

    event->object[-1] = '\n';
    text_init(&tail, event->object + event->length, SINK_TAIL);
    if (lost > 0) {
        text_add(&tail, ",\"lost\":");
        text_add_number(&tail, lost);
    }
    text_add(&tail, "}\n");
    return (struct sink_line){event->object, event->length + tail.length, event->severity};
}

static void write_slot(struct slot *slot, struct sink_event *event)
{
    unsigned lost = atomic_load(&slot->lost);
    struct sink_line line = finish_line(event, lost);

    if (slot->sink.kind->write(&slot->sink, &line))
        atomic_fetch_sub(&slot->lost, lost);
    else
        atomic_fetch_add(&slot->lost, 1);
}

void sink_write(struct sink_event *event)
{
    unsigned turns = SINK_WAIT / LOCK_TURN;

    for (EACH_SLOT(slot)) {
        if (slot->state == SLOT_FREE)
            continue;
        if (!lock_take_within(&slot->lock, &turns)) {
            atomic_fetch_add(&slot->lost, 1);
            continue;
        }
        if (slot->state == SLOT_USED)
            write_slot(slot, event);
        else if (slot->state == SLOT_RETIRED)
            clear(slot);
        lock_release(&slot->lock);
    }
}

bool sink_is_open(const struct sink *sink)
{
    struct stat st;

    return sink->fd >= 0 && fstat(sink->fd, &st) == 0 && descriptor_is_same(&st, &sink->identity);
}

void sink_take(struct sink *sink, int fd)
{
    struct stat st;

    sink->fd = descriptor_move_high(fd);
    if (sink->fd < 0 || fstat(sink->fd, &st) != 0)
        return;
    sink->type = st.st_mode;
    sink->identity = (struct file_identity){st.st_dev, st.st_ino};
}

void sink_close(struct sink *sink)
{
    if (sink_is_open(sink))
        close(sink->fd);
    sink->fd = -1;
}

bool sink_put(struct sink *sink, int fd, mode_t type, const struct sink_line *line)
{
    size_t more = sink->torn ? 1 : 0; /* the newline in front */
    ssize_t written = quiet_write(fd, type, line->text - more, line->length + more);

    if (written > 0)
        sink->torn = (size_t)written > more && (size_t)written < line->length + more;
    return written == (ssize_t)(line->length + more);
}
