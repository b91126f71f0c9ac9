/* TrustKit's configuration, as a property list in XML or as JSON: TSKPinnedDomains, on its own or
 * inside TSKConfiguration (Info.plist). */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/foreign.h"
#include "cli/foreign_xml.h"
#include "cli/json_text.h"

/* A property list's value as JSON. NULL: memory is out, or it is damaged. */
static json_t *plist_value(const xmlNode *node);

static const xmlNode *next_element(const xmlNode *node)
{
    while (node && node->type != XML_ELEMENT_NODE)
        node = node->next;
    return node;
}

static json_t *plist_dict(const xmlNode *dict)
{
    json_t *object = json_object();
    const xmlNode *key = next_element(dict->children);

    while (object && key) {
        const xmlNode *value = next_element(key->next);
        char *name = foreign_xml_is(key, "key") && value ? foreign_xml_text(key) : NULL;
        json_t *json = name ? plist_value(value) : NULL;

        if (!json || json_object_set_new(object, name, json) != 0) {
            json_decref(object);
            object = NULL;
        }
        free(name);
        key = value ? next_element(value->next) : NULL;
    }
    return object;
}

static json_t *plist_array(const xmlNode *array)
{
    json_t *json = json_array();

    for (const xmlNode *node = next_element(array->children); json && node;
         node = next_element(node->next))
        if (json_array_append_new(json, plist_value(node)) != 0) {
            json_decref(json);
            json = NULL;
        }
    return json;
}

static json_t *plist_value(const xmlNode *node)
{
    char *text;
    json_t *json;

    if (foreign_xml_is(node, "dict"))
        return plist_dict(node);
    if (foreign_xml_is(node, "array"))
        return plist_array(node);
    if (foreign_xml_is(node, "true") || foreign_xml_is(node, "false"))
        return json_boolean(foreign_xml_is(node, "true"));
    text = foreign_xml_text(node); /* string, date, data, integer, real */
    json = text ? json_text(text) : NULL;
    free(text);
    return json;
}

static json_t *read_plist(const char *text, size_t length, char *why, size_t size)
{
    xmlDoc *doc = foreign_xml_read(text, length, "plist", why, size);
    const xmlNode *root = doc ? next_element(xmlDocGetRootElement(doc)->children) : NULL;
    json_t *json = root && foreign_xml_is(root, "dict") ? plist_dict(root) : NULL;

    if (doc && !json)
        snprintf(why, size, "it is no property list of keys and values");
    xmlFreeDoc(doc);
    return json;
}

static json_t *read_json(const char *text, size_t length, char *why, size_t size)
{
    json_error_t error;
    json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);

    if (!json)
        snprintf(why, size, "line %d: %s", error.line, error.text);
    return json;
}

/* The value of a key, which code writes with a k in front. */
static const json_t *get(const json_t *object, const char *key)
{
    char longer[64];
    const json_t *value = json_object_get(object, key);

    snprintf(longer, sizeof(longer), "k%s", key);
    return value ? value : json_object_get(object, longer);
}

/* A boolean, or the text of one. */
static bool is_word(const json_t *value, bool wanted)
{
    const char *text = json_string_value(value);

    if (text)
        return strcasecmp(text, wanted ? "true" : "false") == 0 ||
               strcasecmp(text, wanted ? "yes" : "no") == 0;
    return wanted ? json_is_true(value) : json_is_false(value);
}

static bool take_hashes(struct foreign *out, struct foreign_section *section, const json_t *hashes)
{
    const json_t *hash;
    size_t i;
    bool good = true;

    json_array_foreach(hashes, i, hash)
    {
        const char *text = json_string_value(hash);

        good = good && (text ? foreign_add_digest(out, section, text, strlen(text))
                             : foreign_tell(out, "%s: a hash that is no text is left out",
                                            section->domain));
    }
    return good;
}

/* What has no word here. */
static bool tell_rest(struct foreign *out, const char *domain, const json_t *values)
{
    static const char *const known[] = {"TSKPublicKeyHashes", "TSKIncludeSubdomains",
                                        "TSKEnforcePinning", "TSKExpirationDate",
                                        "TSKExcludeSubdomainFromParentPolicy"};
    const char *key;
    json_t *value;
    bool good = true;

    json_object_foreach((json_t *)values, key, value)
    {
        bool is_known = false;

        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
            is_known |= strcmp(known[i], key + (*key == 'k')) == 0;
        good = good && (is_known || foreign_tell(out, "%s: %.80s is left out", domain, key));
    }
    return good;
}

