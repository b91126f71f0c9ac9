/* pinshim report: what a trial saw, and what is ready to be enforced. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/report.h"

static const struct command_line line = {
    .usage = "report [OPTION...] EVENTS...",
    .about = "Reads files of events (\"-\": standard input) and tells, for each domain, whether\n"
             "it is ready to be enforced, and if not, why; and what was seen: pins that\n"
             "matched, what enforce blocks, names that no section covers, TLS inspection,\n"
             "certificates close to their end, programs. A file stands for a machine, by its\n"
             "base name: collect one from each.\n",
    .accepted = ARG(WITHIN) | ARG(HTML) | ARG(MIN_CONNECTIONS) | ARG(MIN_DAYS) | ARG(JSON),
    .examples = "  pinshim report web1.jsonl cron1.jsonl\n"
                "  pinshim report --html trial.html collected/*.jsonl\n",
    .status = "0 all domains are ready, and enforce blocks nothing; 1 it is not so,\n"
              "a line that may tell of a refusal cannot be read, or nothing was seen;\n"
              "2 wrong usage, or a file cannot be read or written.\n",
};

enum { MOST = 999999999 };

struct request {
    struct report_options options;
    const char *html;
    bool json;
};

/* Counts events by machine. */
struct reader {
    struct tally tally;
    char **machines;
};

static void take(void *context, size_t machine, const struct event *event)
{
    struct reader *reader = context;

    tally_add(&reader->tally, reader->machines[machine], event);
}

static int print(const struct tally *tally, const struct event_reading *reading,
                 const struct request *request)
{
    struct report report;
    int status;

    if (event_reading_failed(reading))
        return STATUS_USAGE;
    if (!report_make(tally, reading, &request->options, &report)) {
        cli_error("out of memory");
        return STATUS_USAGE;
    }
    status = report.all_ready ? STATUS_GOOD : STATUS_NO;
    if (request->html && !report_html(&report, request->html))
        status = STATUS_USAGE; /* the reason is told already */
    else if (!(request->json ? report_json : report_text)(&report)) {
        cli_error("cannot write the report: %m");
        status = STATUS_USAGE;
    }
    report_free(&report);
    return status;
}

static int report_files(char *const *paths, size_t count, const struct request *request)
{
    struct reader reader = {.machines = event_machines(paths, count)};
    struct event_reading reading = {0};
    int status = STATUS_USAGE;

    tally_init(&reader.tally);
    if (reader.machines && event_files_read(paths, count, take, &reader, &reading)) {
        tally_finish(&reader.tally);
        if (reader.tally.failed)
            cli_error("out of memory");
        else
            status = print(&reader.tally, &reading, request);
    } else if (!reader.machines) {
        cli_error("out of memory");
    }
    tally_free(&reader.tally);
    event_machines_free(reader.machines, count);
    return status;
}

static bool read_request(const struct arguments *arguments, struct request *out)
{
    unsigned within, connections, days;

    if (!arguments_number(arguments, ARG_WITHIN, 0, MOST, 30, &within) ||
        !arguments_number(arguments, ARG_MIN_CONNECTIONS, 0, MOST, DEFAULT_MIN_CONNECTIONS,
                          &connections) ||
        !arguments_number(arguments, ARG_MIN_DAYS, 0, MOST, DEFAULT_MIN_DAYS, &days))
        return false;
    *out = (struct request){.options = {.thresholds = {.connections = connections, .days = days},
                                        .within = within,
                                        .now = time(NULL) * 1000},
                            .html = arguments->value[ARG_HTML],
                            .json = given(arguments, ARG_JSON)};
    return true;
}

int cmd_report(int argc, char **argv)
{
    struct arguments arguments;
    struct request request;
    int status = arguments_read(&line, argc, argv, &arguments);

    if (status >= 0)
        return status;
    if (!read_request(&arguments, &request))
        return STATUS_USAGE;
    if (arguments.count == 0) {
        cli_usage_error("name the files of events, or '-'");
        return STATUS_USAGE;
    }
    return report_files(arguments.rest, (size_t)arguments.count, &request);
}
