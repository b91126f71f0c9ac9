#include "config/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/directory.h"
#include "config/key_file.h"
#include "config/sources.h"
#include "config/trust.h"

static size_t hex_digits(const char *text)
{
    return strspn(text, "0123456789abcdefABCDEF");
}

bool store_id_valid(const char *id)
{
    size_t digits = hex_digits(id);

    return id[digits] == '\0' && digits >= STORE_ID_MIN && digits <= 2 * DIGEST_SIZE;
}

bool store_open(struct store *store, const char *path, uid_t user, char *why, size_t size)
{
    memset(store, 0, sizeof *store);
    store->path = strdup(path);
    if (store->path == NULL) {
        snprintf(why, size, "there is not enough memory to read it");
        return false;
    }
    return directory_list(path, user, "", &store->names, why, size);
}

void store_close(struct store *store)
{
    list_free_strings(&store->names);
    free(store->path);
    store->path = NULL;
}

/* The first name that is not before `id` in its first digits: those that match come from there on,
 * for names and IDs have that many at least. */
static size_t first_candidate(const struct store *store, const char *id)
{
    char *const *names = store->names.items;
    size_t low = 0, high = store->names.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strncmp(names[middle], id, STORE_ID_MIN) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* May the file `name` hold the entry `id`? Where one of the two is shorter, as far as it goes. */
static bool may_hold(const char *name, const char *id)
{
    size_t digits = hex_digits(name), length = strlen(id);

    return digits >= STORE_ID_MIN && strncmp(name, id, digits < length ? digits : length) == 0;
}

static bool has_id(const struct pin *pin, const char *id)
{
    char hex[2 * DIGEST_SIZE + 1];

    for (unsigned i = 0; i < DIGEST_SIZE; i++)
        sprintf(hex + 2 * i, "%02x", pin->digest[i]);
    return strncmp(hex, id, strlen(id)) == 0;
}

static bool read_entry(const char *path, const char *id, uid_t user, struct pin *out, char *why,
                       size_t size)
{
    size_t length = 0;
    uint8_t *data = trusted_read(path, user, KEY_FILE_LIMIT, &length, why, size, NULL);
    bool good = data != NULL && pin_from_key_file(data, length, out, why, size);

    free(data);
    if (good && !has_id(out, id)) {
        snprintf(why, size, "the key in it has another ID; `pinshim pin` prints its pin");
        good = false;
    }
    return good;
}

/* Takes the entry in `name`, unless it is the same key as one found before. */
static bool take_entry(const struct store *store, const char *name, const char *id, uid_t user,
                       struct list *sources, struct pin *out, bool *found, char *why, size_t size)
{
    char *file = path_inside(store->path, name);
    bool good = file != NULL && sources_add(sources, file);
    char reason[300];
    struct pin pin;

    if (!good)
        snprintf(why, size, "there is not enough memory for it");
    else if (!(good = read_entry(file, id, user, &pin, reason, sizeof reason)))
        snprintf(why, size, "%s: %s", file, reason);
    else if (*found && !(good = (memcmp(out->digest, pin.digest, DIGEST_SIZE) == 0)))
        snprintf(why, size, "several keys of the store begin so; write more digits");
    if (good && !*found) {
        *found = true;
        *out = pin;
    }
    free(file);
    return good;
}

bool store_find(const struct store *store, const char *id, uid_t user, struct list *sources,
                struct pin *out, char *why, size_t size)
{
    char *const *names = store->names.items;
    char lower[2 * DIGEST_SIZE + 1] = "";
    bool good = true, found = false;

    for (size_t i = 0; i < sizeof lower - 1 && id[i] != '\0'; i++)
        lower[i] = id[i] >= 'A' && id[i] <= 'F' ? (char)(id[i] | 0x20) : id[i];
    for (size_t i = first_candidate(store, lower);
         good && i < store->names.count && strncmp(names[i], lower, STORE_ID_MIN) == 0; i++)
        if (may_hold(names[i], lower))
            good = take_entry(store, names[i], lower, user, sources, out, &found, why, size);
    if (good && !found)
        snprintf(why, size, "the store \"%.200s\" has no such entry" STORE_MEND, store->path);
    return good && found;
}
