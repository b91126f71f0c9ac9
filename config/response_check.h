/* What only shows when a whole config has been read: whether responses have all they need. */
#ifndef PINSHIM_CONFIG_RESPONSE_CHECK_H
#define PINSHIM_CONFIG_RESPONSE_CHECK_H

#include <stdbool.h>

#include "config/builder.h"

/* Has each `redirect` in `on_failure` a URL to open? Else false, and `error` says where not. */
bool responses_check(const struct builder *builder, struct config_error *error);

#endif
