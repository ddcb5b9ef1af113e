"""Identity tokens by Google's own library, from a token server on loopback."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import iam

from console.sources import auth
from console.sources.base import Unauthenticated

URL = "https://z-image-abc.a.run.app"
ACCOUNT = "caller@p-1.iam.gserviceaccount.com"
TARGET = "runner@p-1.iam.gserviceaccount.com"


def web_token(audience: str) -> str:
    claims = json.dumps({"aud": audience, "exp": 4_102_444_800}).encode()
    return f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.c2ln"


def claims(token: str) -> Mapping[str, object]:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@dataclass
class TokenServer:
    """Google's token endpoint, its IAM credentials and a metadata server, all in one."""

    address: str = ""
    asked: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, body: bytes) -> tuple[str, bytes]:
        self.asked.append(f"{method} {path.partition('?')[0]}")
        if path == "/token":
            asserted = claims(parse_qs(body.decode())["assertion"][0])
            audience = str(asserted.get("target_audience", ""))
            answer = {"id_token": web_token(audience)} if audience else {"access_token": "of-ada"}
            return "application/json", json.dumps(answer | {"expires_in": 3600}).encode()
        if path.endswith(":generateIdToken"):
            token = web_token(json.loads(body)["audience"])
            return "application/json", json.dumps({"token": token}).encode()
        if path.startswith("/computeMetadata/v1/instance/service-accounts/default/identity?"):
            audience = parse_qs(path.partition("?")[2])["audience"][0]
            return "application/text", web_token(audience).encode()
        if path.startswith("/computeMetadata/v1/instance/service-accounts/default/?"):
            return "application/json", json.dumps({"email": ACCOUNT, "scopes": []}).encode()
        return "application/text", b""


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    server = TokenServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            kind, answer = server.answer(self.command, self.path, body)
            self.send_response(200)
            self.send_header("Metadata-Flavor", "Google")
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.address = f"127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def key_of(tokens: TokenServer, private_key: str) -> dict[str, str]:
    return {
        "type": "service_account",
        "project_id": "p-1",
        "private_key_id": "1",
        "private_key": private_key,
        "client_email": ACCOUNT,
        "token_uri": f"http://{tokens.address}/token",
    }


def fetch(environment: Mapping[str, str]) -> str:
    return auth.identity_fetcher(environment, auth.Gcloud(environment))(URL)


def environment_with(folder: Path, login: object) -> dict[str, str]:
    file = folder / "login.json"
    file.write_text(json.dumps(login))
    return {"HOME": str(folder), "GOOGLE_APPLICATION_CREDENTIALS": str(file)}


def test_a_key_file_makes_a_token_for_the_service(
    tokens: TokenServer, private_key: str, tmp_path: Path
) -> None:
    token = fetch(environment_with(tmp_path, key_of(tokens, private_key)))

    assert claims(token)["aud"] == URL
    assert tokens.asked == ["POST /token"]


def test_the_login_that_gcloud_keeps_for_programs_counts_as_well(
    tokens: TokenServer, private_key: str, tmp_path: Path
) -> None:
    file = tmp_path / "application_default_credentials.json"
    file.write_text(json.dumps(key_of(tokens, private_key)))

    token = fetch({"HOME": "/nowhere", "CLOUDSDK_CONFIG": str(tmp_path)})

    assert claims(token)["aud"] == URL


def test_an_impersonated_account_makes_a_token_for_the_service(
    tokens: TokenServer, private_key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = f"http://{tokens.address}/v1/projects/-/serviceAccounts/{{}}:generateIdToken"
    monkeypatch.setattr(iam, "_IAM_IDTOKEN_ENDPOINT", endpoint)
    login = {
        "type": "impersonated_service_account",
        "service_account_impersonation_url": f"https://iam.test/{TARGET}:generateAccessToken",
        "source_credentials": key_of(tokens, private_key),
    }

    token = fetch(environment_with(tmp_path, login))

    assert claims(token)["aud"] == URL
    assert tokens.asked[-1] == f"POST /v1/projects/-/serviceAccounts/{TARGET}:generateIdToken"


def said_with(environment: Mapping[str, str], program: str) -> str:
    """Run a program on a bare machine with `environment`, and return what it prints.

    Google's library looks for the address of the metadata server once, when it is imported.
    """
    here = {key: os.environ[key] for key in ("PYTHONPATH",) if key in os.environ}
    said = subprocess.run(
        [sys.executable, "-c", f"import os\nfrom console.sources import auth\n{program}"],
        capture_output=True,
        text=True,
        check=False,
        env=here | {"PATH": "", **environment},
        cwd=Path(auth.__file__).parents[2],
    )
    assert said.stderr == ""
    return said.stdout.strip()


def test_a_machine_of_google_s_gets_its_token_from_the_metadata_server(
    tokens: TokenServer, tmp_path: Path
) -> None:
    where = {"GCE_METADATA_HOST": tokens.address, "GCE_METADATA_IP": tokens.address}
    said = said_with(
        {"HOME": str(tmp_path), **where},
        f"print(auth.identity_fetcher(os.environ, auth.Gcloud(os.environ))({URL!r}))",
    )

    assert claims(said)["aud"] == URL


def test_a_machine_without_any_login_says_where_it_was_looked_for(tmp_path: Path) -> None:
    said = said_with(
        {"HOME": str(tmp_path), "NO_GCE_CHECK": "true"},
        "try:\n    auth.find_credentials(os.environ, auth.Gcloud(os.environ))\n"
        "except auth.Unauthenticated as error:\n    print(error.message)",
    )

    assert said == (
        "Google Cloud does not know who asks: there is no login: no application default "
        "credentials, no gcloud program, no metadata server; run `gcloud auth "
        "application-default login`"
    )


@pytest.mark.parametrize(
    ("login", "why"),
    [
        ({"type": "authorized_user"}, "a person's login makes none without the gcloud program"),
        ([], "a person's login makes none"),
        ({"type": "impersonated_service_account"}, "is damaged; make it again"),
        ({"type": "service_account"}, "no identity token for this service"),
    ],
)
def test_a_login_that_makes_no_identity_token_says_why(
    tmp_path: Path, login: object, why: str
) -> None:
    environment = environment_with(tmp_path, login) | {"PATH": ""}

    with pytest.raises(Unauthenticated, match=why) as refused:
        fetch(environment)
    assert refused.value.message.endswith("run `gcloud auth login`")
    assert "\n" not in refused.value.message


def test_a_login_file_that_is_no_login_says_so(tmp_path: Path) -> None:
    environment = environment_with(tmp_path, {}) | {"PATH": ""}
    (tmp_path / "login.json").write_text("{")

    with pytest.raises(Unauthenticated, match="no identity token for this service"):
        fetch(environment)
