#include <stdlib.h>
#include <unistd.h>

#include "cli/check.h"
#include "cli/cli.h"
#include "config/image.h"

void check_compiled(const struct config *config, struct findings *findings)
{
    const struct config_origin at = {.file = ((char *const *)config->files.items)[0]};
    char *absolute = cli_absolute(at.file), *path = absolute ? image_path(absolute) : NULL;
    struct image *image = NULL;
    char why[WHY_SIZE];
    enum image_result result = IMAGE_NONE;

    if (path)
        result = image_open(path, absolute, geteuid(), &image, why, sizeof(why));
    else
        findings->failed = true;
    if (result == IMAGE_STALE)
        findings_add(findings, &at, NULL,
                     "its compiled form is older than the config, so every process parses; run "
                     "`pinshim compile`");
    else if (result == IMAGE_REFUSED)
        findings_add(findings, &at, NULL, "its compiled form is not used: %s", why);
    image_close(image);
    free(path);
    free(absolute);
}
