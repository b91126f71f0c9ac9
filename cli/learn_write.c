/* The proposed config as text. What events name reaches it in comments, made printable, and as
 * titles and pins, which learn.c has let through only in their plain form. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/event_time.h"
#include "cli/learn_sections.h"
#include "config/text.h"

/* Who connected, and names that cannot be used: as many as a reader looks at. */
#define VISITORS_SHOWN 6
#define STRANGE_SHOWN 20

/* A string of an event, on one line. */
static void put(FILE *out, const char *text)
{
    char visible[4 * EVENT_TEXT_LIMIT + 1];
    struct text printable;

    text_init(&printable, visible, sizeof(visible));
    text_add_printable(&printable, text ? text : "(not told)");
    fputs(visible, out);
}

static void put_day(FILE *out, int64_t time)
{
    char day[TIME_TEXT];

    if (time == TIME_UNKNOWN) {
        fputs("(not told)", out);
        return;
    }
    event_day_format(time, day);
    fputs(day, out);
}

static void put_visitors(const struct learn *learn, const char *host, size_t *next, FILE *out)
{
    size_t shown = 0, more = 0;

    fputs("# Seen from ", out);
    /* Both are sorted by host. */
    for (; *next < learn->visitors.list.count; ++*next) {
        const struct row *row = rows_at(&learn->visitors, *next);

        if (row->key[VISITOR_HOST] != host && shown > 0)
            break;
        if (row->key[VISITOR_HOST] != host)
            continue;
        if (shown == VISITORS_SHOWN) {
            more++;
            continue;
        }
        fputs(shown++ > 0 ? ", " : "", out);
        put(out, row->key[VISITOR_PROGRAM]);
        fputs(" on ", out);
        put(out, row->key[VISITOR_MACHINE]);
    }
    if (more > 0)
        fprintf(out, " and %zu more", more);
    fputs(".\n", out);
}

/* What is to be known of a pin before it is trusted. */
static void put_origin(const struct learn_pin *pin, bool ca, FILE *out)
{
    const struct key_row *key = &pin->key;

    fputs(pin->is_ca ? "        # The CA " : "        # ", out);
    put(out, pin->is_ca ? key->ca_subject : key->subject);
    if (!pin->is_ca) {
        fputs(", signed by ", out);
        put(out, key->signer);
        fputs(", until ", out);
        put_day(out, key->not_after);
    }
    fprintf(out, "; %" PRIu64 " connection%s, ", key->row.count, plural(key->row.count));
    put_day(out, key->row.first);
    fputs(" to ", out);
    put_day(out, key->row.last);
    fputs(".\n", out);
    if (ca && !pin->is_ca)
        fputs("        # No verified CA was seen with it, so its own key is pinned.\n", out);
    if (key->verified == 0)
        fputs(
            "        # UNVERIFIED: the program checks no certificates. Compare this key with the\n"
            "        # server's own before you enforce.\n",
            out);
}

static const char *why_dropped(const struct key_row *key)
{
    if (key->inspected)
        return "TLS inspection: a CA that stands in for others signed it";
    if (key->refused > 0)
        return "the pins in force did not match: TLS inspection, a mis-issued certificate, or a "
               "new key";
    if (key->dropped)
        return "another CA signed it than the other keys of this name";
    return "the program's own checks refused it";
}

/* A key that is not pinned, for the reader to judge. */
static void put_dropped(FILE *out, const char *margin, const struct key_row *key)
{
    fprintf(out, "%s# Left out: %s\n%s#   ", margin, (const char *)key->row.key[KEY_SPKI], margin);
    put(out, key->subject);
    fputs(", signed by ", out);
    put(out, key->signer);
    fprintf(out, "; %" PRIu64 " connection%s; %s.\n", key->row.count, plural(key->row.count),
            why_dropped(key));
}

static void put_pins(const struct learn_section *section, bool ca, FILE *out)
{
    fputs("    pins = {\n", out);
    for (size_t i = 0; i < section->count; i++) {
        put_origin(&section->pins[i], ca, out);
        fprintf(out, "        \"%s\"%s\n", section->pins[i].pin, i + 1 < section->count ? "," : "");
    }
    fputs("    }\n"
          "    # BACKUP, to be filled: the pin of a spare key that is kept offline ('pinshim pin\n"
          "    # FILE' prints it). Without one, a lost key is an outage.\n"
          "    #backup_pins = {\"sha256/...\"}\n",
          out);
}

