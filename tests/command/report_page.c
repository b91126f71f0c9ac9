/* pinshim report --html: the page. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/command/event_lines.h"

TestSuite(report_page, .init = open_scratch, .fini = close_scratch);

static const char *trial(void)
{
    return EVENT_FILE(
        "web1.jsonl", {20, 10, 0, NULL},
        {3, 5, 4, FAILS "," CHAIN(SPKI_B, CERT_2, "CN=Proxy", "2040-01-01T00:00:00Z")},
        {3, 5, 4, UNCOVERED ",'host':'b.test'"},
        {3, 3, 3, "'reason':'backup_pin_matched','pin_role':'backup'"});
}

/* Well-formed, with one bar for each time and verdict, and nothing from elsewhere. */
static const char look[] =
    "import sys, xml.etree.ElementTree as tree\n"
    "page = tree.parse(sys.argv[1]).getroot()\n"
    "rects = lambda kind: [r for r in page.iter('rect') if r.get('class') == kind]\n"
    "plots = list(page.iter('svg'))\n"
    "timeline = [r.get('class') for r in plots[0].iter('rect')]\n"
    "for e in page.iter():\n"
    "    assert e.tag not in ('script', 'link', 'img', 'iframe', 'object'), e.tag\n"
    "    assert not {'src', 'href', 'onload', 'onclick', 'style'} & set(e.keys()), e.attrib\n"
    "style = next(page.iter('style')).text\n"
    "assert 'url(' not in style and '@import' not in style\n"
    "assert 'prefers-color-scheme:dark' in style and '@media print' in style\n"
    "meta = [m.get('content') for m in page.iter('meta') if m.get('http-equiv')]\n"
    "print(len(plots), *(timeline.count(k) > 0 for k in ('pass', 'backup', 'unpinned', 'fail')))\n"
    "print(sum(1 for _ in page.iter('table')), meta[0].split(';')[0])\n"
    "print([''.join(p.itertext()) for p in page.iter('p') if 'conclusion' in (p.get('class') or "
    "'')])\n"
    "for row in next(page.iter('tbody')):\n"
    "    print([''.join(cell.itertext()) for cell in row][:6])\n";

static struct outcome look_at(const char *page)
{
    struct command python = {0};

    command_add(&python, "python3", "-c", look, page, NULL);
    return command_run(&python);
}

Test(report_page, structure)
{
    const char *page = scratch_path(scratch, "page.html");

    expect_outcome(PINSHIM("report", "--html", page, trial()), 1, "DOMAINS", "");
    expect_outcome(look_at(page), 0,
                   "2 True True True True\n"
                   "6 default-src 'none'\n"
                   "['Not ready: 0 of 1 domain is ready.']\n"
                   "['a.test', 'not ready', '26', '20', '3', '3']\n",
                   "");
}

/* Without a connection there is nothing to draw, and a page all the same. */
Test(report_page, nothing_seen)
{
    const char *page = scratch_path(scratch, "page.html");
    struct command lint = {0};

    expect_outcome(
        PINSHIM("report", "--json", "--html", page, scratch_text(scratch, "empty", 0644, "%s", "")),
        1, "\"ready\": false", "");
    command_add(&lint, "python3", "-c",
                "import sys, xml.etree.ElementTree as t; t.parse(sys.argv[1])", page, NULL);
    expect_outcome(command_run(&lint), 0, "", "");
}

/* The bars grow wider, and none is lost: from a minute to thousands of years. */
Test(report_page, any_time)
{
    static const char *const spans[][2] = {
        {"2026-11-21T00:00:00Z", "2026-11-21T00:00:30Z"},
        {"2026-11-21T00:00:00Z", "2026-11-21T05:00:00Z"},
        {"2026-12-31T00:00:00Z", "2025-01-01T00:00:00Z"},
        {"0001-01-01T00:00:00Z", "9999-12-31T23:59:60Z"},
        {"9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z"},
    };
    static const char count[] =
        "import sys, re, xml.etree.ElementTree as t\n"
        "svg = next(t.parse(sys.argv[1]).getroot().iter('svg'))\n"
        "titles = ' '.join(x.text for x in svg.iter('title'))\n"
        "print(sum(int(n) for n in re.findall(r'(\\d+) (?:pass|fail)', titles)))\n"
        "assert all(0 <= float(r.get('x')) <= 960 for r in svg.iter('rect'))\n";
    const char *page = scratch_path(scratch, "page.html");

    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        const char *first = scratch_format(scratch, "'time':'%s'", spans[i][0]);
        const char *last = scratch_format(scratch, "'time':'%s'," FAILS, spans[i][1]);
        struct command command = {0};

        expect_outcome(
            PINSHIM("report", "--html", page,
                    EVENT_FILE("web1.jsonl", {5, 0, 0, first}, {3, 0, 0, last}, {4, 0, 0, first})),
            1, NULL, "");
        command_add(&command, "python3", "-c", count, page, NULL);
        expect_outcome(command_run(&command), 0, "12\n", "");
    }
    struct command command = {0};
    expect_outcome(PINSHIM("report", "--html", page, EVENT_FILE("web1.jsonl", {300, 10, 0, NULL})),
                   0, NULL, "");
    command_add(&command, "python3", "-c", count, page, NULL);
    expect_outcome(command_run(&command), 0, "300\n", "");
}

/* In one step, over a page, and over nothing else. */
Test(report_page, replaced)
{
    const char *page = scratch_path(scratch, "page.html"), *file = trial();
    const char *other = scratch_path(scratch, "other.html");
    const char *link = scratch_path(scratch, "link.html"), *before;
    struct stat st;

    scratch_text(scratch, "page.html", 0600, "%s", "");
    expect_outcome(PINSHIM("report", "--html", page, file), 1, NULL, "");
    before = scratch_read(scratch, page);
    cr_expect(strstr(before, "</html>"));
    expect_outcome(PINSHIM("report", "--html", page, EVENT_FILE("web2.jsonl", {20, 10, 0, NULL})),
                   0, NULL, "");
    cr_expect_str_neq(scratch_read(scratch, page), before);
    /* The link is replaced, and not what it leads to. */
    scratch_text(scratch, "other.html", 0644, "%s", before);
    cr_assert_eq(symlink(other, link), 0);
    expect_outcome(PINSHIM("report", "--html", link, file), 1, NULL, "");
    cr_expect_str_eq(scratch_read(scratch, other), before);
    cr_assert_eq(lstat(link, &st), 0);
    cr_expect(S_ISREG(st.st_mode));
}

/* "--html *.jsonl" must not cost the first of them. */
Test(report_page, not_replaced)
{
    const char *file = trial(), *before = scratch_read(scratch, file);
    const char *pipe = scratch_path(scratch, "pipe");
    struct stat st;

    expect_outcome(PINSHIM("report", "--html", file, file), 2, "", "is something else");
    cr_expect_str_eq(scratch_read(scratch, file), before);
    cr_assert_eq(mkfifo(pipe, 0600), 0);
    expect_outcome(PINSHIM("report", "--html", pipe, file), 2, "", "is something else");
    cr_assert_eq(lstat(pipe, &st), 0);
    cr_expect(S_ISFIFO(st.st_mode));
    expect_outcome(PINSHIM("report", "--html", scratch_dir(scratch), file), 2, "",
                   "is something else");
    expect_outcome(PINSHIM("report", "--html", scratch_path(scratch, "no/page"), file), 2, "",
                   "cannot write");
}
