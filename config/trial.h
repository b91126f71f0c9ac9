/* Files of a config as they would be (struct config_trial), among those that are on disk. */
#ifndef PINSHIM_CONFIG_TRIAL_H
#define PINSHIM_CONFIG_TRIAL_H

#include "config/config.h"

/* What stands for the file `path`; NULL: the file itself does. */
const struct config_trial *trial_find(const struct config_trial *trials, size_t count,
                                      const char *path);

/* Its text, NUL-terminated and malloc'ed; NULL when memory is short. */
char *trial_text(const struct config_trial *trial);

/* Makes `names`, what lies in `directory`, what would lie there: adds what is new, takes out what
 * would be gone, keeps the order of octets. False when memory is short. */
bool trial_apply(const struct config_trial *trials, size_t count, const char *directory,
                 struct list *names);

#endif
