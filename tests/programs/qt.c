/* Qt: finds libssl with dlopen and dlsym, and hands OpenSSL memory BIOs. QNetworkAccessManager
 * works in a thread of its own. */
#include "tests/programs/scene.h"

TestSuite(qt, .init = scene_open, .fini = scene_close);

#define START                                                                                      \
    "import sys\n"                                                                                 \
    "from PyQt5.QtCore import QCoreApplication, QUrl\n"                                            \
    "from PyQt5.QtNetwork import *\n"                                                              \
    "a = QCoreApplication(sys.argv)\n"                                                             \
    "c = QSslConfiguration.defaultConfiguration()\n"                                               \
    "c.setCaCertificates(QSslCertificate.fromPath('{ca}'))\n"                                      \
    "c.setLocalCertificateChain(QSslCertificate.fromPath('{cert}'))\n"                             \
    "c.setPrivateKey(QSslKey(open('{key}', 'rb').read(), QSsl.Ec))\n"

#define SOCKET                                                                                     \
    "s = QSslSocket()\n"                                                                           \
    "s.setSslConfiguration(c)\n"
#define SOCKET_TALK                                                                                \
    "s.connectToHostEncrypted('localhost', {port})\n"                                              \
    "if not s.waitForEncrypted(20000):\n"                                                          \
    "    sys.exit(s.errorString())\n"                                                              \
    "s.write(b'GET / HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n')\n"         \
    "while s.waitForReadyRead(20000):\n"                                                           \
    "    sys.stdout.write(bytes(s.readAll()).decode())\n"

#define MANAGER                                                                                    \
    "q = QNetworkRequest(QUrl('https://localhost:{port}/'))\n"                                     \
    "q.setSslConfiguration(c)\n"                                                                   \
    "m = QNetworkAccessManager()\n"                                                                \
    "r = m.get(q)\n"
#define MANAGER_TALK                                                                               \
    "r.finished.connect(a.quit)\n"                                                                 \
    "a.exec_()\n"                                                                                  \
    "if r.error():\n"                                                                              \
    "    sys.exit(r.errorString())\n"                                                              \
    "sys.stdout.write(bytes(r.readAll()).decode())\n"

#define NO_VERIFICATION "c.setPeerVerifyMode(QSslSocket.VerifyNone)\n"

/* Refused, it closes without sending the alert that OpenSSL has ready for it. */
#define QT(row, words, script)                                                                     \
    PROGRAM(qt, row, .host = "localhost", .host_source = "sni", .output = "genuine",               \
            .refused_status = 1, .complaint = (words), .has_client_cert = true, .hangs_up = true,  \
            .argv = {"/usr/bin/python3", "-I", "-c", script})

QT(socket, "certificate verify failed", START SOCKET SOCKET_TALK)
QT(socket_unverified, "certificate verify failed", START NO_VERIFICATION SOCKET SOCKET_TALK)
QT(socket_ignoring_errors, "certificate verify failed",
   START SOCKET "s.ignoreSslErrors()\n" SOCKET_TALK)
QT(manager, "SSL handshake failed", START MANAGER MANAGER_TALK)
QT(manager_unverified, "SSL handshake failed", START NO_VERIFICATION MANAGER MANAGER_TALK)
QT(manager_ignoring_errors, "SSL handshake failed",
   START MANAGER "r.ignoreSslErrors()\n" MANAGER_TALK)
