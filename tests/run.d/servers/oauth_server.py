"""An OAuth 2.0 authorization server and a resource, by Authlib: client credentials with Basic or in the body, scopes,
tokens that can be revoked. Arguments: the port."""

import os
import sys
import time

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector, current_token
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin, grants
from authlib.oauth2.rfc6750 import BearerTokenValidator
from flask import Flask, jsonify

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # loopback only

LIFE = 3600
tokens = {}
issued = 0


class Client(ClientMixin):
    def __init__(self, identifier, secret, methods):
        self.identifier, self.secret, self.methods = identifier, secret, methods

    def get_client_id(self):
        return self.identifier

    def get_allowed_scope(self, scope):
        return " ".join(word for word in (scope or "").split() if word in ("orders", "stock"))

    def check_client_secret(self, secret):
        return secret == self.secret

    def check_endpoint_auth_method(self, method, endpoint):
        return endpoint == "token" and method in self.methods

    def check_grant_type(self, grant_type):
        return grant_type == "client_credentials"

    def check_response_type(self, response_type):
        return False


class Token(TokenMixin):
    def __init__(self, value, scope):
        self.value, self.scope, self.until, self.revoked = value, scope, time.time() + LIFE, False

    def get_scope(self):
        return self.scope

    def get_expires_in(self):
        return LIFE

    def is_expired(self):
        return time.time() > self.until

    def is_revoked(self):
        return self.revoked


CLIENTS = {
    client.identifier: client
    for client in (
        Client("basic-client", "секрет: 100% & +", ["client_secret_basic"]),
        Client("body-client", "p@ss:w", ["client_secret_post"]),
    )
}


def save(token, _request):
    global issued
    issued += 1
    tokens[token["access_token"]] = Token(token["access_token"], token.get("scope", ""))


class Credentials(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]


class Validator(BearerTokenValidator):
    def authenticate_token(self, token_string):
        return tokens.get(token_string)


app = Flask(__name__)
server = AuthorizationServer(app, query_client=CLIENTS.get, save_token=save)
server.register_grant(Credentials)
protect = ResourceProtector()
protect.register_token_validator(Validator())


@app.post("/token")
def token():
    return server.create_token_response()


@app.get("/orders")
@protect("orders")
def orders():
    return jsonify(scope=current_token.get_scope(), issued=issued)


@app.post("/revoke-all")
def revoke_all():
    for one in tokens.values():
        one.revoked = True
    return jsonify(revoked=len(tokens))


if __name__ == "__main__":
    app.run("127.0.0.1", int(sys.argv[1]), threaded=True)
