#include "config/sink_name.h"

#include <stdio.h>
#include <string.h>
#include <sys/un.h>

const char *config_sink_path(const char *sink)
{
    return strncmp(sink, "file:", 5) == 0 || strncmp(sink, "unix:", 5) == 0 ? sink + 5 : NULL;
}

bool config_sink_valid(const char *sink, char *why, size_t size)
{
    static const char *const words[] = {"stderr", "syslog", "journald", "none"};
    const size_t longest = sizeof((struct sockaddr_un *)0)->sun_path - 1;
    const char *path = config_sink_path(sink);

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(sink, words[i]) == 0)
            return true;
    if (path == NULL)
        snprintf(why, size,
                 "there is no such sink; use stderr, file:/path, syslog, journald, unix:/path or "
                 "none");
    else if (path[0] == '\0')
        snprintf(why, size, "the path is missing; write %.5s/path", sink);
    else if (sink[0] == 'u' && strlen(path) > longest)
        snprintf(why, size, "a socket's path has at most %zu octets", longest);
    else if (strlen(sink) >= SINK_NAME_SIZE)
        snprintf(why, size, "a path has at most 4095 octets");
    else
        return true;
    return false;
}
