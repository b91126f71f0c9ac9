/* pinshim report: what a trial saw, and what is ready to be enforced. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/report.h"

static const char help[] =
    "Usage: pinshim report [--json] [--html FILE] [--within DAYS]\n"
    "                      [--min-connections N] [--min-days N] EVENTS...\n"
    "\n"
    "Reads files of events (\"-\": standard input) and tells, for each domain, whether\n"
    "it is ready to be enforced, and if not, why; and what was seen: pins that\n"
    "matched, what enforce blocks, names that no section covers, TLS inspection,\n"
    "certificates close to their end, programs. A file stands for a machine, by its\n"
    "base name: collect one from each.\n"
    "\n"
    "  --json               the same for programs\n"
    "  --html FILE          a page that needs nothing else, beside the text or JSON\n"
    "  --within DAYS        a certificate is close to its end then (default 30)\n"
    "  --min-connections N  a domain is not ready before N passed (default 10)\n"
    "  --min-days N         nor before it was watched for N days (default 7)\n"
    "  --help               this text\n"
    "\n"
    "Exit status: 0 all domains are ready, and enforce blocks nothing; 1 it is not so,\n"
    "or nothing was seen; 2 wrong usage, or a file cannot be read or written.\n";

struct arguments {
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
                 const struct arguments *arguments)
{
    struct report report;
    int status;

    if (reading->events == 0 && reading->bad > 0) {
        cli_error("there is no event in it; its first line: %s", reading->first_bad[0].why);
        return STATUS_USAGE;
    }
    if (!report_make(tally, reading, &arguments->options, &report)) {
        cli_error("out of memory");
        return STATUS_USAGE;
    }
    status = report.all_ready ? STATUS_GOOD : STATUS_NO;
    if (arguments->html && !report_html(&report, arguments->html))
        status = STATUS_USAGE; /* the reason is told already */
    else if (!(arguments->json ? report_json : report_text)(&report)) {
        cli_error("cannot write the report: %m");
        status = STATUS_USAGE;
    }
    report_free(&report);
    return status;
}

static int report_files(char *const *paths, size_t count, const struct arguments *arguments)
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
            status = print(&reader.tally, &reading, arguments);
    } else if (!reader.machines) {
        cli_error("out of memory");
    }
    tally_free(&reader.tally);
    event_machines_free(reader.machines, count);
    return status;
}

/* A number of an option, at most 1,000,000,000. */
static bool whole_number(const char *option, const char *text, int64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoll(text, &end, 10);
    if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *out <= 1000000000)
        return true;
    cli_usage_error("option '--%s' needs a whole number, not '%s'", option, text);
    return false;
}

static int parse(int argc, char **argv, struct arguments *out)
{
    static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
                                          {"html", required_argument, NULL, 'o'},
                                          {"within", required_argument, NULL, 'w'},
                                          {"min-connections", required_argument, NULL, 'n'},
                                          {"min-days", required_argument, NULL, 'd'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    int64_t connections = DEFAULT_MIN_CONNECTIONS;
    bool good = true;
    int option;

    while (good && (option = cli_option(argc, argv, ":h", longs)) != -1) {
        if (option == 'h' || option == '?')
            return option;
        if (option == 'j')
            out->json = true;
        else if (option == 'o')
            out->html = optarg;
        else if (option == 'w')
            good = whole_number("within", optarg, &out->options.within);
        else if (option == 'n')
            good = whole_number("min-connections", optarg, &connections);
        else
            good = whole_number("min-days", optarg, &out->options.thresholds.days);
    }
    out->options.thresholds.connections = (uint64_t)connections;
    return good ? 0 : '?';
}

int cmd_report(int argc, char **argv)
{
    struct arguments arguments = {
        .options = {.thresholds.days = DEFAULT_MIN_DAYS, .within = 30, .now = time(NULL) * 1000}};
    int parsed = parse(argc, argv, &arguments);

    if (parsed == 'h')
        return cli_help(help);
    if (parsed)
        return STATUS_USAGE;
    if (optind == argc) {
        cli_usage_error("name the files of events, or '-'");
        return STATUS_USAGE;
    }
    return report_files(argv + optind, (size_t)(argc - optind), &arguments);
}
