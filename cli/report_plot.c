#include "cli/report_plot.h"

#include <inttypes.h>
#include <string.h>

#include "cli/html.h"

/* The pictures' own units; the page scales them to its width. */
enum { WIDTH = 960, LEFT = 56, RIGHT = 16, TOP = 12, PLOT_HEIGHT = 200 };
enum { CALENDAR_LEFT = 250, CALENDAR_RIGHT = 100, CALENDAR_ROW = 22, CALENDAR_TOP = 28 };

/* A bar of failures is seen however many others passed. */
#define LEAST_FAIL 3.0

static const char *const kinds[TIMELINE_KINDS] = {"pass", "backup", "unpinned", "fail"};

static uint64_t highest(const struct timeline *t)
{
    uint64_t most = 1;

    for (size_t i = 0; i < t->used; i++)
        if (timeline_total(t, i) > most)
            most = timeline_total(t, i);
    return most;
}

/* A round number, of one digit and zeros, that is not below. */
static uint64_t round_up(uint64_t value)
{
    uint64_t unit = 1;

    while (value / unit >= 10)
        unit *= 10;
    return (value + unit - 1) / unit * unit;
}

static void draw_bar(FILE *page, const struct timeline *t, size_t bin, double x, double width,
                     double scale)
{
    static const int order[] = {TIMELINE_FAIL, TIMELINE_UNPINNED, TIMELINE_BACKUP, TIMELINE_PASS};
    double y = TOP + PLOT_HEIGHT;
    char when[TIME_TEXT];

    event_time_format(t->start + (int64_t)bin * t->width, when);
    fprintf(page, "<g><title>%s UTC:", when);
    for (int kind = 0; kind < TIMELINE_KINDS; kind++)
        fprintf(page, " %" PRIu64 " %s%s", t->bins[bin][kind], kinds[kind],
                kind + 1 < TIMELINE_KINDS ? "," : "</title>");
    for (size_t i = 0; i < TIMELINE_KINDS; i++) {
        uint64_t count = t->bins[bin][order[i]];
        double height = (double)count * scale;

        if (count == 0)
            continue;
        if (order[i] == TIMELINE_FAIL && height < LEAST_FAIL)
            height = LEAST_FAIL;
        y -= height;
        fprintf(page, "<rect class=\"%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>",
                kinds[order[i]], x, y, width, height);
    }
    fputs("</g>\n", page);
}

static void draw_levels(FILE *page, uint64_t top)
{
    for (unsigned i = 0; i <= 2; i++) {
        double y = TOP + PLOT_HEIGHT - PLOT_HEIGHT * i / 2.0;

        if (i == 1 && top % 2 != 0)
            continue;
        fprintf(page,
                "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                "<text class=\"right\" x=\"%d\" y=\"%.1f\">%" PRIu64 "</text>\n",
                LEFT, WIDTH - RIGHT, y, y, LEFT - 6, y + 4, top * i / 2);
    }
}

/* Times below the bars: days, or minutes where the bins are narrow. */
static void draw_times(FILE *page, const struct timeline *t, double step)
{
    size_t every = (t->used + 5) / 6;

    for (size_t i = 0; i < t->used; i += every) {
        char when[TIME_TEXT];

        event_time_format(t->start + (int64_t)i * t->width, when);
        when[t->width < DAY_MS ? strlen(when) - 3 : strlen(when) - 9] = '\0';
        fprintf(page, "<text x=\"%.1f\" y=\"%d\">%s</text>\n", LEFT + (double)i * step,
                TOP + PLOT_HEIGHT + 18, when);
    }
}

void plot_timeline(FILE *page, const struct timeline *t)
{
    uint64_t top = round_up(highest(t));
    /* Two bars look like two bars, and not like walls. */
    double slots = t->used < 24 ? 24 : (double)t->used, step = (WIDTH - LEFT - RIGHT) / slots;

    fprintf(page,
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Connections over time, by "
            "verdict\">\n",
            WIDTH, TOP + PLOT_HEIGHT + 28);
    draw_levels(page, top);
    for (size_t i = 0; i < t->used; i++)
        if (timeline_total(t, i) > 0)
            draw_bar(page, t, i, LEFT + (double)i * step + step * 0.08, step * 0.84,
                     PLOT_HEIGHT / (double)top);
    draw_times(page, t, step);
    fputs("</svg>\n", page);
}

