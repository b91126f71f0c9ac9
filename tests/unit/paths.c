/* The memory of paths: what was asked must be the same to the last part. */
#include "shim/paths.h"

#include <string.h>

#include <criterion/criterion.h>

TestSuite(paths);

enum { NOT_BEFORE = 1000, NOT_AFTER = 2000, NOW = 1500, PLACES = 64 };

static struct certificate certificates[] = {
    {.id = 1, .not_before = NOT_BEFORE, .not_after = 9000},
    {.id = 2, .not_before = 0, .not_after = NOT_AFTER, .self_issued = false},
    {.id = 3, .not_before = 0, .not_after = 9000, .self_issued = true},
    {.id = 1 + PLACES, .not_before = 0, .not_after = 9000},
};

/* A list of certificates by their places in the table above: "012". */
static struct cert_list list_of(const char *places)
{
    struct cert_list list = {.whole = true};

    for (; *places; places++, list.count++) {
        struct cert_digests *digests = &list.digests[list.count];
        list.known[list.count] = &certificates[*places - '0'];
        memset(digests, *places, sizeof *digests);
        digests->position = list.count == 0 ? POSITION_LEAF : POSITION_INTERMEDIATE;
    }
    return list;
}

struct row {
    const char *sent;
    enum path_end end;
    uint32_t section;
    int level;
    int64_t now;
    unsigned library;
    bool cut, found;
};

static bool find(struct paths *paths, const struct row *row, struct cert_list *path)
{
    struct cert_list sent = list_of(row->sent);
    const struct path_question question = {.end = row->end,
                                           .section = row->section,
                                           .library = row->library,
                                           .level = row->level,
                                           .now = row->now,
                                           .sent = &sent};

    sent.whole = !row->cut;
    return paths_find(paths, &question, path);
}

static void remember(struct paths *paths, const struct row *row, const char *path)
{
    struct cert_list sent = list_of(row->sent), verified = list_of(path);
    const struct path_question question = {.end = row->end,
                                           .section = row->section,
                                           .library = row->library,
                                           .level = row->level,
                                           .now = row->now,
                                           .sent = &sent};

    sent.whole = !row->cut;
    paths_remember(paths, &question, &verified);
}

Test(paths, table)
{
    static const struct row asked = {.sent = "012", .section = 5, .level = 2, .now = NOW};
    static const struct row rows[] = {
        {.sent = "012", .section = 5, .level = 2, .now = NOW, .found = true},
        {.sent = "012", .section = 5, .level = 2, .now = NOT_BEFORE, .found = true},
        {.sent = "012", .section = 5, .level = 2, .now = NOT_AFTER - 1, .found = true},
        {.sent = "012", .section = 5, .level = 2, .now = NOT_BEFORE - 1},
        {.sent = "012", .section = 5, .level = 2, .now = NOT_AFTER},
        {.sent = "012", .section = 5, .level = 3, .now = NOW},
        {.sent = "012", .section = 5, .level = 1, .now = NOW},
        {.sent = "012", .section = 5, .level = 2, .now = NOW, .library = 1},
        {.sent = "012", .section = 6, .level = 2, .now = NOW},
        {.sent = "012", .section = 5 + PLACES, .level = 2, .now = NOW},
        {.sent = "012", .section = 4, .end = END_INSPECTION_CA, .level = 2, .now = NOW},
        {.sent = "012", .section = 3, .end = END_ANCHOR, .level = 2, .now = NOW},
        {.sent = "021", .section = 5, .level = 2, .now = NOW},
        {.sent = "01", .section = 5, .level = 2, .now = NOW},
        {.sent = "0", .section = 5, .level = 2, .now = NOW},
        {.sent = "0123", .section = 5, .level = 2, .now = NOW},
        {.sent = "013", .section = 5, .level = 2, .now = NOW},
        {.sent = "312", .section = 5, .level = 2, .now = NOW},
        {.sent = "012", .section = 5, .level = 2, .now = NOW, .cut = true},
    };
    struct paths paths = {NULL};
    struct cert_list path = {.count = 0};

    cr_assert_not(find(&paths, &asked, &path));
    remember(&paths, &asked, "01");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(find(&paths, &rows[i], &path), rows[i].found, "row %zu", i);
    paths_clear(&paths);
    cr_assert_not(find(&paths, &asked, &path));
}

Test(paths, the_path_is_given_back)
{
    static const struct row asked = {.sent = "012", .now = NOW};
    struct paths paths = {NULL};
    struct cert_list path = {.count = 0};

    remember(&paths, &asked, "02");
    cr_assert(find(&paths, &asked, &path));
    cr_assert_eq(path.count, 2);
    cr_assert_eq(path.digests[0].spki[0], '0');
    cr_assert_eq(path.digests[1].spki[0], '2');
    cr_assert_eq(path.digests[1].position, POSITION_INTERMEDIATE);
    paths_clear(&paths);
}

/* What is not all there is to tell, and a path over what was not sent, are not remembered. */
Test(paths, not_remembered)
{
    static const struct row whole = {.sent = "01", .now = NOW};
    static const struct row cut = {.sent = "01", .now = NOW, .cut = true};
    struct paths paths = {NULL};
    struct cert_list path = {.count = 0};

    remember(&paths, &cut, "01");
    cr_assert_not(find(&paths, &whole, &path));
    remember(&paths, &whole, "012");
    cr_assert_not(find(&paths, &whole, &path));
    remember(&paths, &whole, "");
    cr_assert_not(find(&paths, &whole, &path));
    paths_clear(&paths);
}
