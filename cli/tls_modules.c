#include "cli/tls_modules.h"

#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Patterns of glob(7). A relative one begins at the object's directory; %s is the object's name. */
static const struct {
    const char *object, *module;
} MODULES[] = {
    {"python[23]*", "../lib/%s/lib-dynload/_ssl*.so"},
    {"libpython[23]*.so*", "../python*/lib-dynload/_ssl*.so"},
    {"perl*", "../lib/*/perl5/*/auto/Net/SSLeay/SSLeay.so"},
    {"perl*", "/usr/local/lib/*/perl/*/auto/Net/SSLeay/SSLeay.so"},
    {"ruby*", "../lib/*/ruby/*/openssl.so"},
    {"ruby*", "../lib/ruby/*/*/openssl.so"},
    {"tclsh*", "../lib/tcltk/*/tcltls*/*tls*.so"},
    {"lua*", "../lib/*/lua/*/ssl.so"},
    {"pg_wrapper", "../../lib/postgresql/*/bin/psql"},
    {"git", "../lib/git-core/git-remote-https"},
    {"apt", "../lib/apt/methods/https"},
    {"apt-get", "../lib/apt/methods/https"},
    {"libQt6Network.so*", "qt6/plugins/tls/libqopensslbackend.so"},
    {"libgio-2.0.so*", "gio/modules/libgiognutls.so"},
    {"libgio-2.0.so*", "gio/modules/libgioopenssl.so"},
};

static bool add_matches(const char *pattern, struct list *modules)
{
    glob_t found = {0};
    bool good = glob(pattern, 0, NULL, &found) != GLOB_NOSPACE;

    for (size_t i = 0; good && i < found.gl_pathc; i++) {
        char *real = realpath(found.gl_pathv[i], NULL), **item;

        if (!real)
            continue;
        item = list_add(modules, sizeof(*item));
        good = item != NULL;
        if (item)
            *item = real;
        else
            free(real);
    }
    globfree(&found);
    return good;
}

/* `text` for a pattern, where it stands for itself; malloc'ed. */
static char *quoted(const char *text)
{
    char *out = malloc(2 * strlen(text) + 1), *at = out;

    for (; out && *text; text++) {
        if (strchr("*?[\\", *text))
            *at++ = '\\';
        *at++ = *text;
    }
    if (out)
        *at = '\0';
    return out;
}

bool tls_modules_find(const char *path, struct list *modules)
{
    char *copy = strdup(path), *slash = copy ? strrchr(copy, '/') : NULL;
    char *directory, *name;
    bool good;

    if (!slash) {
        free(copy);
        return false;
    }
    *slash = '\0';
    directory = quoted(copy);
    name = quoted(slash + 1);
    good = directory && name;
    for (size_t i = 0; good && i < sizeof(MODULES) / sizeof(MODULES[0]); i++) {
        const char *module = MODULES[i].module, *mark = strstr(module, "%s");
        char *pattern;

        if (fnmatch(MODULES[i].object, slash + 1, 0) != 0)
            continue;
        good =
            asprintf(&pattern, "%s%s%.*s%s%s", *module == '/' ? "" : directory,
                     *module == '/' ? "" : "/", mark ? (int)(mark - module) : (int)strlen(module),
                     module, mark ? name : "", mark ? mark + 2 : "") >= 0;
        if (good) {
            good = add_matches(pattern, modules);
            free(pattern);
        }
    }
    free(name);
    free(directory);
    free(copy);
    return good;
}
