#include "tests/client/api.h"

#include <dlfcn.h>

#include "tests/client/options.h"

void api_find(struct api_table *out, void *handle, api_lookup *lookup)
{
    if (!handle)
        die("%s", dlerror());
#define FIND(name)                                                                                 \
    out->name = (__typeof__(name) *)lookup(handle, #name);                                         \
    if (!out->name)                                                                                \
        die("%s is not to be found", #name);
    API_FUNCTIONS(FIND)
#undef FIND
}
