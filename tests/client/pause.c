#include "tests/client/pause.h"

#include <stdio.h>
#include <unistd.h>

#include "tests/client/options.h"

bool pause_before(unsigned number)
{
    char octet;

    if (!options.pause)
        return true;
    if (dprintf(STDOUT_FILENO, "{\"waiting\":%u}\n", number) < 0)
        die("cannot write to standard output");
    return read(STDIN_FILENO, &octet, 1) == 1;
}
