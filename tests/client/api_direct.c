#include "tests/client/api.h"

__attribute__((visibility("default"))) void api_direct(struct api_table *out)
{
#define FILL(name) out->name = name;
    API_FUNCTIONS(FILL)
#undef FILL
}
