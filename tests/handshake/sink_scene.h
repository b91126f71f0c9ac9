/* What the tests of sinks share. */
#ifndef PINSHIM_TESTS_HANDSHAKE_SINK_SCENE_H
#define PINSHIM_TESTS_HANDSHAKE_SINK_SCENE_H

#include "tests/handshake/scene.h"
#include "tests/support/daemon.h"

#define FILE_SINK "file:{dir}/events.jsonl"

/* What daemon_receive received last. */
#define MESSAGE_SIZE 65536
extern char message[MESSAGE_SIZE];

/* One connection under this mode, whose events go there; it goes as it should. The server's
 * certificate is not the pinned one, unless the mode is "pass". */
struct result sink_visit(const char *mode, const char *sinks);

/* Those modes, what is done then, and how severe that is. */
enum { SINK_MODES = 3 };
extern const struct sink_mode {
    const char *mode, *action;
    int severity;
} sink_modes[SINK_MODES];

/* The object behind `head` in a message that ends with it. */
json_t *sink_object(const char *head, const char *text);

/* An event of this kind, with this action unless that is NULL. */
void expect_event(const json_t *event, const char *kind, const char *action);

/* A message to syslog with such an event. */
void expect_syslog(const char *text, int severity, const char *kind, const char *action);

/* The value of a field of the journal's native protocol; fails the test when it is not there. */
const char *journal_field(const char *text, const char *name);

#endif
