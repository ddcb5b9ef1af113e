"""The way to the real cloud: encrypted, and with the token of the login, over a real connection."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PROGRAM = """
import asyncio, sys
from pathlib import Path

import grpc
from google.cloud import run_v2
from scripted_google import NOON, ScriptedGoogle, handlers

from console.model.service import ServiceName
from console.sources.base import SourceError
from console.sources.google_channel import Endpoints, connect

folder = Path(sys.argv[1])
google = ScriptedGoogle(services=[run_v2.Service(name=ServiceName("p2", "r2", "s").resource)])

async def main() -> None:
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(handlers(google))
    key, certificate = (folder / "key.pem").read_bytes(), (folder / "cert.pem").read_bytes()
    credentials = grpc.ssl_server_credentials([(key, certificate)])
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    address = f"127.0.0.1:{port}"
    environment = {"HOME": str(folder), "PATH": f"{folder}:/usr/bin:/bin"}
    cloud = await connect(Endpoints(address, address), environment, lambda: NOON)
    try:
        facts = await cloud.services.get(ServiceName("p2", "r2", "s"))
        print(facts.name, google.authorization)
    except SourceError as error:
        print(type(error).__name__, error.message)
    finally:
        await cloud.aclose()
        await server.stop(None)

asyncio.run(main())
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a key and a certificate for loopback."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(pem, form, serialization.NoEncryption())
    (tmp_path / "key.pem").write_bytes(secret)
    (tmp_path / "cert.pem").write_bytes(certificate.public_bytes(pem))
    return tmp_path


def gcloud(folder: Path, script: str) -> None:
    program = folder / "gcloud"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def token(ends: datetime) -> str:
    credential = {"access_token": "of-ada", "token_expiry": ends.isoformat()}
    return f"echo '{json.dumps({'credential': credential})}'"


def ask(folder: Path) -> str:
    certificate = str(folder / "cert.pem")
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent,
        env={
            "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": certificate,
            "GRPC_VERBOSITY": "NONE",
            "HOME": str(folder),
        },
    )
    assert answer.stderr == ""
    return answer.stdout.strip()


def test_the_login_goes_with_every_question(folder: Path) -> None:
    gcloud(folder, token(datetime.now(UTC) + timedelta(hours=1)))

    assert ask(folder) == "p2/r2/s Bearer of-ada"


def test_a_login_that_cannot_be_renewed_says_how_to_log_in(folder: Path) -> None:
    # The first token has run out already; then the program has nothing more to give.
    expired = token(datetime.now(UTC) - timedelta(hours=1))
    asked = f"mkdir {folder}/asked 2>/dev/null"
    gcloud(folder, f"if {asked}; then {expired}; else echo 'Please log in.' >&2; exit 1; fi")

    said = ask(folder)

    assert said == (
        "Unauthenticated Google Cloud does not know who asks: gcloud says: Please log in; "
        "run `gcloud auth application-default login`"
    )
