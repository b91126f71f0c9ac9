/* To be preloaded: functions with names of libc's and a version of their own (versioned.map), to
 * which the loader binds nobody who was linked to libc's. */
#include <unistd.h>

__attribute__((visibility("default"))) char *strdup(const char *text);
__attribute__((visibility("default"))) int stat(const char *path, void *out);

char *strdup(const char *text)
{
    (void)text;
    _exit(97);
}

int stat(const char *path, void *out)
{
    (void)path, (void)out;
    _exit(96);
}
