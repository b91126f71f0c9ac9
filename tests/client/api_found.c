/* For the executable that is linked to no libssl, and finds one as plugins and bindings do. */
#include "tests/client/api.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shim/elf.h"
#include "tests/client/options.h"

#if OPENSSL_VERSION_NUMBER >= 0x30000000L
#    define LIBSSL "libssl.so.3"
#else
#    define LIBSSL "libssl.so.1.1"
#endif

/* Symbol versions of libssl and libcrypto, the most common one first. */
static const char *const versions[] = {
    "OPENSSL_3.0.0", "OPENSSL_1_1_0", "OPENSSL_1_1_1", "OPENSSL_3.2.0", NULL,
};

static void *opened;

static void *find_versioned(void *handle, const char *name)
{
    void *found = NULL;

    for (size_t i = 0; versions[i] && !found; i++)
        found = dlvsym(handle, name, versions[i]);
    return found;
}

static void *find(void *handle, const char *name)
{
    return dlsym(handle, name);
}

struct wanted {
    const char *name;
    void *found;
};

static bool look_in_tables(const struct elf_object *object, void *arg)
{
    struct wanted *wanted = arg;

    if (strncmp(object->soname, "libssl", 6) == 0 || strncmp(object->soname, "libcrypto", 9) == 0)
        wanted->found = elf_function(object, wanted->name);
    return wanted->found == NULL;
}

/* Asks nobody: who reads the libraries' own tables meets no hook. */
static void *find_in_tables(void *handle, const char *name)
{
    struct wanted wanted = {.name = name};

    (void)handle;
    elf_walk(look_in_tables, &wanted);
    return wanted.found;
}

/* Another part of the program is bound as usual and makes an SSL_CTX: for itself, or all of them,
 * and hands them on. */
static void fill_from_tables(bool handed_on)
{
    SSL_CTX *(*usual)(const SSL_METHOD *);

    api_find(&api, opened = dlopen(LIBSSL, RTLD_NOW | RTLD_LOCAL), find);
    usual = api.SSL_CTX_new;
    api.SSL_CTX_free(usual(api.TLS_client_method()));
    api_find(&api, opened, find_in_tables);
    if (handed_on)
        api.SSL_CTX_new = usual;
}

/* client-plugin.so stands beside the executable. */
static void *open_plugin(int flags)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    char *slash;

    if (n < 0)
        die("/proc/self/exe cannot be read");
    path[n] = 0;
    slash = strrchr(path, '/');
    if (!slash || (size_t)(slash - path) + sizeof "/client-plugin.so" > sizeof path)
        die("%s: too long", path);
    strcpy(slash, "/client-plugin.so");
    return dlopen(path, RTLD_NOW | flags);
}

static void fill_from_plugin(void *plugin)
{
    void (*direct)(struct api_table *);

    if (!plugin)
        die("%s", dlerror());
    direct = (void (*)(struct api_table *))dlsym(plugin, "api_direct");
    if (!direct)
        die("%s", dlerror());
    direct(&api);
}

void api_load(const char *how)
{
    if (strcmp(how, "dlsym") == 0)
        api_find(&api, opened = dlopen(LIBSSL, RTLD_NOW | RTLD_GLOBAL), find);
    else if (strcmp(how, "dlsym-local") == 0)
        api_find(&api, opened = dlopen(LIBSSL, RTLD_NOW | RTLD_LOCAL), find);
    else if (strcmp(how, "dlmopen") == 0)
        api_find(&api, opened = dlmopen(LM_ID_NEWLM, LIBSSL, RTLD_NOW), find);
    else if (strcmp(how, "dlvsym") == 0)
        api_find(&api, opened = dlopen(LIBSSL, RTLD_NOW | RTLD_LOCAL), find_versioned);
    else if (strcmp(how, "tables") == 0 || strcmp(how, "tables-handed-on") == 0)
        fill_from_tables(strcmp(how, "tables-handed-on") == 0);
    else if (strcmp(how, "plugin") == 0)
        fill_from_plugin(opened = open_plugin(RTLD_LOCAL));
    else if (strcmp(how, "deepbind") == 0)
        fill_from_plugin(opened = open_plugin(RTLD_LOCAL | RTLD_DEEPBIND));
    else
        die("--load %s: not in this executable", how);
}

void api_unload(void)
{
    if (dlclose(opened) != 0)
        die("%s", dlerror());
    api = (struct api_table){0};
}
