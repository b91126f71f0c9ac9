/* pinshim import --format okhttp: programs' text in Kotlin and Java, and lists of hosts. Whatever
 * is not taken in is told, and no host gets the pins of another. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/command/formats.h"

TestSuite(import_code, .init = formats_open, .fini = close_scratch, .timeout = 60);

#define PIN_1 "sha256/klO23nT2ehFDXCfx3eHTDRESMz3asj1muO+4aIdjiuY="
#define PIN_2 "sha256/grX4Ta9HpZx6tSHkmCrvpApTQGo67CYDnvprLg5yRME="
#define PIN_3 "sha256/afwiKY3RxoMmLkuRW1l7QsPZTJPwDS2pdDROQjXw8ig="

static struct outcome import_code(const char *text)
{
    return import_text("okhttp", text, NULL);
}

/* Expects that what was imported is this, as `export` writes it, in any order. */
static void expect_pins(const char *lines)
{
    struct outcome outcome = export_pins("okhttp", NULL);

    for (const char *line = lines; *line; line += strcspn(line, "\n") + 1)
        cr_expect(strstr(outcome.out,
                         scratch_format(scratch, "%.*s", (int)strcspn(line, "\n") + 1, line)),
                  "no %.*s in %s", (int)strcspn(line, "\n"), line, outcome.out);
    cr_expect_eq(strlen(outcome.out), strlen(lines), "%s", outcome.out);
    outcome_free(&outcome);
}

/* Refused, with this reason, and nothing written. */
static void expect_refused_text(const char *text, const char *why)
{
    expect_outcome(import_code(text), 2, "", why);
    expect_no_section();
}

/* Nothing could be taken in, and this is said of it. */
static void expect_left_out(const char *text, const char *told)
{
    expect_outcome(import_code(text), 1, "", told);
    expect_no_section();
}

Test(import_code, calls_on_one_line)
{
    expect_outcome(import_code("val p = CertificatePinner.Builder().add(\"bank.test\", \"" PIN_1
                               "\").add(\"evil.test\",\"" PIN_2 "\").add('third.test','" PIN_3
                               "','" PIN_1 "').build()\n"),
                   0, NULL, NULL);
    expect_pins("bank.test " PIN_1 "\nevil.test " PIN_2 "\nthird.test " PIN_3 "\nthird.test " PIN_1
                "\n");
}

Test(import_code, calls_over_several_lines)
{
    expect_outcome(import_code("CertificatePinner.Builder()\n  .add(\"*.a.test\",\n  \"" PIN_1
                               "\")\n  .add(\r\n    \"b.test\", // the bank\r\n    \"" PIN_2
                               "\", /* the spare */\n    \"" PIN_3 "\",\n  )\n  .build()\n"),
                   0, NULL, NULL);
    expect_pins("*.a.test " PIN_1 "\nb.test " PIN_2 "\nb.test " PIN_3 "\n");
}

/* A whole file: what is not about pins is no fault. */
Test(import_code, whole_file)
{
    struct outcome outcome =
        import_code("package net.example\n\nimport okhttp3.CertificatePinner\n\n"
                    "@Suppress(\"unused\") class Client(private val name: String = \"x\") {\n"
                    "    private val names = mutableListOf<String>()\n"
                    "    fun `it's quick`(c: Char) = c == '\"' || c == '\\'' || c == '{'\n"
                    "    private val brace = \"${name.map { \"}\\\"\" }} // no comment /* nor\"\n"
                    "    private val raw = \"\"\"a \"quoted\" word \\\"\"\"\n"
                    "    init { names.add(\"a\"); names.add(0, \"b\") }\n"
                    "    val client = wrap(pinner(Builder().add(\"a.test\", \"" PIN_1 "\")))\n"
                    "}\n");

    cr_expect_null(strstr(outcome.err, "line "), "%s", outcome.err);
    expect_outcome(outcome, 0, "a.test: 1 added", NULL);
    expect_pins("a.test " PIN_1 "\n");
}

