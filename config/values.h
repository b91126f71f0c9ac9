/* The values of options: each function takes one value into the draft at hand, or says what is
 * wrong with it (struct option's `take`). */
#ifndef PINSHIM_CONFIG_VALUES_H
#define PINSHIM_CONFIG_VALUES_H

#include "config/options.h"

typedef bool take_value(struct reader *reader, const struct option *option, const char *value);

take_value take_mode, take_rule, take_bool, take_sink, take_response, take_port, take_pin,
    take_match, take_expires, take_owner, take_interval, take_path, take_verify, take_anchors,
    take_inspection, take_message, take_redirect, take_signal;

/* Says in reader->error what is wrong with a value, or that memory is short. Return false. */
bool value_wrong(struct reader *reader, const struct option *option, const char *value,
                 const char *why);
bool value_short_of_memory(struct reader *reader, const struct option *option);

#endif
