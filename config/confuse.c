#include "config/confuse.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* The name that Debian, Fedora and Alpine give version 3. */
#define LIBCONFUSE "libconfuse.so.2"

bool confuse_open(struct confuse *confuse)
{
    const struct {
        const char *name;
        void *function;
    } functions[] = {
        {"cfg_init", &confuse->init},
        {"cfg_parse_buf", &confuse->parse_buf},
        {"cfg_free", &confuse->free},
        {"cfg_set_error_function", &confuse->set_error_function},
        {"cfg_opt_rmnsec", &confuse->opt_rmnsec},
    };

    confuse->handle = dlopen(LIBCONFUSE, RTLD_NOW | RTLD_LOCAL);
    if (confuse->handle == NULL) {
        snprintf(confuse->why, sizeof confuse->why,
                 "libconfuse is needed to read it and cannot be loaded (%s); install it "
                 "(Debian: libconfuse2)",
                 dlerror());
        return false;
    }
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *address = dlsym(confuse->handle, functions[i].name);
        if (address == NULL) {
            snprintf(confuse->why, sizeof confuse->why,
                     "%s has no %s; install libconfuse 3.0 or later", LIBCONFUSE,
                     functions[i].name);
            confuse_close(confuse);
            return false;
        }
        memcpy(functions[i].function, &address, sizeof address);
    }
    return true;
}

void confuse_close(struct confuse *confuse)
{
    if (confuse->handle != NULL)
        dlclose(confuse->handle);
    confuse->handle = NULL;
}
