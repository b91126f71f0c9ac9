#include "config/response_check.h"

#include <stdio.h>

/* Nothing says what to open for this section. */
static bool lacks_url(const struct scope_draft *top, const struct scope_draft *scope,
                      const struct section_draft *section)
{
    uint8_t responses = section->response.responses;

    if (responses == RESPONSE_UNSET)
        responses = scope->response.responses;
    if (responses == RESPONSE_UNSET)
        responses = top->response.responses;
    return (responses & RESPONSE_REDIRECT) != 0 && section->response.redirect == NULL &&
           scope->response.redirect == NULL && top->response.redirect == NULL;
}

static bool missing(const struct builder *builder, const char *title, uint32_t file, unsigned line,
                    struct config_error *error)
{
    snprintf(error->file, sizeof error->file, "%s", builder_file(builder, file));
    error->line = line;
    snprintf(error->text, sizeof error->text,
             "%s%s%son_failure has redirect, and nothing says where to; give it redirect = \"URL\"",
             title == NULL ? "" : "domain \"", title == NULL ? "" : title,
             title == NULL ? "" : "\": ");
    return false;
}

/* A scope may leave the URL to its sections; then one of them must have it. */
static bool section_has_url(const struct builder *builder, uint32_t scope)
{
    const struct section_draft *section = builder->sections.items;

    for (size_t i = 0; i < builder->sections.count; i++, section++)
        if ((scope == 0 || section->scope == 0 || section->scope == scope) &&
            section->response.redirect != NULL)
            return true;
    return false;
}

bool responses_check(const struct builder *builder, struct config_error *error)
{
    const struct scope_draft *top = builder->scopes.items;
    const struct section_draft *section = builder->sections.items;

    for (uint32_t i = 0; i < builder->scopes.count; i++) {
        const struct response_draft *response = &top[i].response;
        if (response->line != 0 && (response->responses & RESPONSE_REDIRECT) != 0 &&
            response->redirect == NULL && top->response.redirect == NULL &&
            !section_has_url(builder, i))
            return missing(builder, NULL, top[i].file, response->line, error);
    }
    for (size_t i = 0; i < builder->sections.count; i++, section++)
        if (section->mode != MODE_OFF && lacks_url(top, top + section->scope, section))
            return missing(builder, section->title, section->file,
                           section->response.line != 0 ? section->response.line : section->line,
                           error);
    return true;
}
