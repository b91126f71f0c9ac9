#!/usr/bin/python3
"""An HTTPS server that says in one line what became of each connection.

server.py NAME CERTIFICATE KEY

Binds a free port of 127.0.0.1. Writes to stdout: the port, then a line a connection.
"""
import base64
import http.server
import ssl
import sys

TIMEOUT = 10  # seconds that a client may stay silent


def log(line):
    print(line, flush=True)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"{self.server.name} server: the balance is 1200 EUR\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        secret = self.headers.get("Authorization", "").removeprefix("Basic ")
        password = base64.b64decode(secret).decode(errors="replace")
        self.server.outcome = f"request: {self.command} {self.path}, password {password}"

    def log_message(self, *_):
        pass


class Server(http.server.HTTPServer):
    def __init__(self, name, certificate, key):
        super().__init__(("127.0.0.1", 0), Handler)
        self.name = name
        self.outcome = ""
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(certificate, key)

    def finish_request(self, request, client_address):
        self.outcome = "handshake done, but no request"
        request.settimeout(TIMEOUT)
        try:
            tls = self.context.wrap_socket(request, server_side=True)
        except OSError as error:  # ssl.SSLError is one
            log(f"handshake failed: {getattr(error, 'reason', None) or error}; no request")
            return
        try:
            with tls:
                self.RequestHandlerClass(tls, client_address, self)
        except OSError as error:
            self.outcome += f" ({error})"
        log(self.outcome)


def main():
    server = Server(*sys.argv[1:4])
    log(server.server_port)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
