#include "cli/foreign_policy.h"

#include <stdlib.h>
#include <string.h>

#include "cli/foreign_patterns.h"

/* Does `wide` take in names that `section` is about? */
static bool is_wider(const struct pattern *wide, const struct pattern *section)
{
    size_t w = strlen(wide->name), s = strlen(section->name);

    if (wide->kind != PATTERN_ANY_DEPTH && wide->kind != PATTERN_ONE_LABEL)
        return false;
    if (section->kind == PATTERN_NETWORK || w > s || strcmp(section->name + s - w, wide->name) != 0)
        return false;
    return w == s ? wide->kind != section->kind && wide->kind == PATTERN_ANY_DEPTH
                  : section->name[s - w - 1] == '.';
}

static bool has_wider(const struct foreign *foreign, const struct pattern *patterns, size_t at)
{
    for (size_t i = 0; i < foreign->sections.count; i++)
        if (i != at && is_wider(&patterns[i], &patterns[at]))
            return true;
    return false;
}

/* Of a pattern that is there twice. */
static bool merge(struct foreign *foreign, struct foreign_section *first,
                  const struct foreign_section *again)
{
    return (first->mode == again->mode && strcmp(first->expires, again->expires) == 0) ||
           foreign_tell(foreign, "%s is there twice; its mode and date are those of the first",
                        again->domain);
}

static bool tell_overlaps(struct foreign *foreign, const struct pattern *patterns)
{
    const struct foreign_section *sections = foreign->sections.items;
    bool good = true;

    for (size_t i = 0; i < foreign->sections.count; i++)
        for (size_t n = 0; good && n < foreign->sections.count; n++)
            if (i != n && is_wider(&patterns[i], &patterns[n]))
                good = foreign_tell(foreign,
                                    "%s: the pins of %s count for it in OkHttp as well; in pinshim "
                                    "the most specific section counts alone",
                                    sections[n].domain, sections[i].domain);
    return good;
}

bool foreign_settle(const struct foreign_format *format, struct foreign *foreign)
{
    struct pattern *patterns = foreign_patterns(foreign);
    bool good = patterns && foreign_join(foreign, patterns, merge), several = false;

    for (size_t i = 0; good && i < foreign->sections.count;) {
        struct foreign_section *section = (struct foreign_section *)foreign->sections.items + i;

        several |= section->pins.count > 1;
        if (section->pins.count == 0 && section->mode == MODE_OFF &&
            has_wider(foreign, patterns, i)) {
            i++;
        } else if (section->pins.count == 0) {
            good = foreign_tell(foreign, "%s has no pins and is left out", section->domain);
            foreign_drop(foreign, patterns, i);
        } else {
            i++;
        }
    }
    if (good && format->adds_up)
        good = tell_overlaps(foreign, patterns);
    if (good && several)
        good =
            foreign_tell(foreign, "which pins are backups is not said; all are current pins now");
    free(patterns);
    return good;
}