/* OkHttp's own documentation has this. */
Test(import_code, host_that_is_a_variable)
{
    expect_left_out("String hostname = \"publicobject.com\";\n"
                    "CertificatePinner certificatePinner = new CertificatePinner.Builder()\n"
                    "    .add(hostname, \"" PIN_1 "\")\n    .build();\n",
                    "line 3: add(hostname, ...) is left out: write the host itself there, in "
                    "quotes");
    expect_left_out(".add(\"$host\", \"" PIN_1 "\")", "line 1: add(\"$host\", ...) is left out");
    expect_left_out(".add(\"a.\" + domain,\n\"" PIN_1 "\")",
                    "line 1: add(\"a.\" + domain, ...) is left out");
    expect_left_out(".add(\"" PIN_1 "\", \"" PIN_2 "\")", "is left out: write the host itself");
    expect_left_out(".add(host, pin)", "line 1: add(host, ...) is left out");
    expect_left_out("add(name(\"a.test\"), \"" PIN_1 "\")",
                    "line 1: add(name(\"a.test\"), ...) is left out");
}

Test(import_code, pin_that_is_a_variable)
{
    struct outcome outcome =
        import_code("b.add(\"publicobject.test\", Pin.X)\n.add(\"a.test\", \"" PIN_1 "\", SPARE, \""
                    "sha256/\" + REST, \"AAAA\", *arrayOf(\"" PIN_2 "\", \"" PIN_3 "\"))\n");

    static const char *const told[] = {
        "line 1: publicobject.test: Pin.X is left out: write the pin itself there, in quotes",
        "line 2: a.test: SPARE is left out",
        "line 2: a.test: \"sha256/\" + REST is left out",
        "line 2: a.test: \"AAAA\" is left out: it is no pin",
        "line 2: a.test: *arrayOf(\"sha256/",
        "line 2: " PIN_2 " is left out",
        "line 2: " PIN_3 " is left out",
    };
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        cr_expect(strstr(outcome.err, told[i]), "no \"%s\" in %s", told[i], outcome.err);
    expect_outcome(outcome, 0, NULL, NULL);
    expect_pins("a.test " PIN_1 "\n");
}

/* A pin beside no host is nobody's. */
Test(import_code, pins_elsewhere)
{
    struct outcome outcome = import_code(
        "val PIN = \"" PIN_2 "\"\nval x = mapOf(\"b.test\" to \"" PIN_3
        "\")\nval y = { OLD, \"" PIN_2 "\" }\n"
        "remove(\"c.test\", \"" PIN_2 "\")\n"
        "set.add(\"" PIN_3 "\")\nset.add(\"d.test\" to \"" PIN_3 "\")\nlist.add(0, \"" PIN_3 "\")\n"
        ".add(\"a.test\", \"" PIN_1 "\")\nb.test c.test " PIN_2 "\n");

    for (unsigned line = 1; line <= 9; line++)
        cr_expect(line == 8 || strstr(outcome.err, scratch_format(scratch, "line %u: %s", line,
                                                                  line == 7 ? "add(0" : "sha256/")),
                  "line %u: %s", line, outcome.err);
    expect_outcome(outcome, 0, NULL, NULL);
    expect_pins("a.test " PIN_1 "\n");
}

Test(import_code, comments)
{
    expect_outcome(
        import_code("/* .add(\"e.test\", \"" PIN_2 "\") */\n/**\n * .add(\"e.test\", \"" PIN_2
                    "\")\n ***/ // .add(\"e.test\", \"" PIN_2 "\")\n# .add(\"e.test\", \"" PIN_2
                    "\")\nx = y// .add(\"e.test\", \"" PIN_2 "\")\nx = y/* (\n*/\n"
                    "default:// .add(\"e.test\", \"" PIN_2 "\")\n"
                    ".add(\"a.test\", /* \"b.test\", */ \"" PIN_1 "\") // \"" PIN_2 "\")\n"
                    "b.test " PIN_3 " // old\n/**/c.test/* */ " PIN_3 "\n"),
        0, NULL, NULL);
    expect_pins("a.test " PIN_1 "\nb.test " PIN_3 "\nc.test " PIN_3 "\n");
}

/* Between quotation marks they are none. */
Test(import_code, comments_in_quotes)
{
    expect_outcome(import_code("url(\"https://x.test/*\").add(\"a.test\", \"" PIN_1
                               "\"); f(\"*/ \\\"// \")"
                               ".add(\"b.test\", \"" PIN_2 "\"); c('\"'); g(\"\"\"/* \" //\n\"\"\")"
                               ".add(\"c.test\", \"" PIN_3 "\")\n"),
                   0, NULL, NULL);
    expect_pins("a.test " PIN_1 "\nb.test " PIN_2 "\nc.test " PIN_3 "\n");
}

