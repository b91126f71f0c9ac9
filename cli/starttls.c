#include "cli/starttls.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* No server has more to say before TLS. */
enum { LINE_MAX_OCTETS = 1000, LINES_MAX = 100, DOCUMENT_MAX = 16 * 1024, PACKET_MAX = 4096 };

/* A conversation with the server. */
struct talk {
    const struct stream *stream;
    const char *protocol, *host;
    char *why;
    size_t size;
    char line[LINE_MAX_OCTETS + 1]; /* the last one, without its end */
};

static bool broken(const struct talk *t)
{
    snprintf(t->why, t->size, "%s: %s", t->protocol,
             errno == 0           ? "the server closed the connection before TLS"
             : errno == ETIMEDOUT ? "the server did not answer in time; is this its protocol?"
                                  : strerror(errno));
    return false;
}

static bool refused(const struct talk *t)
{
    snprintf(t->why, t->size, "%s: the server does not begin TLS; it says: %.200s", t->protocol,
             t->line);
    return false;
}

static bool say(const struct talk *t, const char *text)
{
    return stream_write(t->stream, text, strlen(text)) || broken(t);
}

static bool hear_line(struct talk *t)
{
    size_t length = 0;
    char c;

    do {
        if (!stream_read(t->stream, &c, 1))
            return broken(t);
        if (c != '\n')
            t->line[length++] = c ? c : ' ';
    } while (c != '\n' && length < LINE_MAX_OCTETS);
    if (length > 0 && t->line[length - 1] == '\r')
        length--;
    t->line[length] = '\0';
    if (c == '\n')
        return true;
    snprintf(t->why, t->size, "%s: the server sends a line without end; is this its protocol?",
             t->protocol);
    return false;
}

/* A reply of SMTP or FTP: "250-one", "250 last" (RFC 5321 section 4.2, RFC 959 section 4.2). Has a
 * line of it the `word`? NULL asks for none. */
static bool hear_reply(struct talk *t, const char *code, const char *word)
{
    bool has = !word;

    for (int lines = 0; lines < LINES_MAX; lines++) {
        if (!hear_line(t))
            return false;
        has = has || strcasestr(t->line, word);
        if (strlen(t->line) >= 3 && isdigit((unsigned char)t->line[0]) && t->line[3] != '-')
            return (has && strncmp(t->line, code, 3) == 0) || refused(t);
    }
    return refused(t);
}

/* The first line that begins so; those that begin with `skip` may come before. */
static bool hear_start(struct talk *t, const char *start, const char *skip)
{
    for (int lines = 0; lines < LINES_MAX; lines++) {
        if (!hear_line(t))
            return false;
        if (strncasecmp(t->line, start, strlen(start)) == 0)
            return true;
        if (!skip || strncmp(t->line, skip, strlen(skip)) != 0)
            break;
    }
    return refused(t);
}

/* Reads to the end of the first tag that begins with `tag`. */
static bool hear_tag(struct talk *t, const char *tag, const char *unless)
{
    char document[DOCUMENT_MAX + 1];
    size_t length = 0;

    while (length < DOCUMENT_MAX) {
        if (!stream_read(t->stream, &document[length], 1))
            return broken(t);
        length += document[length] != '\0';
        document[length] = '\0';
        if (length == 0 || document[length - 1] != '>')
            continue;
        if (strstr(document, unless))
            break;
        if (strstr(document, tag))
            return true;
    }
    snprintf(t->line, sizeof(t->line), "%.200s", document);
    return refused(t);
}

/* RFC 3207 */
static bool smtp(struct talk *t)
{
    return hear_reply(t, "220", NULL) && say(t, "EHLO localhost\r\n") &&
           hear_reply(t, "250", "STARTTLS") && say(t, "STARTTLS\r\n") && hear_reply(t, "220", NULL);
}

/* RFC 3501 section 6.2.1 */
static bool imap(struct talk *t)
{
    return hear_start(t, "* OK", NULL) && say(t, "a STARTTLS\r\n") && hear_start(t, "a OK", "* ");
}

/* RFC 2595 section 4 */
static bool pop3(struct talk *t)
{
    return hear_start(t, "+OK", NULL) && say(t, "STLS\r\n") && hear_start(t, "+OK", NULL);
}

/* RFC 4217 section 4 */
static bool ftp(struct talk *t)
{
    return hear_reply(t, "220", NULL) && say(t, "AUTH TLS\r\n") && hear_reply(t, "234", NULL);
}

