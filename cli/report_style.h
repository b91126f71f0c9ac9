/* How the report's page looks: on a screen, light and dark, and on paper. */
#ifndef PINSHIM_CLI_REPORT_STYLE_H
#define PINSHIM_CLI_REPORT_STYLE_H

extern const char report_style[];

#endif
