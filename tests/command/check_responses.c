/* pinshim check: warnings about responses. */
#include <criterion/criterion.h>

#include "tests/command/findings.h"
#include "tests/command/pinshim.h"

TestSuite(check_responses, .init = open_scratch, .fini = close_scratch);

#define PAGE "redirect = \"https://status.test/\""

Test(check_responses, nothing_asked_for_it)
{
    WARNINGS(write_config("domain \"a.test\" { " PINS " message = x }\n"
                          "domain \"b.test\" { " PINS " on_failure = {message} " PAGE " }\n"
                          "domain \"c.test\" { " PINS " signal = KILL }\n"
                          "domain \"d.test\" { " PINS " message = x " PAGE " signal = KILL\n"
                          "    on_failure = {message, redirect, terminate} }\n"
                          "domain \"off.test\" { " PINS " mode = off message = x }\n"),
             {NULL, 1, "a.test", "message does nothing: on_failure does not have message"},
             {NULL, 2, "b.test", "redirect does nothing"},
             {NULL, 3, "c.test", "on_failure does not have terminate"});
}

/* What the top level or a program asks for counts. */
Test(check_responses, asked_for_above)
{
    NO_WARNINGS(write_config("on_failure = {message}\n"
                             "domain \"a.test\" { " PINS " message = x }\n"));
    NO_WARNINGS(write_config("program \"p\" { on_failure = {message} }\n"
                             "domain \"a.test\" { " PINS " message = x }\n"));
    WARNINGS(write_config("on_failure = {message}\n"
                          "domain \"a.test\" { " PINS " message = x on_failure = {} }\n"),
             {NULL, 2, "a.test", "message does nothing"});
}

Test(check_responses, signals)
{
    WARNINGS(write_config("on_failure = {terminate}\nsignal = CHLD\n"
                          "program \"p\" { signal = STOP }\n"
                          "domain \"a.test\" { " PINS " signal = SIGURG }\n"
                          "domain \"b.test\" { " PINS " signal = QUIT }\n"),
             {NULL, 0, NULL, "signal CHLD does nothing to a process"},
             {NULL, 3, NULL, "signal STOP stops a process and does not end it"},
             {NULL, 4, "a.test", "signal URG does nothing to a process"});
}
