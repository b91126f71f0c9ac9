#include "cli/foreign_xml.h"

#include <ctype.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Entities make ten lines into gigabytes, or read other files; no config needs them. Looked for in
 * the text, too: libxml2 expands them in attributes while it parses. */
static bool declares_entities(const char *text, size_t length)
{
    return memmem(text, length, "<!ENTITY", 8) || memmem(text, length, "<\0!\0E\0N\0T\0", 10) ||
           memmem(text, length, "\0<\0!\0E\0N\0T", 10);
}

static void explain(char *why, size_t size)
{
    const xmlError *error = xmlGetLastError();
    char text[200] = "it is no XML";

    if (error && error->message)
        snprintf(text, sizeof(text), "%s", error->message);
    text[strcspn(text, "\n")] = '\0';
    snprintf(why, size, "line %d: %s", error ? error->line : 1, text);
}

xmlDoc *foreign_xml_read(const char *text, size_t length, const char *root, char *why, size_t size)
{
    const xmlNode *node;
    xmlDoc *doc;

    if (declares_entities(text, length)) {
        snprintf(why, size, "it declares entities; take them out");
        return NULL;
    }
    xmlResetLastError();
    doc = xmlReadMemory(text, (int)length, NULL, NULL,
                        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                            XML_PARSE_NOBLANKS | XML_PARSE_NOCDATA | XML_PARSE_COMPACT);
    if (!doc) {
        explain(why, size);
        return NULL;
    }
    node = xmlDocGetRootElement(doc);
    if (doc->intSubset && (doc->intSubset->entities || doc->intSubset->children)) {
        snprintf(why, size, "it declares a document type of its own; take that out");
    } else if (!node || !foreign_xml_is(node, root)) {
        snprintf(why, size, "its root is <%.60s>, not <%s>", node ? (const char *)node->name : "",
                 root);
    } else {
        return doc;
    }
    xmlFreeDoc(doc);
    return NULL;
}

bool foreign_xml_is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static char *trimmed(xmlChar *content)
{
    char *text = (char *)content, *copy;
    size_t length;

    if (!text)
        return NULL;
    while (isspace((unsigned char)*text))
        text++;
    length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    copy = strndup(text, length);
    xmlFree(content);
    return copy;
}

char *foreign_xml_text(const xmlNode *node)
{
    return trimmed(xmlNodeGetContent((xmlNode *)node));
}

char *foreign_xml_attribute(const xmlNode *node, const char *name)
{
    return trimmed(xmlGetProp((xmlNode *)node, (const xmlChar *)name));
}

void foreign_xml_write(FILE *out, const char *text)
{
    for (; *text; text++) {
        const char *entity = *text == '&'   ? "&amp;"
                             : *text == '<' ? "&lt;"
                             : *text == '>' ? "&gt;"
                             : *text == '"' ? "&quot;"
                                            : NULL;

        if (entity)
            fputs(entity, out);
        else
            fputc(*text, out);
    }
}
