#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *input_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

void input_free(struct input *input)
{
    OPENSSL_clear_free(input->data, input->length);
    input->data = NULL;
    input->length = 0;
}

/* Twice the room, the old one wiped. */
static bool grow(uint8_t **data, size_t *room)
{
    uint8_t *bigger = OPENSSL_clear_realloc(*data, *room, *room * 2);

    if (!bigger)
        return false;
    *data = bigger;
    *room *= 2;
    return true;
}

/* Reads to the end. Returns 0 or an errno. */
static int read_all(int fd, struct input *out)
{
    size_t room = 64 * 1024, length = 0;
    uint8_t *data = OPENSSL_malloc(room);
    int error = data ? 0 : ENOMEM;

    while (!error) {
        ssize_t n = read(fd, data + length, room - length);

        if (n == 0)
            break;
        if (n < 0) {
            error = errno == EINTR ? 0 : errno;
            continue;
        }
        length += (size_t)n;
        if (length > INPUT_LIMIT)
            error = EFBIG;
        else if (length == room && !grow(&data, &room))
            error = ENOMEM;
    }
    if (error) {
        OPENSSL_clear_free(data, data ? room : 0);
        return error;
    }
    *out = (struct input){data, length};
    return 0;
}

bool input_read(const char *path, struct input *out, char *why, size_t size)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int error = fd < 0 ? errno : read_all(fd, out);

    if (fd >= 0 && !is_stdin)
        close(fd);
    if (!error)
        return true;
    if (error == EFBIG)
        snprintf(why, size, "%s is larger than 16 MiB: not a file of certificates",
                 input_name(path));
    else
        snprintf(why, size, "cannot read %s: %s", input_name(path), strerror(error));
    return false;
}