Test(import_code, lists)
{
    expect_outcome(import_code("a.test " PIN_1 " " PIN_2 "\r\n\t\"b.test\", \"" PIN_1 "\";\n"
                               "'*.c.test' '" PIN_3 "' # old\na.test " PIN_3),
                   0, NULL, NULL);
    expect_pins("a.test " PIN_1 "\na.test " PIN_2 "\nb.test " PIN_1 "\n*.c.test " PIN_3
                "\na.test " PIN_3 "\n");
}

Test(import_code, lists_that_are_wrong)
{
    static const char write[] = "write a host and its pins: api.example.com sha256/";
    static const char *const texts[] = {
        "a.test\n",
        PIN_1 "\n",
        "a.test b.test " PIN_1 "\n",
        "a.test -> " PIN_1 "\n",
        "a.test " PIN_1 " b.test " PIN_2 "\n",
        "val pin = \"" PIN_1 "\"\n",
        "PIN \"" PIN_1 "\"\n",
        "https://a.test " PIN_1 "\n",
        "a.test (" PIN_1 ")\n",
        "{ \"a.test\", \"" PIN_1 "\" }\n",
        "a.test,\n" PIN_1 "\n",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_refused_text(
            scratch_format(scratch, "\nb.test " PIN_3 "\n/* a\n b */ # c\n%s", texts[i]),
            scratch_format(scratch, "line 5: %s", write));
}

/* What has no end is not guessed at. */
Test(import_code, without_end)
{
    expect_refused_text("a.test " PIN_1 "\n.add(\"b.test\", \"" PIN_2 "\"\n",
                        "line 2: the bracket that opens here is not closed");
    expect_refused_text("f(\n.add(\"b.test\", \"" PIN_2 "\" }\n",
                        "line 2: the bracket that opens here is not closed");
    expect_refused_text("\n.add(\"b.test, \"" PIN_2 "\")\n", "line 2: a quotation mark");
    expect_refused_text("\n\n.add(\"\"\"b.test\", \"" PIN_2 "\")\n", "line 3: a quotation mark");
    expect_refused_text("\n/* .add(\"b.test\", \"" PIN_2 "\")\n", "line 2: a comment");
    /* Kotlin's comments nest, and Java's do not. */
    expect_refused_text("/* /*\n*/ .add(\"b.test\", \"" PIN_2 "\") /* */\n",
                        "line 1: a comment begins in a comment");
    /* A text may end inside a class. */
    expect_outcome(import_code("} class A {\n .add(\"a.test\", \"" PIN_1 "\")\n"), 0, NULL, NULL);
}

/* Cut inside a call, it is refused. */
Test(import_code, truncated)
{
    static const char text[] =
        "B().add(\"a.test\", \"" PIN_1 "\").add(\"b.test\", \"" PIN_2 "\", \"" PIN_3 "\").build()";
    size_t first = (size_t)(strstr(text, ").add(\"b") - text) + 1, open = first + strlen(".add"),
           second = (size_t)(strstr(text, ").build") - text) + 1;

    for (size_t i = 1; i < sizeof text - 1; i += i < second ? 3 : 1) {
        struct outcome outcome = import_code(scratch_format(scratch, "%.*s", (int)i, text));
        bool whole = i >= second || (i >= first && i <= open);

        cr_expect_eq(outcome.status, whole && text[i - 1] != '(' ? 0 : 2, "%zu: %d %s", i,
                     outcome.status, outcome.err);
        cr_expect_eq(strstr(outcome.out, "b.test") != NULL, i >= second && outcome.status == 0,
                     "%zu: %s", i, outcome.out);
        outcome_free(&outcome);
    }
    expect_pins("a.test " PIN_1 "\nb.test " PIN_2 "\nb.test " PIN_3 "\n");
}

/* Megabytes that are nothing but brackets and quotes end in time, and in little memory. */
Test(import_code, hostile)
{
    static const char *const pieces[] = {
        "(", "add(", "{", "\"${", "\"${\" ", "/*/", "a,", "add(a,b,", "\"\"\"", "`", "/", ")", "}",
    };
    size_t size = 4 << 20;
    char *text = malloc(size + 1);

    cr_assert(text);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct outcome outcome;
        size_t length = strlen(pieces[i]);

        for (size_t n = 0; n < size; n++)
            text[n] = pieces[i][n % length];
        text[size] = '\0';
        outcome = import_code(text);
        cr_expect(outcome.status == 1 || outcome.status == 2, "%s: %d", pieces[i], outcome.status);
        cr_expect_str_eq(outcome.out, "");
        outcome_free(&outcome);
        expect_no_section();
    }
    free(text);
}
