#include "config/signal_name.h"

#include <signal.h>
#include <string.h>
#include <strings.h>

/* The order is part of the policy's form (POLICY_VERSION): add at the end. */
static const struct {
    const char *name;
    int number;
    enum signal_effect effect;
} SIGNALS[] = {
    {"TERM", SIGTERM, SIGNAL_ENDS},
    {"KILL", SIGKILL, SIGNAL_ENDS},
    {"ABRT", SIGABRT, SIGNAL_ENDS},
    {"INT", SIGINT, SIGNAL_ENDS},
    {"HUP", SIGHUP, SIGNAL_ENDS},
    {"QUIT", SIGQUIT, SIGNAL_ENDS},
    {"USR1", SIGUSR1, SIGNAL_ENDS},
    {"USR2", SIGUSR2, SIGNAL_ENDS},
    {"ALRM", SIGALRM, SIGNAL_ENDS},
    {"PIPE", SIGPIPE, SIGNAL_ENDS},
    {"SEGV", SIGSEGV, SIGNAL_ENDS},
    {"BUS", SIGBUS, SIGNAL_ENDS},
    {"FPE", SIGFPE, SIGNAL_ENDS},
    {"ILL", SIGILL, SIGNAL_ENDS},
    {"TRAP", SIGTRAP, SIGNAL_ENDS},
    {"SYS", SIGSYS, SIGNAL_ENDS},
    {"XCPU", SIGXCPU, SIGNAL_ENDS},
    {"XFSZ", SIGXFSZ, SIGNAL_ENDS},
    {"VTALRM", SIGVTALRM, SIGNAL_ENDS},
    {"PROF", SIGPROF, SIGNAL_ENDS},
    {"IO", SIGIO, SIGNAL_ENDS},
    {"PWR", SIGPWR, SIGNAL_ENDS},
    {"STKFLT", SIGSTKFLT, SIGNAL_ENDS},
    {"STOP", SIGSTOP, SIGNAL_STOPS},
    {"TSTP", SIGTSTP, SIGNAL_STOPS},
    {"TTIN", SIGTTIN, SIGNAL_STOPS},
    {"TTOU", SIGTTOU, SIGNAL_STOPS},
    {"CHLD", SIGCHLD, SIGNAL_DOES_NOTHING},
    {"CONT", SIGCONT, SIGNAL_DOES_NOTHING},
    {"URG", SIGURG, SIGNAL_DOES_NOTHING},
    {"WINCH", SIGWINCH, SIGNAL_DOES_NOTHING},
};

/* Other names of some of them (signal(7)). */
static const struct {
    const char *name, *same;
} ALIASES[] = {{"IOT", "ABRT"}, {"POLL", "IO"}, {"CLD", "CHLD"}};

uint8_t signal_parse(const char *name)
{
    if (strncasecmp(name, "SIG", 3) == 0)
        name += 3;
    for (size_t i = 0; i < sizeof ALIASES / sizeof *ALIASES; i++)
        if (strcasecmp(name, ALIASES[i].name) == 0)
            name = ALIASES[i].same;
    for (uint8_t place = 1; place <= signal_last(); place++)
        if (strcasecmp(name, SIGNALS[place - 1].name) == 0)
            return place;
    return SIGNAL_UNSET;
}

uint8_t signal_last(void)
{
    return sizeof SIGNALS / sizeof *SIGNALS;
}

int signal_number(uint8_t place)
{
    return SIGNALS[place - 1].number;
}

const char *signal_name(uint8_t place)
{
    return SIGNALS[place - 1].name;
}

enum signal_effect signal_effect(uint8_t place)
{
    return SIGNALS[place - 1].effect;
}
