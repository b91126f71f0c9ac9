/* libFuzzer: what is imported from other systems, and written for them again. The first octet says
 * which format. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/foreign.h"
#include "cli/foreign_policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct foreign_format *const formats[] = {
    &foreign_tyk,      &foreign_hpkp,   &foreign_android,
    &foreign_trustkit, &foreign_okhttp, &foreign_curl,
};
#define FORMATS (sizeof(formats) / sizeof(formats[0]))

/* What is left can be written in any format. */
static void write_all(struct foreign *foreign)
{
    char why[1024], *text = NULL;
    size_t length;

    for (size_t i = 0; i < FORMATS; i++) {
        FILE *out = open_memstream(&text, &length);

        if (!out || !foreign_narrow(formats[i], foreign) || foreign->sections.count == 0) {
            if (out)
                fclose(out);
            free(text);
            text = NULL;
            break;
        }
        formats[i]->write(foreign, i % 2, out, why, sizeof(why));
        fclose(out);
        free(text);
        text = NULL;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct foreign foreign = {0};
    const struct foreign_format *format;
    char why[1024], *text;

    if (size == 0)
        return 0;
    format = formats[data[0] % FORMATS];
    text = malloc(size);
    if (!text)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    if (format->read(text, size - 1, "a.test", &foreign, why, sizeof(why)) &&
        foreign_settle(format, &foreign))
        write_all(&foreign);
    foreign_free(&foreign);
    free(text);
    return 0;
}
