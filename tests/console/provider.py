"""An OpenID Connect provider on this machine: real HTTP, real keys, and as hostile as a test asks for.

Tokens are signed with `cryptography` alone, so that the library which checks them is not the one that made them.
"""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from integration.domain.instants import SECOND

CLIENT, SECRET = "holdwatch", "a-secret-of-thirty-characters!"
KID = "key-1"


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def public(key: rsa.RSAPrivateKey, kid: str = KID) -> dict[str, Any]:
    numbers = key.public_key().public_numbers()
    return {"kty": "RSA", "use": "sig", "kid": kid, "n": number(numbers.n), "e": number(numbers.e)}


def signed(key: rsa.RSAPrivateKey, claims: dict[str, Any], **header: Any) -> str:
    head = {"typ": "JWT", "alg": "RS256", "kid": KID} | header
    text = f"{b64(json.dumps(head).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{text}.{b64(key.sign(text.encode(), padding.PKCS1v15(), SHA256()))}"


def unsigned(claims: dict[str, Any]) -> str:
    head = b64(b'{"alg": "none"}')
    return f"{head}.{b64(json.dumps(claims).encode())}."


def shared(secret: bytes, claims: dict[str, Any], **header: Any) -> str:
    head = {"typ": "JWT", "alg": "HS256", "kid": KID} | header
    text = f"{b64(json.dumps(head).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{text}.{b64(hmac.digest(secret, text.encode(), 'sha256'))}"


Sign = Callable[[rsa.RSAPrivateKey, dict[str, Any]], str]


@dataclass
class Person:
    """Who is in front of the browser, as the provider knows him."""

    subject: str = "0b7c-44"
    name: str = "Sgt.Marrowby"
    groups: list[str] = field(default_factory=lambda: ["jail-supervisors"])


@dataclass
class Provider:
    """One provider. What a test changes in it is what it then does wrong."""

    key: rsa.RSAPrivateKey
    now: Callable[[], int]
    """Microseconds."""
    url: str = ""
    person: Person = field(default_factory=Person)
    claims: dict[str, Any] = field(default_factory=dict)
    """Put over the right ones; None takes one away."""
    metadata: dict[str, Any] = field(default_factory=dict)
    keys: Callable[[rsa.RSAPrivateKey], list[dict[str, Any]]] = lambda key: [public(key)]
    sign: Sign = signed
    shown_at: int | None = None
    """Seconds: when the person logged in here; None: just now."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """Each question, as it came."""
    paths: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def answer(self, path: str, given: dict[str, str], authorization: str) -> tuple[int, dict[str, Any] | str]:
        """Return a status, and JSON or where the browser goes."""
        self.paths.append(path)
        match path:
            case "/.well-known/openid-configuration":
                return 200, {
                    "issuer": self.url,
                    "authorization_endpoint": f"{self.url}/authorize",
                    "token_endpoint": f"{self.url}/token",
                    "jwks_uri": f"{self.url}/keys",
                    "end_session_endpoint": f"{self.url}/end",
                    "authorization_response_iss_parameter_supported": True,
                    **self.metadata,
                }
            case "/keys":
                return 200, {"keys": self.keys(self.key)}
            case "/authorize":
                return self._authorize(given)
            case "/token":
                return self._token(given, authorization)
            case "/end":
                return 302, given["post_logout_redirect_uri"]
        return 404, {}

    def _authorize(self, given: dict[str, str]) -> tuple[int, dict[str, Any] | str]:
        self.asked.append(given)
        right = given["client_id"] == CLIENT and given["response_type"] == "code"
        if not right or given["code_challenge_method"] != "S256" or "openid" not in given["scope"].split():
            return 400, {"error": "invalid_request"}
        code = f"code-{len(self.asked)}"
        self.codes[code] = given
        back = {"code": code, "state": given["state"], "iss": self.url}
        return 302, f"{given['redirect_uri']}?{urlencode(back)}"

    def _token(self, given: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(given["code"], None)
        expected = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if authorization != expected or asked is None or given["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        if b64(hashlib.sha256(given["code_verifier"].encode()).digest()) != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        now = self.now() // SECOND
        access = "an access token"
        claims = {
            "iss": self.url,
            "sub": self.person.subject,
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "auth_time": now if self.shown_at is None else self.shown_at,
            "nonce": asked["nonce"],
            "amr": ["pwd", "mfa"],
            "at_hash": b64(hashlib.sha256(access.encode()).digest()[:16]),
            "preferred_username": self.person.name,
            "groups": self.person.groups,
            **self.claims,
        }
        token = self.sign(self.key, {name: value for name, value in claims.items() if value is not None})
        return 200, {"access_token": access, "token_type": "Bearer", "id_token": token}


class Serving:
    """The provider behind a socket."""

    def __init__(self, provider: Provider) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._do(dict(parse_qsl(urlsplit(self.path).query)))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                self._do(dict(parse_qsl(body.decode())))

            def _do(self, given: dict[str, str]) -> None:
                status, told = provider.answer(urlsplit(self.path).path, given, self.headers.get("authorization", ""))
                body = b"" if isinstance(told, str) else json.dumps(told).encode()
                self.send_response(status)
                if isinstance(told, str):
                    self.send_header("location", told)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        provider.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def settings_for(url: str, secret_file: str, extra: str = "") -> str:
    """Return the settings' table for a provider. Args: ``extra``: more lines of it."""
    more = "" if "amr" in extra or "second_factor" in extra else 'amr = ["mfa"]\n'
    return f"""
[console.oidc]
issuer = "{url}"
client_id = "{CLIENT}"
client_secret_file = "{secret_file}"
title = "the county"
{more}{extra}
[[console.oidc.roles]]
value = "jail-supervisors"
grants = ["supervisor@*"]
[[console.oidc.roles]]
value = "jail-records"
grants = ["compliance@/jms/here", "approver@/jms/here"]
"""
