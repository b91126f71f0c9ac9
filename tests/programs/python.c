/* Python: _ssl is loaded with dlopen, libssl is not in the global scope; asyncio hands OpenSSL
 * memory BIOs, so there is no socket to ask for the address. */
#include "tests/programs/scene.h"

TestSuite(python, .init = scene_open, .fini = scene_close);

#define REQUEST "GET / HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n"

/* A synchronous client in the context `c`. */
#define SYNC                                                                                       \
    "import socket\n"                                                                              \
    "s = c.wrap_socket(socket.create_connection(('localhost', {port})),\n"                         \
    "                  server_hostname='localhost')\n"                                             \
    "s.sendall(b'" REQUEST "')\n"                                                                  \
    "print(b''.join(iter(lambda: s.recv(4096), b'')).decode())\n"

#define ASYNC                                                                                      \
    "import asyncio\n"                                                                             \
    "async def main():\n"                                                                          \
    "    r, w = await asyncio.open_connection('localhost', {port}, ssl=c)\n"                       \
    "    w.write(b'" REQUEST "')\n"                                                                \
    "    print((await r.read()).decode())\n"                                                       \
    "    w.close()\n"                                                                              \
    "asyncio.run(main())\n"

#define REQUIRED "import ssl\nc = ssl.create_default_context(cafile='{ca}')\n"
#define NONE REQUIRED "c.check_hostname = False\nc.verify_mode = ssl.CERT_NONE\n"
#define CLIENT_CERT "c.load_cert_chain('{cert}', '{key}')\n"

/* asyncio, refused, closes without sending the alert that OpenSSL has ready for it.
 * The path is Debian's own: the first python3 in PATH may have an OpenSSL of its own, linked in. */
#define PYTHON(row, how, silent, script)                                                           \
    PROGRAM(python, row, .host = "localhost", .host_source = "sni", .verification = (how),         \
            .output = "genuine", .refused_status = 1, .complaint = "SSLCertVerificationError",     \
            .has_client_cert = true, .hangs_up = (silent),                                         \
            .argv = {"/usr/bin/python3", "-I", "-c", script})

PYTHON(cert_required, "ok", false, REQUIRED CLIENT_CERT SYNC)
PYTHON(cert_none, "skipped", false, NONE CLIENT_CERT SYNC)
PYTHON(asyncio_cert_required, "ok", true, REQUIRED CLIENT_CERT ASYNC)
PYTHON(asyncio_cert_none, "skipped", true, NONE CLIENT_CERT ASYNC)
