#include "config/grammar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "config/values.h"

/* libconfuse's callbacks carry no pointer of ours. */
static struct parse {
    const struct confuse *confuse;
    struct reader *reader;
    const struct scan *scan;
    size_t sections_ended;
    uint32_t section_seen, program_seen, top_seen; /* options given so far, by index */
    struct scope_draft *program;
    bool failed;
} parse;

static enum level level_of(const cfg_t *cfg)
{
    return strcmp(cfg->name, "domain") == 0    ? LEVEL_DOMAIN
           : strcmp(cfg->name, "program") == 0 ? LEVEL_PROGRAM
                                               : LEVEL_TOP;
}

static int fail(unsigned line, const char *text)
{
    if (!parse.failed) {
        parse.failed = true;
        parse.reader->error->line = line;
        if (text != NULL)
            snprintf(parse.reader->error->text, sizeof parse.reader->error->text, "%s", text);
    }
    return -1;
}

/* The line that the section which ends next began on. */
static unsigned section_line(void)
{
    return parse.sections_ended < parse.scan->count ? parse.scan->lines[parse.sections_ended] : 0;
}

static struct scope_draft *enter_program(const cfg_t *cfg)
{
    struct scope_draft *scope = parse.program;

    if (scope != NULL)
        return scope;
    scope = list_add(&parse.reader->builder->scopes, sizeof *scope);
    if (scope == NULL || (scope->program = strdup(cfg->title)) == NULL)
        return NULL;
    scope->mode = MODE_UNSET;
    scope->unpinned = scope->unnamed = scope->expired = RULE_UNSET;
    scope->lock_mode = 255;
    scope->verify = VERIFY_UNSET;
    scope->response.responses = RESPONSE_UNSET;
    scope->file = parse.reader->file;
    parse.program_seen = 0;
    return parse.program = scope;
}

static struct section_draft *enter_domain(void)
{
    struct section_draft *section = parse.reader->section;

    if (section != NULL)
        return section;
    section = list_add(&parse.reader->builder->sections, sizeof *section);
    if (section == NULL)
        return NULL;
    section->mode = MODE_UNSET;
    section->match = POSITION_ANY;
    section->verify = VERIFY_UNSET;
    section->response.responses = RESPONSE_UNSET;
    section->file = parse.reader->file;
    parse.section_seen = 0;
    return parse.reader->section = section;
}

static int on_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
    enum level level = level_of(cfg);
    struct reader *r = parse.reader;
    const struct option *option = option_find(opt->name, level);
    uint32_t *seen = level == LEVEL_DOMAIN    ? &parse.section_seen
                     : level == LEVEL_PROGRAM ? &parse.program_seen
                                              : &parse.top_seen;
    uint32_t bit = UINT32_C(1) << (option - OPTIONS);

    r->line = (unsigned)cfg->line;
    *(const char **)result = ""; /* libconfuse keeps a copy of this; the value is ours by now */
    if (r->places_only && option->take != take_path)
        return 0;
    if (level == LEVEL_DOMAIN ? enter_domain() == NULL
                              : level == LEVEL_PROGRAM && enter_program(cfg) == NULL)
        return fail(r->line, "there is not enough memory for it");
    r->scope = level == LEVEL_PROGRAM ? parse.program : r->builder->scopes.items;
    if (level == LEVEL_TOP && r->file != 0) {
        snprintf(r->error->text, sizeof r->error->text,
                 "%s belongs into the config itself; an included file holds sections",
                 option->name);
        return fail(r->line, NULL);
    }
    if ((*seen & bit) != 0 && opt->nvalues <= 1) {
        snprintf(r->error->text, sizeof r->error->text, "%s is given twice; %s", option->name,
                 option->form != FORM_ONE ? "put all values into one list" : "keep one of the two");
        return fail(r->line, NULL);
    }
    *seen |= bit;
    if (strcmp(value, SCAN_EMPTY_LIST) == 0) {
        value = NULL;
        if (option->form != FORM_LIST_OR_NONE) {
            snprintf(r->error->text, sizeof r->error->text,
                     "%s is an empty list; give it values, or leave the option out", option->name);
            return fail(r->line, NULL);
        }
    }
    return option->take(r, option, value) ? 0 : fail(r->line, NULL);
}

/* Checks what only shows at a section's end. */
static bool finish_domain(struct section_draft *s, const char *title, char *why, size_t size)
{
    char reason[400];

    if (!pattern_parse(title, &s->pattern, reason, sizeof reason)) {
        snprintf(why, size, "domain \"%s\": %s", title, reason);
        return false;
    }
    if (s->include_subdomains && s->pattern.kind != PATTERN_EXACT &&
        s->pattern.kind != PATTERN_ANY_DEPTH) {
        snprintf(why, size, "domain \"%s\": include_subdomains goes with a plain name", title);
        return false;
    }
    if (s->pins.count + s->backups.count == 0 && s->mode != MODE_OFF) {
        snprintf(why, size,
                 "domain \"%s\" has no pins; give it pins = {...} (`pinshim pin FILE` "
                 "prints one), or mode = \"off\"",
                 title);
        return false;
    }
    s->title = strdup(title);
    if (s->title == NULL)
        snprintf(why, size, "there is not enough memory for it");
    return s->title != NULL;
}

/* libconfuse compares a title with those of all sections before it; taken out one by one, as they
 * end, there are none, and reading stays linear. Duplicates are ours to find. */
static int end_section(cfg_opt_t *opt)
{
    parse.sections_ended++;
    parse.confuse->opt_rmnsec(opt, 0);
    return 0;
}

