/* pinshim learn: a proposed config for what a trial saw. */
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/event_file.h"
#include "cli/input.h"
#include "cli/learn.h"
#include "cli/output.h"

static const struct command_line line = {
    .usage = "learn [OPTION...] EVENTS...",
    .about = "Reads files of events (\"-\": standard input) and writes a config that pins the\n"
             "servers' keys that were seen, with comments that say from where, and a marked\n"
             "place for each backup pin. Left out, and said so: what looked like TLS\n"
             "inspection, what the pins in force or the program's own checks refused, and\n"
             "names that no section can have. Its mode is audit.\n",
    .accepted = ARG(CA) | ARG(OUTPUT),
    .examples = "  pinshim learn -o proposed.conf web1.jsonl cron1.jsonl\n",
    .status = "0 there is a config; 1 nothing was seen that could be pinned; 2 wrong\n"
              "usage, or a file cannot be read or written.\n",
};

struct reader {
    struct learn learn;
    char **machines;
};

static void take(void *context, size_t machine, const struct event *event)
{
    struct reader *reader = context;

    learn_add(&reader->learn, reader->machines[machine], event);
}

static void print_bad(const struct event_reading *reading)
{
    if (reading->bad.count > 0)
        cli_error("%llu lines are no events and were left out, the first at %s:%llu: %s",
                  (unsigned long long)reading->bad.count, input_name(reading->bad.first[0].file),
                  (unsigned long long)reading->bad.first[0].line, reading->bad.first[0].why);
    if (reading->damaged.count > 0)
        cli_error(
            "%llu events with a detail that cannot be read prove no key, the first at "
            "%s:%llu: %s",
            (unsigned long long)reading->damaged.count, input_name(reading->damaged.first[0].file),
            (unsigned long long)reading->damaged.first[0].line, reading->damaged.first[0].why);
}

static int write_config(const struct learn *learn, bool ca, const char *path)
{
    char *data = NULL;
    size_t length = 0, sections = 0;
    FILE *stream = open_memstream(&data, &length);
    bool good = stream && learn_write(learn, ca, stream, &sections);
    int status = STATUS_USAGE;

    good = stream && fclose(stream) == 0 && good;
    if (!good) {
        cli_error("out of memory");
    } else if (sections == 0) {
        cli_error("no connection was seen whose key could be pinned");
        status = STATUS_NO;
    } else if (!path) {
        cli_write(data);
        status = STATUS_GOOD;
    } else if (output_new(path, data, length)) {
        status = STATUS_GOOD;
    }
    free(data);
    return status;
}

static int learn_files(char *const *paths, size_t count, bool ca, const char *output)
{
    struct reader reader = {.machines = event_machines(paths, count)};
    struct event_reading reading = {0};
    int status = STATUS_USAGE;

    learn_init(&reader.learn);
    if (reader.machines && event_files_read(paths, count, take, &reader, &reading)) {
        learn_finish(&reader.learn);
        if (reader.learn.failed) {
            cli_error("out of memory");
        } else if (!event_reading_failed(&reading)) {
            print_bad(&reading);
            status = write_config(&reader.learn, ca, output);
        }
    } else if (!reader.machines) {
        cli_error("out of memory");
    }
    learn_free(&reader.learn);
    event_machines_free(reader.machines, count);
    return status;
}

int cmd_learn(int argc, char **argv)
{
    struct arguments arguments;
    int status = arguments_read(&line, argc, argv, &arguments);

    if (status >= 0)
        return status;
    if (arguments.count == 0) {
        cli_usage_error("name the files of events, or '-'");
        return STATUS_USAGE;
    }
    return learn_files(arguments.rest, (size_t)arguments.count, given(&arguments, ARG_CA),
                       arguments.value[ARG_OUTPUT]);
}
