/* The two pictures of the report's page, as SVG in the page itself. */
#ifndef PINSHIM_CLI_REPORT_PLOT_H
#define PINSHIM_CLI_REPORT_PLOT_H

#include <stdio.h>

#include "cli/report.h"

/* Certificates that the calendar shows; those that end soonest. */
#define CALENDAR_ROWS 40

/* Verdicts over time, as stacked bars. Needs at least one connection. */
void plot_timeline(FILE *page, const struct timeline *timeline);

/* When the pinned certificates end, from today on; those that were replaced left out. Returns how
 * many it would have shown with room for all. */
size_t plot_calendar(FILE *page, const struct report *report);

#endif