static bool take_domain(struct foreign *out, const char *name, const json_t *values)
{
    struct foreign_section *section = foreign_add(out, name, strlen(name));
    const char *expires = json_string_value(get(values, "TSKExpirationDate"));

    if (!section)
        return false;
    section->include_subdomains = is_word(get(values, "TSKIncludeSubdomains"), true);
    if (is_word(get(values, "TSKEnforcePinning"), false))
        section->mode = MODE_AUDIT;
    if (is_word(get(values, "TSKExcludeSubdomainFromParentPolicy"), true))
        section->mode = MODE_OFF;
    if (expires && !foreign_day(expires, section->expires) &&
        !foreign_tell(out, "%s: TSKExpirationDate \"%.40s\" is no date and is left out", name,
                      expires))
        return false;
    return take_hashes(out, section, get(values, "TSKPublicKeyHashes")) &&
           tell_rest(out, name, values);
}

static bool take_all(const json_t *root, struct foreign *out, char *why, size_t size)
{
    const json_t *inner = get(root, "TSKConfiguration"), *domains, *values;
    const char *name;

    domains = get(inner ? inner : root, "TSKPinnedDomains");
    if (!json_is_object(domains)) {
        snprintf(why, size, "it has no TSKPinnedDomains");
        return false;
    }
    json_object_foreach((json_t *)domains, name, values)
    {
        if (!json_is_object(values)) {
            snprintf(why, size, "TSKPinnedDomains: \"%.100s\" has no keys and values", name);
            return false;
        }
        if (!take_domain(out, name, values))
            return foreign_no_memory(why, size);
    }
    return true;
}

static bool read_trustkit(const char *text, size_t length, const char *domain, struct foreign *out,
                          char *why, size_t size)
{
    size_t start = strspn(text, " \t\r\n");
    json_t *root = text[start] == '<' ? read_plist(text + start, length - start, why, size)
                                      : read_json(text + start, length - start, why, size);
    bool good = root && take_all(root, out, why, size);

    (void)domain;
    json_decref(root);
    return good;
}

static json_t *domain_json(const struct foreign_section *section)
{
    const struct foreign_pin *pins = section->pins.items;
    json_t *hashes = json_array();
    json_t *values = json_pack("{s:b}", "TSKIncludeSubdomains", section->include_subdomains);

    if (section->mode == MODE_OFF)
        json_object_set_new(values, "TSKExcludeSubdomainFromParentPolicy", json_true());
    else
        json_object_set_new(values, "TSKEnforcePinning", json_boolean(section->mode != MODE_AUDIT));
    if (section->expires[0])
        json_object_set_new(values, "TSKExpirationDate", json_text(section->expires));
    for (size_t i = 0; i < section->pins.count; i++)
        json_array_append_new(hashes, json_text(pins[i].text + strlen("sha256/")));
    if (section->mode != MODE_OFF)
        json_object_set(values, "TSKPublicKeyHashes", hashes);
    json_decref(hashes);
    return values;
}

static void write_plist(const json_t *value, unsigned depth, FILE *out)
{
    const char *key;
    json_t *item;
    size_t i;

    fprintf(out, "%*s", (int)(2 * depth), "");
    if (json_is_object(value)) {
        fputs("<dict>\n", out);
        json_object_foreach((json_t *)value, key, item)
        {
            fprintf(out, "%*s<key>", (int)(2 * depth + 2), "");
            foreign_xml_write(out, key);
            fputs("</key>\n", out);
            write_plist(item, depth + 1, out);
        }
        fprintf(out, "%*s</dict>\n", (int)(2 * depth), "");
    } else if (json_is_array(value)) {
        fputs("<array>\n", out);
        json_array_foreach(value, i, item) write_plist(item, depth + 1, out);
        fprintf(out, "%*s</array>\n", (int)(2 * depth), "");
    } else if (json_is_boolean(value)) {
        fputs(json_is_true(value) ? "<true/>\n" : "<false/>\n", out);
    } else {
        fputs("<string>", out);
        foreign_xml_write(out, json_string_value(value));
        fputs("</string>\n", out);
    }
}

static bool write_trustkit(const struct foreign *foreign, bool json, FILE *out, char *why,
                           size_t size)
{
    const struct foreign_section *sections = foreign->sections.items;
    json_t *domains = json_object();
    json_t *root = json_pack("{s:o}", "TSKPinnedDomains", domains);
    bool good = root != NULL;

    for (size_t i = 0; good && i < foreign->sections.count; i++)
        good = json_object_set_new(domains, sections[i].domain, domain_json(&sections[i])) == 0;
    if (good && json) {
        good = json_dumpf(root, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF;
    } else if (good) {
        fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
              "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n",
              out);
        write_plist(root, 0, out);
        fputs("</plist>\n", out);
    }
    json_decref(root);
    return good || foreign_no_memory(why, size);
}

const struct foreign_format foreign_trustkit = {.name = "trustkit",
                                                .one_name = true,
                                                .says = CAN_SUBDOMAINS | CAN_EXPIRES | CAN_AUDIT |
                                                        CAN_OFF | CAN_MANY,
                                                .read = read_trustkit,
                                                .write = write_trustkit};