static bool in_calendar(const struct report_cert *cert)
{
    return !cert->replaced;
}

/* The last day of the calendar: that of the last certificate, between a month and two years. */
static int64_t calendar_days(const struct report *report)
{
    const struct report_cert *certs = report->certs.items;
    int64_t days = 30;

    for (size_t i = 0, shown = 0; i < report->certs.count && shown < CALENDAR_ROWS; i++) {
        if (!in_calendar(&certs[i]))
            continue;
        shown++;
        if (certs[i].days + 1 > days)
            days = certs[i].days + 1;
    }
    return days > 730 ? 730 : days;
}

static double calendar_x(int64_t day, int64_t days)
{
    day = day < 0 ? 0 : day > days ? days : day;
    return CALENDAR_LEFT +
           (double)(WIDTH - CALENDAR_LEFT - CALENDAR_RIGHT) * (double)day / (double)days;
}

static void draw_days(FILE *page, const struct report *report, int64_t days, int height)
{
    int64_t every = days <= 60 ? 10 : days <= 200 ? 30 : days <= 400 ? 60 : 120;

    for (int64_t day = 0; day <= days; day += every) {
        char when[TIME_TEXT];

        event_day_format(report->options.now + day * DAY_MS, when);
        fprintf(page,
                "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>"
                "<text class=\"middle\" x=\"%.1f\" y=\"16\">%s</text>\n",
                calendar_x(day, days), calendar_x(day, days), CALENDAR_TOP - 6, height,
                calendar_x(day, days), day == 0 ? "today" : when);
    }
}

static void draw_cert(FILE *page, const struct report_cert *cert, int64_t days, int y)
{
    double end = calendar_x(cert->days + 1, days);
    char when[TIME_TEXT];

    event_day_format(cert->row->not_after, when);
    fprintf(page, "<g><title>");
    html_text(page, cert->row->row.key[0]);
    fputs(": ", page);
    html_text(page, cert->row->subject);
    fprintf(page, " ends %s</title><text class=\"right\" x=\"%d\" y=\"%d\">", when,
            CALENDAR_LEFT - 10, y + 12);
    html_text_cut(page, cert->row->row.key[0], 34);
    fprintf(page,
            "</text><rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"14\" rx=\"2\"/>"
            "<text x=\"%.1f\" y=\"%d\">%s</text></g>\n",
            cert->days < 0 ? "fail"
            : cert->close  ? "soon"
                           : "pass",
            CALENDAR_LEFT, y, end - CALENDAR_LEFT < 4 ? 4 : end - CALENDAR_LEFT,
            (end - CALENDAR_LEFT < 4 ? CALENDAR_LEFT + 4 : end) + 6, y + 12, when);
}

size_t plot_calendar(FILE *page, const struct report *report)
{
    const struct report_cert *certs = report->certs.items;
    size_t all = 0, shown = 0;
    int64_t days = calendar_days(report);
    int height;

    for (size_t i = 0; i < report->certs.count; i++)
        all += in_calendar(&certs[i]);
    shown = all < CALENDAR_ROWS ? all : CALENDAR_ROWS;
    height = CALENDAR_TOP + (int)shown * CALENDAR_ROW + 4;
    fprintf(page,
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"When pinned certificates "
            "end\">\n",
            WIDTH, height);
    draw_days(page, report, days, height);
    for (size_t i = 0, row = 0; i < report->certs.count && row < shown; i++)
        if (in_calendar(&certs[i]))
            draw_cert(page, &certs[i], days, CALENDAR_TOP + (int)row++ * CALENDAR_ROW);
    fputs("</svg>\n", page);
    return all;
}