static int on_domain_end(cfg_t *cfg, cfg_opt_t *opt)
{
    struct reader *r = parse.reader;
    struct section_draft *section;
    unsigned line = section_line();

    if (r->places_only)
        return end_section(opt);
    section = enter_domain();
    if (section == NULL)
        return fail(line, "there is not enough memory for it");
    section->line = line;
    if (level_of(cfg) == LEVEL_PROGRAM) {
        if (enter_program(cfg) == NULL)
            return fail(line, "there is not enough memory for it");
        section->scope = (uint32_t)r->builder->scopes.count - 1;
    }
    if (!finish_domain(section, opt->values[0]->section->title, r->error->text,
                       sizeof r->error->text))
        return fail(line, NULL);
    if (section->verify != VERIFY_UNSET)
        ((struct scope_draft *)r->builder->scopes.items)[section->scope].checks |= section->verify;
    r->section = NULL;
    return end_section(opt);
}

static int on_program_end(cfg_t *cfg, cfg_opt_t *opt)
{
    const char *title = opt->values[0]->section->title;
    struct scope_draft *scope, *other;
    unsigned line = section_line();
    struct reader *r = parse.reader;

    (void)cfg;
    if (r->places_only)
        return end_section(opt);
    scope = enter_program(opt->values[0]->section);
    if (scope == NULL)
        return fail(line, "there is not enough memory for it");
    scope->line = line;
    if (title[0] == '\0' || (title[0] != '/' && strchr(title, '/') != NULL)) {
        snprintf(r->error->text, sizeof r->error->text,
                 "program \"%s\": write a base name (\"curl\") or an absolute path", title);
        return fail(line, NULL);
    }
    other = r->builder->scopes.items;
    for (other++; other < scope; other++)
        if (strcmp(other->program, title) == 0) {
            char place[PLACE_SIZE];
            builder_place(r->builder, other->file, other->line, scope->file, place);
            snprintf(r->error->text, sizeof r->error->text,
                     "program \"%s\" stands on %.200s already; join the two", title, place);
            return fail(line, NULL);
        }
    parse.program = NULL;
    return end_section(opt);
}

static void on_error(cfg_t *cfg, const char *format, va_list arguments)
{
    char text[256], name[64] = "";
    const char *near;

    vsnprintf(text, sizeof text, format, arguments);
    if (sscanf(text, "no such option '%63[^']", name) == 1) {
        enum level level = level_of(cfg);
        near = option_suggest(name, level);
        if (near != NULL)
            snprintf(text, sizeof text, "unknown option %s; did you mean %s?", name, near);
        else if (level != LEVEL_TOP && option_find(name, LEVEL_TOP) != NULL)
            snprintf(text, sizeof text, "%s does not belong into a %s section", name, cfg->name);
        else if (level == LEVEL_TOP && option_find(name, LEVEL_DOMAIN) != NULL)
            snprintf(text, sizeof text, "%s belongs into a domain section", name);
        else
            snprintf(text, sizeof text, "unknown option %s", name);
    }
    fail((unsigned)cfg->line, text);
}

/* The options of one level as libconfuse wants them; `sections` more are left at the end. */
static cfg_opt_t *option_array(enum level level, unsigned sections)
{
    cfg_opt_t *opts = calloc(OPTION_COUNT + sections + 1, sizeof *opts), *opt = opts;
    cfg_opt_t end = CFG_END();

    for (size_t i = 0; opts != NULL && i < OPTION_COUNT; i++)
        if ((OPTIONS[i].levels & level) != 0) {
            cfg_opt_t string = CFG_STR_CB(OPTIONS[i].name, NULL, CFGF_NODEFAULT, on_value);
            *opt = string;
            if (OPTIONS[i].form != FORM_ONE)
                opt->flags |= CFGF_LIST;
            opt++;
        }
    for (unsigned i = 0; opts != NULL && i <= sections; i++)
        opt[i] = end;
    return opts;
}

static void add_section(cfg_opt_t *opts, const char *name, cfg_opt_t *inside,
                        cfg_validate_callback_t on_end)
{
    cfg_opt_t section = CFG_SEC(name, inside, CFGF_MULTI | CFGF_TITLE);

    while (opts->name != NULL)
        opts++;
    section.validcb = on_end;
    *opts = section;
}

/* More than libconfuse has taken at once for any config; what depends on the text comes on top. */
#define ROOM ((size_t)256 * 1024)

/* libconfuse 3.3 ends or crashes the process when it gets no memory: see that there is some. Not by
 * malloc, whose thresholds are the program's. */
static bool has_room(const char *text)
{
    size_t size = ROOM + strlen(text);
    void *room = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return room != MAP_FAILED && munmap(room, size) == 0;
}

bool grammar_read(const struct confuse *confuse, const char *text, const struct scan *scan,
                  struct reader *reader)
{
    cfg_opt_t *domain = option_array(LEVEL_DOMAIN, 0), *program = option_array(LEVEL_PROGRAM, 1);
    cfg_opt_t *top = option_array(LEVEL_TOP, 2);
    cfg_t *cfg = NULL;

    parse = (struct parse){.confuse = confuse, .reader = reader, .scan = scan};
    if (domain != NULL && program != NULL && top != NULL && has_room(text)) {
        add_section(program, "domain", domain, on_domain_end);
        add_section(top, "domain", domain, on_domain_end);
        add_section(top, "program", program, on_program_end);
        cfg = parse.confuse->init(top, CFGF_NONE);
    }
    if (cfg == NULL) {
        fail(0, "there is not enough memory for it");
    } else {
        parse.confuse->set_error_function(cfg, on_error);
        if (parse.confuse->parse_buf(cfg, text) != CFG_SUCCESS)
            fail(0, "it cannot be parsed"); /* nothing more precise was said */
        parse.confuse->free(cfg);
    }
    free(domain);
    free(program);
    free(top);
    return !parse.failed;
}
