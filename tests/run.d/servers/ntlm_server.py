"""A server that asks for NTLM, with pyspnego as the acceptor: it checks what a client computes.

Paths: /ntlm and /negotiate want that scheme, /open wants nothing, /once forgets who it was after each answer, /cut
closes the connection after its challenge, /hush does so without saying it. Targets in absolute form and CONNECT are asked for at the proxy's side
of HTTP (407); the answer to the former comes from here.

The answer says who was let in, on which connection, with which body, and what else came on that connection.
    ntlm_server.py PORT TLS_PORT CERTIFICATE KEY
NTLM_USER_FILE names the accounts.
"""

import base64
import hashlib
import itertools
import json
import select
import socket
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import spnego
from spnego.channel_bindings import GssChannelBindings

numbers = itertools.count(1)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.number, self.requests, self.bodies = next(numbers), 0, []
        self.context, self.user, self.bound = None, None, False

    def handle_any(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        self.requests += 1
        self.bodies.append(length)
        proxy = self.path.startswith("http://") or self.command == "CONNECT"
        path = "/" + self.path.split("/", 3)[3] if self.path.startswith("http://") else self.path
        scheme = "Negotiate" if path.startswith("/negotiate") else "NTLM"
        status, challenge, given, settled = (
            (407, "Proxy-Authenticate", "Proxy-Authorization", None)
            if proxy
            else (401, "WWW-Authenticate", "Authorization", None)
        )
        if not path.startswith("/open") and self.user is None:
            word, _, token = self.headers.get(given, "").partition(" ")
            if word != scheme:
                self.context = None
                return self.say(status, b"", [(challenge, scheme)])
            try:
                reply = self.step(scheme, base64.b64decode(token))
            except Exception as error:  # whatever is wrong with a token, it is refused
                print("refused:", type(error).__name__, error, file=sys.stderr, flush=True)
                self.context = None
                return self.say(status, b"refused", [(challenge, scheme)])
            reply = f"{scheme} {base64.b64encode(reply).decode()}" if reply else None
            if not self.context.complete:
                if path.startswith("/hush"):
                    self.close_connection = True
                extra = [("Connection", "close")] if path.startswith("/cut") else []
                return self.say(status, b"", [(challenge, reply), *extra])
            self.user, self.context, settled = self.context.client_principal, None, reply
        if self.command == "CONNECT":
            return self.tunnel()
        report = {
            "user": self.user,
            "method": self.command,
            "length": length,
            "sha256": hashlib.sha256(body).hexdigest(),
            "connection": self.number,
            "requests": self.requests,
            "bodies": self.bodies,
            "authorization": given in self.headers,
            "bound": self.bound,
        }
        fields = [("Content-Type", "application/json")]
        if settled:
            fields.append((challenge, settled))
        if path.startswith("/once"):
            self.user = None
            fields.append(("Persistent-Auth", "false"))
        self.say(200, json.dumps(report).encode(), fields)

    do_GET = do_POST = do_PUT = do_HEAD = do_CONNECT = handle_any

    def step(self, scheme, token):
        bindings = self.server.bindings
        if self.context is None:
            self.context = spnego.server(protocol=scheme.lower(), channel_bindings=bindings)
        if bindings:
            self.bound = self.bound or hashlib.md5(bindings.pack()).digest() in token
        return self.context.step(token)

    def say(self, status, body, fields):
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def tunnel(self):
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port))) as target:
            self.send_response(200)
            self.end_headers()
            self.wfile.flush()
            ends = [self.connection, target]
            while True:
                for end in select.select(ends, [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        self.close_connection = True
                        return
                    (target if end is self.connection else self.connection).sendall(data)

    def log_message(self, *_):
        pass


def serve(port, certificate=None, key=None):
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads, server.bindings = True, None
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        with open(certificate, encoding="ascii") as file:
            leaf = ssl.PEM_cert_to_DER_cert(file.read())
        data = b"tls-server-end-point:" + hashlib.sha256(leaf).digest()
        server.bindings = GssChannelBindings(application_data=data)
    server.serve_forever()


if __name__ == "__main__":
    plain, secure, certificate, key = sys.argv[1:]
    threading.Thread(target=serve, args=(int(secure), certificate, key), daemon=True).start()
    serve(int(plain))
