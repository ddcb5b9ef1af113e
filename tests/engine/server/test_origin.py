"""Which pages may call, by what a browser says of them, and who a client is."""

from __future__ import annotations

import pytest

from engine.server.client import client_key
from engine.server.origin import OriginPolicy

LISTED = "https://studio.example"
OPEN = OriginPolicy((), local=False)
LISTING = OriginPolicy((LISTED,), local=False)
LOCAL = OriginPolicy((), local=True)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin", "origin": "https://engine.example"},
        {"sec-fetch-site": "none"},
        {"origin": "https://engine.example"},
        {"origin": "http://engine.example"},
    ],
    ids=["a program", "own page", "typed", "older browser", "behind a proxy"],
)
def test_programs_and_the_own_page_may_ask_for_pictures(headers: dict[str, str]) -> None:
    assert OPEN.refusal("POST", {"host": "engine.example", **headers}) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
        {"sec-fetch-site": "same-site", "origin": "https://other.engine.example"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "https://engine.example:8443"},
    ],
)
def test_pages_of_others_may_not(headers: dict[str, str]) -> None:
    refusal = OPEN.refusal("POST", {"host": "engine.example", **headers})

    assert refusal is not None
    assert (refusal.status, refusal.code) == (403, "origin_not_allowed")


def test_reading_is_left_to_the_browsers_own_rules() -> None:
    assert OPEN.refusal("GET", {"host": "e", "sec-fetch-site": "cross-site"}) is None
    assert "access-control-allow-origin" not in OPEN.answer_headers({"origin": LISTED})


def test_a_listed_origin_may_call_and_read() -> None:
    headers = {"host": "e", "origin": LISTED, "sec-fetch-site": "cross-site"}

    assert LISTING.refusal("POST", headers) is None
    assert LISTING.answer_headers(headers)["access-control-allow-origin"] == LISTED
    assert "access-control-allow-credentials" not in LISTING.answer_headers(headers)


def test_only_a_listed_origin_gets_its_preflight_answered() -> None:
    asked = {"access-control-request-method": "POST"}

    assert LISTING.preflight("OPTIONS", {"origin": LISTED, **asked}) is not None
    assert LISTING.preflight("OPTIONS", {"origin": "https://evil.example", **asked}) is None
    assert LISTING.preflight("OPTIONS", {"origin": LISTED}) is None
    assert LISTING.answer_headers({"origin": "https://evil.example"}) == {"vary": "origin"}


@pytest.mark.parametrize(
    "host",
    [
        "localhost:7860",
        "127.0.0.1",
        "[::1]:7860",
        "10.0.0.7:80",
        "engine",
        "host.docker.internal:7860",
    ],
)
def test_a_local_engine_answers_to_addresses_and_plain_names(host: str) -> None:
    assert LOCAL.refusal("GET", {"host": host}) is None


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:7860", "[::1", "a.b]"])
def test_a_local_engine_does_not_answer_to_a_strangers_name(host: str) -> None:
    refusal = LOCAL.refusal("GET", {"host": host})

    assert refusal is not None
    assert refusal.code == "host_not_allowed"


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "expected"),
    [
        ("192.0.2.1", "", 0, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", 0, "192.0.2.1"),
        ("169.254.1.1", "1.1.1.1, 198.51.100.7", 1, "198.51.100.7"),
        ("169.254.1.1", "1.1.1.1, 198.51.100.7, 10.0.0.1", 2, "198.51.100.7"),
        ("169.254.1.1", "", 2, "169.254.1.1"),
        ("2001:db8:1:2:3:4:5:6", "", 0, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "", 0, "192.0.2.1"),
        ("", "unknown", 1, "unknown"),
        ("192.0.2.1", "x" * 1_000, 1, "x" * 64),
    ],
)
def test_a_client_is_who_the_last_trusted_proxy_saw(
    peer: str, forwarded: str, proxies: int, expected: str
) -> None:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}

    assert client_key(peer, headers, proxies) == expected
