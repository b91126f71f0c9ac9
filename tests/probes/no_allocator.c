#include "tests/probes/allocator.h"

unsigned allocator_calls, allocator_copies;
