/* Keys and certificates in files, read three ways: as a `file:` pin, as trust anchors, and by the
 * command with OpenSSL. Where two of them accept a file, they agree on its pin. */
#include <stdlib.h>
#include <string.h>

#include "cli/certs.h"
#include "config/der.h"
#include "config/key_file.h"
#include "tests/fuzz/support/fuzz.h"

/* What the command makes of it, where that is one key. */
static bool read_by_command(const uint8_t *input, size_t size, struct pin *out)
{
    const char *path = fuzz_write("key", input, size);
    struct certs certs;
    char why[600] = "";
    bool good = certs_read(path, &certs, why, sizeof why), one;

    HOLDS(good || (why[0] != '\0' && strlen(why) < sizeof why));
    for (size_t i = 0; good && i < certs.count; i++)
        HOLDS(cert_pin(&certs.items[i], out));
    one = good && certs.count == 1 && !certs.private_key;
    certs_free(&certs);
    return one;
}

static void read_anchors(const uint8_t *input, size_t size)
{
    struct list certs = {NULL, 0, 0};
    char why[300] = "";

    if (certificates_from_file(input, size, &certs, why, sizeof why)) {
        const struct span *cert = certs.items;
        HOLDS(certs.count > 0);
        for (size_t i = 0; i < certs.count; i++)
            HOLDS(cert[i].length > 0 && cert[i].length <= size);
    } else {
        HOLDS(why[0] != '\0' && strlen(why) < sizeof why);
    }
    certificates_free(&certs);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    struct pin pin, same, untouched;
    uint8_t *copy = malloc(size + 1); /* as trusted_read hands it over */
    char why[300] = "";
    bool good;

    HOLDS(copy != NULL);
    memcpy(copy, input, size);
    copy[size] = '\0';
    memset(&pin, 0xa5, sizeof pin);
    untouched = pin;
    good = pin_from_key_file(copy, size, &pin, why, sizeof why);
    if (good) {
        HOLDS(pin.kind == PIN_SPKI);
    } else {
        HOLDS(why[0] != '\0' && strlen(why) < sizeof why);
        HOLDS(memcmp(&pin, &untouched, sizeof pin) == 0);
    }
    read_anchors(copy, size);
    if (read_by_command(input, size, &same) && good)
        HOLDS(memcmp(pin.digest, same.digest, DIGEST_SIZE) == 0);
    free(copy);
    return 0;
}
