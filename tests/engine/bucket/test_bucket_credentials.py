"""In whose name a bucket is read, and that no token is ever shown."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from faulty_bucket import FaultyBucket

from engine.errors import ModelNotFound
from engine.weights.bucket.bucket import Bucket
from engine.weights.bucket.credentials import (
    Credentials,
    MachineAccount,
    Nobody,
    Token,
    Tokens,
    UserLogin,
    find_credentials,
)
from engine.weights.bucket.line import Endpoint, Patience

SECRET = "ya29.very-secret"
USER = {
    "type": "authorized_user",
    "client_id": "me",
    "client_secret": "whisper",
    "refresh_token": "1//again",
}


def listed(bucket: FaultyBucket, credentials: Credentials) -> set[str]:
    """Return the names in the bucket as somebody sees it."""
    patience = Patience(tries=2, stall=1.0, first_wait=0.001)
    asking = Bucket("models", Endpoint.parse(bucket.url), Tokens(credentials), patience)
    line = asking.line()
    try:
        return set(asking.list_folder("", line).objects)
    finally:
        line.close()


def machine(bucket: FaultyBucket) -> MachineAccount:
    return MachineAccount(bucket.url.removeprefix("http://"))


def login(bucket: FaultyBucket, folder: Path) -> dict[str, str]:
    """Leave a login as gcloud does; return the environment in which it is found."""
    (folder / "gcloud").mkdir()
    there = folder / "gcloud" / "application_default_credentials.json"
    there.write_text(json.dumps(USER | {"token_uri": f"{bucket.url}/token"}))
    return {"CLOUDSDK_CONFIG": str(folder / "gcloud")}


def test_a_machine_of_google_s_has_a_token(bucket: FaultyBucket):
    bucket.valid, bucket.tokens = SECRET, [SECRET]
    assert listed(bucket, machine(bucket)) == set(bucket.objects)


def test_a_token_that_is_turned_down_is_renewed_once(bucket: FaultyBucket):
    bucket.valid, bucket.tokens = SECRET, ["old", SECRET]
    assert listed(bucket, machine(bucket)) == set(bucket.objects)
    assert [each.token for each in bucket.asked if each.token] == ["old", SECRET]


def test_a_token_is_kept_until_shortly_before_it_ends():
    given = iter([Token("first", 3_600.0), Token("second", 3_600.0)])
    now = [0.0]

    class Giver(Nobody):
        def token(self) -> Token:
            return next(given)

    tokens = Tokens(Giver(), lambda: now[0])
    seen = []
    for now[0] in (0.0, 3_300.0, 3_400.0, 3_500.0):
        seen.append(tokens.current())
    assert seen == ["first", "first", "second", "second"]


def test_a_login_of_gcloud_s_is_exchanged_for_a_token(bucket: FaultyBucket, tmp_path: Path):
    bucket.valid, bucket.tokens = SECRET, [SECRET]
    credentials = find_credentials(login(bucket, tmp_path))
    assert listed(bucket, credentials) == set(bucket.objects)
    (exchange,) = [each for each in bucket.asked if each.path == "/token"]
    assert parse_qs(exchange.token) == {
        "grant_type": ["refresh_token"],
        "client_id": ["me"],
        "client_secret": ["whisper"],
        "refresh_token": ["1//again"],
    }


def test_a_login_that_has_ended_says_how_to_log_in(bucket: FaultyBucket, tmp_path: Path):
    credentials = find_credentials(login(bucket, tmp_path))
    with pytest.raises(ModelNotFound, match="run: gcloud auth application-default login"):
        listed(bucket, credentials)


def test_who_may_not_read_is_named_with_the_role_that_is_missing(bucket: FaultyBucket):
    bucket.denied, bucket.tokens = "list", [SECRET]
    with pytest.raises(ModelNotFound) as refused:
        listed(bucket, machine(bucket))
    assert str(refused.value) == (
        "gs://models may not be read by the machine's service account: it lacks "
        "storage.objects.list; grant it the role Storage Object Viewer "
        "(roles/storage.objectViewer) on the bucket"
    )


def test_the_file_that_is_named_comes_first(bucket: FaultyBucket, tmp_path: Path):
    named = tmp_path / "mine.json"
    named.write_text(json.dumps(USER))
    environ = login(bucket, tmp_path) | {"GOOGLE_APPLICATION_CREDENTIALS": str(named)}
    assert find_credentials(environ).whose == f"the login in {named}"


def test_a_machine_of_google_s_is_known_by_its_variables(tmp_path: Path):
    home = {"HOME": str(tmp_path)}
    assert find_credentials(home | {"K_SERVICE": "z"}) == MachineAccount("metadata.google.internal")
    at = {"GCE_METADATA_HOST": "10.0.0.1:80"}
    assert find_credentials(home | at) == MachineAccount("10.0.0.1:80")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "cannot be read"),
        ("[]", "of a kind that the engine cannot use (None)"),
        ('{"type": "external_account"}', "(external_account); run: gcloud auth"),
        ('{"type": "authorized_user"}', "lack 'client_id'"),
        ('{"type": "service_account", "client_email": "a@b"}', "lack 'private_key_id'"),
    ],
)
def test_a_file_that_is_no_use_is_refused_in_one_line(tmp_path: Path, content: str, reason: str):
    file = tmp_path / "key.json"
    file.write_text(content)
    with pytest.raises(ModelNotFound) as refused:
        find_credentials({"GOOGLE_APPLICATION_CREDENTIALS": str(file)})
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Token(SECRET, 1.0),
        lambda: UserLogin(Path("a"), "b", SECRET, SECRET),
        lambda: Tokens(UserLogin(Path("a"), "b", SECRET, SECRET)),
    ],
)
def test_secrets_show_nowhere(make: Callable[[], object]):
    assert SECRET not in repr(make())


def test_no_token_stands_in_an_error(bucket: FaultyBucket):
    bucket.valid, bucket.tokens = "another", [SECRET, SECRET]
    with pytest.raises(ModelNotFound) as refused:
        listed(bucket, machine(bucket))
    assert SECRET not in "".join(traceback.format_exception(refused.value))
