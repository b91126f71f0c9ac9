#include "cli/confirm.h"

#include <ctype.h>
#include <stdio.h>

static FILE *terminal(void)
{
    return fopen("/dev/tty", "r+e");
}

bool can_ask(void)
{
    FILE *tty = terminal();

    if (!tty)
        return false;
    fclose(tty);
    return true;
}

char ask(const char *text, const char *question)
{
    FILE *tty = terminal();
    int first = '\0', c;

    if (!tty)
        return '\0';
    fprintf(tty, "%s%s ", text, question);
    fflush(tty);
    while ((c = fgetc(tty)) != EOF && c != '\n')
        if (!first && !isspace(c))
            first = tolower(c);
    fclose(tty);
    return (char)first;
}
