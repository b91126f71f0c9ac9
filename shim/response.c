#include "shim/response.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "config/redirect.h"
#include "config/signal_name.h"
#include "config/text.h"
#include "shim/opener.h"
#include "shim/quiet.h"
#include "shim/sink.h"

enum {
    MESSAGE_SIZE = 4096, /* what a pipe takes at once */
    URL_SIZE = 4 * 4096, /* of the longest URL, with a long name put in several times */
    TROUBLE_SIZE = 1000,
};

/* The process's own terminal, else its standard error. The terminal is opened for the moment only:
 * an open one keeps its session from ending. */
static void show(const char *line, size_t length)
{
    int terminal = open("/dev/tty", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    bool shown = terminal >= 0 && quiet_write(terminal, S_IFCHR, line, length) == (ssize_t)length;

    if (terminal >= 0)
        close(terminal);
    if (!shown)
        sink_write_stderr(line, length);
}

/* Its lines stay lines; other control characters never reach the terminal. */
static void add_message(struct text *text, const char *message)
{
    char line[256];

    while (*message != '\0') {
        size_t length = strcspn(message, "\n"), part = length;
        if (part >= sizeof line) {
            part = sizeof line - 1;
            while (part > sizeof line - 4 && ((unsigned char)message[part] & 0xc0) == 0x80)
                part--; /* not within a character */
        }
        memcpy(line, message, part);
        line[part] = '\0';
        text_add_printable(text, line);
        message += part;
        if (part == length && *message == '\n') {
            text_add_char(text, '\n');
            message++;
        }
    }
}

static void show_message(const struct judgement *j, const char *message)
{
    char *buffer = malloc(MESSAGE_SIZE);
    struct text text;

    if (buffer == NULL)
        return;
    text_init(&text, buffer, MESSAGE_SIZE - 1);
    if (message[0] != '\0') {
        add_message(&text, message);
    } else {
        text_add(&text, "The connection to ");
        judgement_add_peer(&text, j);
        text_add(&text, " was stopped, because it is not certain who is at the other end: ");
        text_add(&text, reason_words(j->decision.reason));
        text_add(&text, ". Nothing was sent.");
    }
    if (text.data[text.length - 1] != '\n')
        text.data[text.length++] = '\n';
    show(text.data, text.length);
    free(buffer);
}

static void tell_trouble(const struct judgement *j, int error)
{
    char *buffer = malloc(TROUBLE_SIZE);
    struct text text;
    size_t start;

    if (buffer == NULL)
        return;
    text_init(&text, buffer, TROUBLE_SIZE - 1);
    text_add(&text, "pinshim: ");
    text_add_printable(&text, opener_name());
    text_add(&text, ": ");
    start = text.length;
    text_add(&text, "the page that redirect names is not opened: ");
    if (error == ENOENT)
        text_add(&text, "there is no such program; install it, or set PINSHIM_OPENER");
    else if (error == EACCES)
        text_add(&text, "it may not be executed");
    else if (error == ENOMEM)
        text_add(&text, "there is not enough memory");
    else if (error == E2BIG)
        text_add(&text, "the URL is too long");
    else if (error == ECANCELED)
        text_add(&text,
                 "this process has more rights than its caller, whose programs it would run");
    else if (error == EOPNOTSUPP)
        text_add(&text,
                 "this process adopts orphans, and would find the opener among its children");
    else {
        text_add(&text, "it cannot be started, error ");
        text_add_number(&text, error);
    }
    text.data[text.length] = '\n';
    sink_write_stderr(text.data, text.length + 1);
    text.data[text.length] = '\0';
    event_config_error(opener_name(), 0, text.data + start, j->decision.mode);
    free(buffer);
}

static void open_page(const struct judgement *j, const char *url)
{
    const struct peer *peer = &j->known.peer;
    uint16_t known = peer->port != 0 ? peer->port : peer->likely_port;
    char *expanded = malloc(URL_SIZE), address[ADDRESS_SIZE], port[8];
    struct text text;
    int error = ENOMEM;
    bool opened = false;

    text_init(&text, port, sizeof port);
    if (known != 0)
        text_add_number(&text, known);
    if (expanded != NULL) {
        error = E2BIG;
        opened = redirect_expand(url, judgement_host(j, address), port,
                                 reason_name(j->decision.reason), expanded, URL_SIZE) &&
                 opener_open(expanded, &error);
    }
    if (!opened)
        tell_trouble(j, error);
    free(expanded);
}

int response_give(const struct judgement *j)
{
    const struct policy_view *view = &j->loaded->view;
    const struct policy_section *section = j->match.section;
    unsigned responses;
    const char *url;

    if (view->policy == NULL)
        return 0;
    responses = policy_responses(view, section);
    url = policy_redirect(view, section);
    if ((responses & RESPONSE_MESSAGE) != 0)
        show_message(j, policy_message(view, section));
    if ((responses & RESPONSE_REDIRECT) != 0 && url[0] != '\0')
        open_page(j, url);
    return j->decision.action == ACTION_TERMINATE ? signal_number(policy_signal(view, section)) : 0;
}

void response_terminate(int signal)
{
    if (signal != 0)
        syscall(SYS_kill, getpid(), signal);
}
