#include "tests/client/report.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/client/options.h"

static void name_field(struct report *report, const char *name)
{
    if (report->comma)
        fputc(',', report->out);
    if (name)
        fprintf(report->out, "\"%s\":", name);
    report->comma = true;
}

void report_number(struct report *report, const char *name, long value)
{
    name_field(report, name);
    fprintf(report->out, "%ld", value);
}

void report_flag(struct report *report, const char *name, bool value)
{
    name_field(report, name);
    fputs(value ? "true" : "false", report->out);
}

void report_text(struct report *report, const char *name, const char *text, size_t length)
{
    const unsigned char *p = (const unsigned char *)text;

    name_field(report, name);
    if (!text) {
        fputs("null", report->out);
        return;
    }
    fputc('"', report->out);
    for (size_t i = 0; i < length; i++) {
        if (p[i] < 0x20 || p[i] > 0x7e || p[i] == '"' || p[i] == '\\')
            fprintf(report->out, "\\u%04x", p[i]);
        else
            fputc(p[i], report->out);
    }
    fputc('"', report->out);
}

void report_begin(struct report *report, const char *name, char bracket)
{
    name_field(report, name);
    fputc(bracket, report->out);
    report->comma = false;
}

void report_end(struct report *report, char bracket)
{
    fputc(bracket, report->out);
    report->comma = true;
}

void report_open(struct report *report)
{
    *report = (struct report){0};
    report->out = open_memstream(&report->text, &report->length);
    if (!report->out)
        die("out of memory");
    fputc('{', report->out);
}

void report_close(struct report *report)
{
    fputs("}\n", report->out);
    if (fclose(report->out) != 0)
        die("out of memory");
    report->out = NULL;
}

void report_print(struct report *report)
{
    if (write(STDOUT_FILENO, report->text, report->length) != (ssize_t)report->length)
        die("cannot write to standard output");
    free(report->text);
}