/* The sections of one host, from key `first` on. Returns how many there are. */
static size_t put_sections(const struct learn_sections *sections, const char *name, bool ca,
                           FILE *out)
{
    size_t written = 0;

    for (size_t i = 0; i < sections->count; written++) {
        const struct learn_section *section = &sections->items[i];

        fprintf(out, "%sdomain \"%s\" {\n", written > 0 ? "\n" : "", name);
        if (!sections->any_port)
            fprintf(out, "    ports = {%u", section->port);
        while (++i < sections->count && learn_sections_equal(section, &sections->items[i]))
            fprintf(out, ", %u", sections->items[i].port);
        if (!sections->any_port)
            fputs("}\n", out);
        put_pins(section, ca, out);
        fputs("}\n", out);
    }
    return written;
}

static bool put_host(const struct learn *learn, size_t first, size_t count, bool ca,
                     size_t *visitor, size_t *written, FILE *out)
{
    const char *name = ((struct row *)rows_at(&learn->keys, first))->key[KEY_HOST];
    struct learn_sections sections;

    if (!learn_sections_make(learn, first, count, ca, &sections))
        return false;
    fprintf(out, "\n# %s%s\n", name, sections.count == 0 ? ": no section" : "");
    put_visitors(learn, name, visitor, out);
    for (size_t i = first; i < first + count; i++)
        if (!learn_takes(rows_at(&learn->keys, i)))
            put_dropped(out, "", rows_at(&learn->keys, i));
    *written += put_sections(&sections, name, ca, out);
    learn_sections_free(&sections);
    return true;
}

static void put_head(const struct learn *learn, bool ca, FILE *out)
{
    fprintf(out, "# Proposed by 'pinshim learn' from %" PRIu64 " connection%s", learn->connections,
            plural(learn->connections));
    if (learn->first != TIME_UNKNOWN) {
        fputs(", ", out);
        put_day(out, learn->first);
        fputs(" to ", out);
        put_day(out, learn->last);
    }
    fprintf(out,
            ".\n# It pins the %s that were seen. What was seen may be wrong: read the comments, "
            "and\n# compare the pins with the servers' own ('pinshim pin' on their "
            "certificates).\n"
            "mode = \"audit\"    # \"enforce\", once 'pinshim report' says ready\n",
            ca ? "keys of the CAs" : "keys of the servers");
}

/* What no section was made for. */
static void put_rest(const struct learn *learn, FILE *out)
{
    size_t strange = learn->strange.list.count;

    if (strange > 0)
        fprintf(out, "\n# %zu peers were named so that no section can be:\n", strange);
    for (size_t i = 0; i < strange && i < STRANGE_SHOWN; i++) {
        fputs("#   ", out);
        put(out, ((struct row *)rows_at(&learn->strange, i))->key[0]);
        putc('\n', out);
    }
    if (strange > STRANGE_SHOWN)
        fprintf(out, "#   and %zu more\n", strange - STRANGE_SHOWN);
    if (learn->nameless > 0)
        fprintf(out, "\n# Of %" PRIu64 " connection%s neither name nor address is known.\n",
                learn->nameless, plural(learn->nameless));
}

bool learn_write(const struct learn *learn, bool ca, FILE *out, size_t *sections)
{
    size_t first = 0, visitor = 0, written = 0, count = learn->keys.list.count;

    put_head(learn, ca, out);
    for (size_t i = 1; i <= count; i++) {
        const struct row *row = rows_at(&learn->keys, first);
        const struct row *next = i < count ? rows_at(&learn->keys, i) : NULL;

        if (next && next->key[KEY_HOST] == row->key[KEY_HOST])
            continue;
        if (!put_host(learn, first, i - first, ca, &visitor, &written, out))
            return false;
        first = i;
    }
    put_rest(learn, out);
    *sections = written;
    return true;
}
