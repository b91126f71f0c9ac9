/* XML from anybody (libxml2): no network, no entities of its own, no deep nesting. */
#ifndef PINSHIM_CLI_FOREIGN_XML_H
#define PINSHIM_CLI_FOREIGN_XML_H

#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Reads a document whose root element is `root`. NULL, and `why`, when it is none, or declares
 * entities. Free with xmlFreeDoc. */
xmlDoc *foreign_xml_read(const char *text, size_t length, const char *root, char *why, size_t size);

/* Is the node an element of that name? */
bool foreign_xml_is(const xmlNode *node, const char *name);

/* The text in an element, blanks around it dropped; malloc'ed. NULL when memory is out. */
char *foreign_xml_text(const xmlNode *node);

/* An attribute's value; malloc'ed, NULL: not there. */
char *foreign_xml_attribute(const xmlNode *node, const char *name);

/* Writes text for an element or attribute. */
void foreign_xml_write(FILE *out, const char *text);

#endif
