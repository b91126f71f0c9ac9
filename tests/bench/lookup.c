/* Looks names up in a compiled policy, for tests/bench/size: lookup CONFIG COUNT TIMES. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/image.h"

void look_up(const struct policy_view *view, unsigned count);

/* `count` names of the policy's, all over it. Counted by its name. */
void __attribute__((noinline)) look_up(const struct policy_view *view, unsigned count)
{
    uint32_t step = view->policy->sections.count / count;
    char name[64];

    for (unsigned i = 0; i < count; i++) {
        const struct peer peer = {.sni = name, .port = 443};
        struct policy_match match;
        snprintf(name, sizeof name, "host%u.example.test", i * step);
        policy_find(view, &peer, &match);
        if (match.section == NULL)
            abort();
    }
}

int main(int argc, char **argv)
{
    struct policy_view view = {.override = MODE_UNSET};
    struct image *image = NULL;
    char why[300] = "", *path = argc == 4 ? image_path(argv[1]) : NULL;

    if (path == NULL ||
        image_open(path, argv[1], geteuid(), &image, why, sizeof why) != IMAGE_GOOD) {
        fprintf(stderr, "lookup: %s: %s\n", path != NULL ? path : "CONFIG COUNT TIMES", why);
        return 2;
    }
    view.policy = image->policy;
    view.image = image->mapped ? image : NULL;
    for (int i = atoi(argv[3]); i > 0; i--)
        look_up(&view, (unsigned)atoi(argv[2]));
    image_close(image);
    free(path);
    return 0;
}
