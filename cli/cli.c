#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/text.h"

static const char *command;

void cli_set_command(const char *name)
{
    command = name;
}

/* Of the first write that failed: stdio drops what it could not write, and goes on. */
static int output_error;

static void note_output(bool good)
{
    if (!good && output_error == 0)
        output_error = errno;
}

static void print_line(FILE *stream, const char *format, va_list arguments)
{
    char raw[4096], line[4 * sizeof(raw)];
    struct text text;

    vsnprintf(raw, sizeof(raw), format, arguments);
    text_init(&text, line, sizeof(line));
    text_add_printable(&text, raw);
    note_output(fprintf(stream, "%s\n", line) >= 0 || stream != stdout);
}

void cli_print(FILE *stream, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_line(stream, format, arguments);
    va_end(arguments);
}

static void complain(const char *format, va_list arguments)
{
    fprintf(stderr, "pinshim%s%s: ", command ? " " : "", command ? command : "");
    print_line(stderr, format, arguments);
}

void cli_error(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    complain(format, arguments);
    va_end(arguments);
}

void cli_usage_error(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    complain(format, arguments);
    va_end(arguments);
    fprintf(stderr, "Try 'pinshim %s%s--help'.\n", command ? command : "", command ? " " : "");
}

void cli_write(const char *text)
{
    cli_write_octets(text, strlen(text));
}

void cli_write_octets(const char *text, size_t length)
{
    note_output(fwrite(text, 1, length, stdout) == length);
}

void cli_flush(void)
{
    note_output(fflush(stdout) == 0);
}

bool cli_end_output(void)
{
    cli_flush();
    if (!ferror(stdout))
        return true;
    cli_error("cannot write the output%s%s", output_error ? ": " : "",
              output_error ? strerror(output_error) : "");
    return false;
}

int cli_option(int argc, char *const *argv, const char *shorts, const struct option *longs)
{
    int option;
    const char *word;

    opterr = 0;
    option = getopt_long(argc, argv, shorts, longs, NULL);
    if (option != '?' && option != ':')
        return option;
    word = argv[optind - 1];
    if (option == ':')
        cli_usage_error("option '%s' needs a value", word);
    else if (optopt && strncmp(word, "--", 2) != 0)
        cli_usage_error("there is no option '-%c'", optopt);
    else if (optopt)
        cli_usage_error("option '%s' takes no value", word);
    else
        cli_usage_error("there is no option '%s'", word);
    return '?';
}

int cli_help(const char *text)
{
    cli_write(text);
    return STATUS_GOOD;
}

const char *cli_environment(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

char *cli_absolute(const char *path)
{
    char *directory, *absolute;

    if (*path == '/')
        return strdup(path);
    directory = getcwd(NULL, 0);
    if (!directory)
        return NULL;
    if (asprintf(&absolute, "%s/%s", strcmp(directory, "/") == 0 ? "" : directory, path) < 0)
        absolute = NULL;
    free(directory);
    return absolute;
}
