from __future__ import annotations

import re

import pytest
from pull_scenes import FILE, NAME, published, source, stated_file
from stand_in_hub import COMMIT, Fault, StandInHub, git_name

from console.model.models.parts import ModelPart
from console.model.models.published import PublishedFile
from console.model.models.pulling import Checksum, Digest
from console.sources.base import (
    Denied,
    Malformed,
    Missing,
    Offline,
    SourceError,
    Throttled,
    Unauthenticated,
)
from console.sources.hub import InvalidEndpoint, endpoint_of, token_for
from console.sources.hub_errors import Unreached

TOKENIZER = PublishedFile(
    part=ModelPart.TOKENIZER,
    quantisation="",
    repository="painter/shapes",
    path="tokenizer.json",
    size=10,
)


def test_the_hub_states_size_checksum_and_commit(hub: StandInHub) -> None:
    made = published(hub)
    stated = stated_file(hub)
    assert (stated.size, stated.revision) == (len(made), COMMIT)
    assert stated.checksum.digest is Digest.SHA256
    assert not stated.as_known
    assert not stated.other_than_known


def test_a_commit_that_is_none_is_not_believed(hub: StandInHub) -> None:
    published(hub)
    hub.commit = "\x9b2J../../other"
    assert stated_file(hub).revision == "main"


def test_a_small_file_is_held_to_its_name_in_git(hub: StandInHub) -> None:
    hub.publish("painter/shapes", "tokenizer.json", b'{"a": 1}')
    hub.small = frozenset({"tokenizer.json"})
    stated = source(hub).state(TOKENIZER)
    assert stated.checksum == Checksum(Digest.GIT, git_name(b'{"a": 1}'))
    with source(hub).read(stated, 0) as body:
        assert b"".join(body.chunks) == b'{"a": 1}'


def test_a_mirror_with_tags_of_its_own_is_asked_for_its_listing(hub: StandInHub) -> None:
    made = published(hub)
    honest = stated_file(hub)
    hub.own_tag = True
    stated = stated_file(hub)
    assert (stated.checksum, stated.size) == (honest.checksum, len(made))


def test_the_file_is_read_at_the_commit_that_was_stated(hub: StandInHub) -> None:
    published(hub)
    with source(hub).read(stated_file(hub), 0) as body:
        next(body.chunks)
    assert f"/resolve/{COMMIT}/" in hub.asked[-2].path


def test_the_token_goes_to_the_hub_and_not_to_whom_it_sends_on(hub: StandInHub) -> None:
    published(hub)
    way = source(hub, "hf_secret")
    with way.read(way.state(FILE), 0) as body:
        next(body.chunks)
    assert {each.whom for each in hub.asked} == {"hub", "cdn"}
    for each in hub.asked:
        wanted = "Bearer hf_secret" if each.whom == "hub" else None
        assert each.headers.get("authorization") == wanted


def test_nothing_is_told_about_the_machine_and_nothing_else_is_asked(hub: StandInHub) -> None:
    published(hub)
    with source(hub).read(stated_file(hub), 0) as body:
        next(body.chunks)
    for each in hub.asked:
        assert re.fullmatch(
            r"zimage-console/1\.0; hf_hub/[0-9.]+; python/[0-9.]+", each.headers["user-agent"]
        )
        assert each.path.endswith(FILE.path)
        assert "xet" not in str(each.headers).lower()


def test_a_login_that_has_run_out_does_not_stand_in_the_way(hub: StandInHub) -> None:
    made = published(hub)
    hub.hub_faults.append(Fault("status", status=401))
    way = source(hub, "hf_old")
    assert way.state(FILE).size == len(made)
    assert [each.headers.get("authorization") for each in hub.asked] == ["Bearer hf_old", None]


@pytest.mark.parametrize(
    ("status", "headers", "kind", "said"),
    [
        (401, {}, Unauthenticated, "has no painter/shapes, or wants a login for it"),
        (404, {"X-Error-Code": "RepoNotFound"}, Unauthenticated, "has no painter/shapes"),
        (403, {"X-Error-Code": "GatedRepo"}, Denied, "accept them at https://huggingface.co/pain"),
        (403, {}, Denied, "does not give shapes-Q4_K_M.gguf away"),
        (404, {"X-Error-Code": "EntryNotFound"}, Missing, "has no split/shapes.* was it renamed"),
        (429, {"Retry-After": "9"}, Throttled, "allows more in 9 s; with HF_TOKEN it allows more"),
        (429, {}, Throttled, "was asked too often; with"),
        (503, {}, Offline, "answered 503"),
        (418, {}, Malformed, "answered 418"),
    ],
)
def test_a_refusal_is_one_line_with_the_mend(
    hub: StandInHub,
    status: int,
    headers: dict[str, str],
    kind: type[SourceError],
    said: str,
) -> None:
    published(hub)
    hub.hub_faults.append(Fault("status", status=status, headers=tuple(headers.items())))
    with pytest.raises(SourceError, match=said) as caught:
        stated_file(hub)
    assert type(caught.value) is kind
    assert "\n" not in caught.value.message


def test_a_file_that_the_hub_does_not_have_is_named(hub: StandInHub) -> None:
    with pytest.raises(Missing, match=rf"has no split/{NAME} in painter/shapes"):
        stated_file(hub)


def test_nobody_at_the_address_is_said_to_be_so() -> None:
    with pytest.raises(Unreached, match=r"127\.0\.0\.1:1 cannot be reached"):
        stated_file(StandInHub(endpoint="http://127.0.0.1:1"))


def test_the_address_is_the_hub_unless_another_is_named() -> None:
    assert endpoint_of({}) == "https://huggingface.co"
    assert endpoint_of({"HF_ENDPOINT": " https://hf-mirror.com/ "}) == "https://hf-mirror.com"


@pytest.mark.parametrize(
    "address",
    [
        "hf-mirror.com",
        "ftp://a.b",
        "https://",
        "https://me:secret@a.b",
        "https://a.b?x=1",
        "http:\x1b[2J",
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_a_login(address: str) -> None:
    with pytest.raises(InvalidEndpoint, match="HF_ENDPOINT") as caught:
        endpoint_of({"HF_ENDPOINT": address})
    assert "secret" not in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_token_goes_to_whom_it_is_meant_for_over_a_closed_line() -> None:
    named = {"HF_TOKEN": "hf_x"}
    assert token_for("https://huggingface.co", named) is None, "the client finds it by itself"
    assert token_for("https://hf-mirror.com", named) == "hf_x"
    assert token_for("https://hf-mirror.com", {}) is False, "what is kept here stays here"
    assert token_for("http://hf-mirror.com", named) is False
    assert token_for("http://127.0.0.1:8080", named) == "hf_x"
