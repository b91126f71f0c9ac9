#!/usr/bin/python3
"""A client as people write them: one GET with Python's own http.client and ssl.

client.py [--no-verify] NAME ADDRESS:PORT

Asks the server at ADDRESS:PORT for NAME's page, as curl --connect-to does.
"""
import argparse
import base64
import http.client
import socket
import ssl
import sys


class Connection(http.client.HTTPSConnection):
    def __init__(self, name, place, context):
        super().__init__(name, context=context)
        self.place = place
        self.tls = context

    def connect(self):
        raw = socket.create_connection(self.place)
        self.sock = self.tls.wrap_socket(raw, server_hostname=self.host)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--no-verify", action="store_true")
    parser.add_argument("name")
    parser.add_argument("place")
    args = parser.parse_args()

    context = ssl.create_default_context()
    if args.no_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    address, port = args.place.rsplit(":", 1)
    connection = Connection(args.name, (address, int(port)), context)
    password = base64.b64encode(b"alice:secret").decode()
    try:
        connection.request("GET", "/balance", headers={"Authorization": f"Basic {password}"})
        print(connection.getresponse().read().decode(), end="")
    except OSError as error:
        sys.exit(f"client.py: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
