#include "tests/support/recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/support/events.h"
#include "tests/support/process.h"

void recorder_start(struct recorder *recorder, const struct identity *identity,
                    const char *const *options)
{
    struct command command = {0};
    char *program = build_path("tests/tls-server"), *line;

    command_add(&command, program, NULL);
    if (identity)
        command_add(&command, "--cert", identity->chain_file, "--key", identity->key_file, NULL);
    for (; options && *options; options++)
        command_add(&command, *options, NULL);
    recorder->process = background_start(&command);
    line = background_wait_for(recorder->process, "port ");
    cr_assert(line && sscanf(line, "port %u", &recorder->port) == 1, "the server did not start");
    free(line);
    free(program);
}

json_t *recorder_stop(struct recorder *recorder)
{
    char *output;
    int status = background_stop(recorder->process, 0, &output);

    cr_assert(status == 0, "the recording server ended with status %d:\n%s", status, output);
    json_t *records = json_lines(strchr(output, '\n') + 1);
    free(output);
    recorder->process = NULL;
    return records;
}