/* RFC 6120 section 5.4 */
static bool xmpp(struct talk *t)
{
    char text[600];

    snprintf(text, sizeof(text),
             "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
             "xmlns:stream='http://etherx.jabber.org/streams' to='%s' version='1.0'>",
             t->host); /* a name of letters, digits and dots, or an address */
    return say(t, text) && hear_tag(t, "</stream:features>", "<stream:error") &&
           say(t, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>") &&
           hear_tag(t, "<proceed", "<failure");
}

/* StartTLS as an extended operation (RFC 4511 section 4.14): the request is always the same; of the
 * answer the result code counts. */
static bool ldap(struct talk *t)
{
    static const uint8_t request[] = "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
                                     "1.3.6.1.4.1.1466.20037";
    uint8_t head[2], octets[PACKET_MAX];
    size_t length, at;

    if (!stream_write(t->stream, request, sizeof(request) - 1) || !stream_read(t->stream, head, 2))
        return broken(t);
    length = head[1];
    if (length >= 0x81 && length <= 0x84) { /* so many octets of length follow (X.690 8.1.3.5) */
        size_t count = length & 0x7f;

        if (!stream_read(t->stream, octets, count))
            return broken(t);
        length = 0;
        for (size_t i = 0; i < count; i++)
            length = length << 8 | octets[i];
    }
    snprintf(t->line, sizeof(t->line), "something else than LDAP");
    if (head[0] != 0x30 || length < 10 || length > sizeof(octets))
        return refused(t);
    if (!stream_read(t->stream, octets, length))
        return broken(t);
    /* messageID 1; [APPLICATION 24], its length in one octet or more; resultCode, an ENUMERATED */
    if (memcmp(octets, "\x02\x01\x01\x78", 4) != 0)
        return refused(t);
    at = octets[4] < 0x80 ? 5 : 5 + (octets[4] & 0x7f);
    if (at + 3 > length || octets[at] != 0x0a || octets[at + 1] != 1)
        return refused(t);
    snprintf(t->line, sizeof(t->line), "LDAP result code %u", octets[at + 2]);
    return octets[at + 2] == 0 || refused(t);
}

/* SSLRequest (PostgreSQL's protocol 3.0, section "SSL Session Encryption") */
static bool postgres(struct talk *t)
{
    char answer;

    if (!stream_write(t->stream, "\0\0\0\x08\x04\xd2\x16\x2f", 8) ||
        !stream_read(t->stream, &answer, 1))
        return broken(t);
    snprintf(t->line, sizeof(t->line), "%s",
             answer == 'N' ? "no (ssl = off)" : "something else than S or N");
    return answer == 'S' || refused(t);
}

/* The server's handshake, version 10, and the SSL request (MySQL's client/server protocol). */
static bool mysql(struct talk *t)
{
    enum { PROTOCOL_41 = 0x200, SSL = 0x800, SECURE_CONNECTION = 0x8000 };
    uint8_t packet[PACKET_MAX],
        request[36] = {32, 0, 0, 1, SSL & 0xff, (PROTOCOL_41 | SSL | SECURE_CONNECTION) >> 8};
    const uint8_t *version_end;
    size_t length, flags;

    if (!stream_read(t->stream, packet, 4))
        return broken(t);
    length = packet[0] | (size_t)packet[1] << 8 | (size_t)packet[2] << 16;
    snprintf(t->line, sizeof(t->line), "something else than MySQL");
    if (length < 1 || length > sizeof(packet))
        return refused(t);
    if (!stream_read(t->stream, packet, length))
        return broken(t);
    if (packet[0] == 0xff && length > 3) { /* an error: its number, its text */
        snprintf(t->line, sizeof(t->line), "%.*s", (int)(length - 3), (const char *)packet + 3);
        return refused(t);
    }
    version_end = memchr(packet, '\0', length);
    if (packet[0] != 10 || !version_end)
        return refused(t);
    flags = (size_t)(version_end - packet) + 1 + 4 + 8 + 1; /* thread, scramble, filler */
    if (flags + 2 > length)
        return refused(t);
    snprintf(t->line, sizeof(t->line), "it has no TLS");
    if (((packet[flags] | packet[flags + 1] << 8) & SSL) == 0)
        return refused(t);
    request[11] = 1; /* the longest packet, 2^24; then the character set, utf8 */
    request[12] = 33;
    return stream_write(t->stream, request, sizeof(request)) || broken(t);
}

static const struct {
    const char *name;
    uint16_t port;
    bool (*talk)(struct talk *talk);
} protocols[] = {
    {"smtp", 25, smtp},  {"imap", 143, imap},  {"pop3", 110, pop3},          {"ftp", 21, ftp},
    {"ldap", 389, ldap}, {"xmpp", 5222, xmpp}, {"postgres", 5432, postgres}, {"mysql", 3306, mysql},
};
#define PROTOCOLS (sizeof(protocols) / sizeof(protocols[0]))

const char starttls_names[] = "smtp, imap, pop3, ftp, ldap, xmpp, postgres or mysql";

uint16_t starttls_port(const char *protocol)
{
    for (size_t i = 0; i < PROTOCOLS; i++)
        if (strcmp(protocols[i].name, protocol) == 0)
            return protocols[i].port;
    return 0;
}

bool starttls(const struct stream *stream, const char *protocol, const char *host, char *why,
              size_t size)
{
    struct talk talk = {
        .stream = stream, .protocol = protocol, .host = host, .why = why, .size = size};

    for (size_t i = 0; i < PROTOCOLS; i++)
        if (strcmp(protocols[i].name, protocol) == 0)
            return protocols[i].talk(&talk);
    snprintf(why, size, "there is no STARTTLS for '%s'; write %s", protocol, starttls_names);
    return false;
}
