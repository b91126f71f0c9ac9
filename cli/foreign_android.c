/* Android's network-security-config: domain-config with domain and pin-set, one in the other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/foreign.h"
#include "cli/foreign_xml.h"

/* What a domain-config has, itself or from the one around it. */
struct scope {
    const xmlNode *pins; /* pin-set; NULL: none */
    enum mode mode;
};

static bool is_true(const xmlNode *node, const char *attribute)
{
    char *value = foreign_xml_attribute(node, attribute);
    bool answer = value && (strcmp(value, "true") == 0 || strcmp(value, "1") == 0);

    free(value);
    return answer;
}

static bool take_pin(struct foreign *out, struct foreign_section *section, const xmlNode *node)
{
    char *digest = foreign_xml_attribute(node, "digest"), *text = foreign_xml_text(node);
    bool good = text;

    if (good && (!digest || strcmp(digest, "SHA-256") != 0))
        good = foreign_tell(out, "%s: a pin with the digest %.40s is left out: only SHA-256 is one",
                            section->domain, digest ? digest : "not named");
    else if (good)
        good = foreign_add_digest(out, section, text, strlen(text));
    free(text);
    free(digest);
    return good;
}

static bool take_pins(struct foreign *out, struct foreign_section *section, const xmlNode *set)
{
    char *expires = foreign_xml_attribute(set, "expiration");
    bool good = true;

    if (expires && !foreign_day(expires, section->expires))
        good = foreign_tell(out, "%s: the expiration \"%.40s\" is no date and is left out",
                            section->domain, expires);
    free(expires);
    for (const xmlNode *node = set->children; good && node; node = node->next) {
        if (foreign_xml_is(node, "pin"))
            good = take_pin(out, section, node);
        else if (node->type == XML_ELEMENT_NODE)
            good = foreign_tell(out, "%s: <%s> is left out", section->domain, node->name);
    }
    return good;
}

/* A domain without pins takes itself out of a wider one. */
static bool take_domain(struct foreign *out, const xmlNode *node, const struct scope *scope)
{
    char *name = foreign_xml_text(node);
    struct foreign_section *section = name ? foreign_add(out, name, strlen(name)) : NULL;
    bool good = section != NULL;

    if (section) {
        section->include_subdomains = is_true(node, "includeSubdomains");
        section->mode = scope->pins ? scope->mode : MODE_OFF;
        good = !scope->pins || take_pins(out, section, scope->pins);
    }
    free(name);
    return good;
}

/* Elements that say something else than pins. */
static bool tell_other(struct foreign *out, const xmlNode *node)
{
    if (node->type != XML_ELEMENT_NODE || foreign_xml_is(node, "domain") ||
        foreign_xml_is(node, "pin-set") || foreign_xml_is(node, "domain-config"))
        return true;
    return foreign_tell(out, "line %ld: <%s> is left out: it is not about pins here",
                        xmlGetLineNo((xmlNode *)node), node->name);
}

static bool take_config(struct foreign *out, const xmlNode *config, const struct scope *outer,
                        unsigned depth)
{
    struct scope scope = *outer;
    char *cleartext = foreign_xml_attribute(config, "cleartextTrafficPermitted");
    bool good = true;

    if (cleartext)
        good = foreign_tell(out, "line %ld: cleartextTrafficPermitted is left out: no TLS, no pins",
                            xmlGetLineNo((xmlNode *)config));
    free(cleartext);
    for (const xmlNode *node = config->children; good && node; node = node->next) {
        if (foreign_xml_is(node, "pin-set"))
            scope.pins = node;
        else if (foreign_xml_is(node, "trustkit-config")) { /* TrustKit for Android */
            char *enforce = foreign_xml_attribute(node, "enforcePinning");

            scope.mode = enforce && strcmp(enforce, "false") == 0 ? MODE_AUDIT : MODE_UNSET;
            free(enforce);
        }
    }
    for (const xmlNode *node = config->children; good && node; node = node->next) {
        good = tell_other(out, node);
        if (good && foreign_xml_is(node, "domain"))
            good = take_domain(out, node, &scope);
        else if (good && foreign_xml_is(node, "domain-config") && depth < 100)
            good = take_config(out, node, &scope, depth + 1);
    }
    return good;
}

static bool read_android(const char *text, size_t length, const char *domain, struct foreign *out,
                         char *why, size_t size)
{
    static const struct scope none = {NULL, MODE_UNSET};
    xmlDoc *doc = foreign_xml_read(text, length, "network-security-config", why, size);
    bool good = true;

    (void)domain;
    if (!doc)
        return false;
    for (const xmlNode *node = xmlDocGetRootElement(doc)->children; good && node; node = node->next)
        good = foreign_xml_is(node, "domain-config") ? take_config(out, node, &none, 0)
                                                     : tell_other(out, node);
    xmlFreeDoc(doc);
    return good || foreign_no_memory(why, size);
}

static bool write_android(const struct foreign *foreign, bool json, FILE *out, char *why,
                          size_t size)
{
    const struct foreign_section *sections = foreign->sections.items;

    (void)json;
    (void)why;
    (void)size;
    fputs("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<network-security-config>\n", out);
    for (size_t i = 0; i < foreign->sections.count; i++) {
        const struct foreign_pin *pins = sections[i].pins.items;

        fprintf(out, "    <domain-config>\n        <domain includeSubdomains=\"%s\">",
                sections[i].include_subdomains ? "true" : "false");
        foreign_xml_write(out, sections[i].domain);
        fputs("</domain>\n", out);
        if (sections[i].pins.count > 0)
            fprintf(out, "        <pin-set%s%s%s>\n",
                    sections[i].expires[0] ? " expiration=\"" : "", sections[i].expires,
                    sections[i].expires[0] ? "\"" : "");
        for (size_t n = 0; n < sections[i].pins.count; n++)
            fprintf(out, "%s            <pin digest=\"SHA-256\">%s</pin>\n",
                    pins[n].backup ? "            <!-- backup pin -->\n" : "",
                    pins[n].text + strlen("sha256/"));
        if (sections[i].pins.count > 0)
            fputs("        </pin-set>\n", out);
        fputs("    </domain-config>\n", out);
    }
    fputs("</network-security-config>\n", out);
    return true;
}

const struct foreign_format foreign_android = {.name = "android",
                                               .one_name = true,
                                               .says = CAN_SUBDOMAINS | CAN_EXPIRES | CAN_OFF |
                                                       CAN_MANY,
                                               .read = read_android,
                                               .write = write_android};
