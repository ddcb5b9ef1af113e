"""The verb `models bucket`: what it says, what it does, and with which code it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bucket_scene import NAME, Cloud

from console.cli import main
from console.sandbox.faults import Fault

Said = tuple[int, str, str]
Run = Callable[..., Said]


@pytest.fixture
def run(
    cloud: Cloud,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run `models bucket` against the storage."""
    home = tmp_path / "home"
    state = home / "zimage-console" / "sandbox"
    state.mkdir(parents=True)
    nowhere = "127.0.0.1:1"
    http = cloud.served.url.removeprefix("http://")
    told = {"run": nowhere, "logging": nowhere, "http": http}
    (state / "address.json").write_text(json.dumps(told))
    monkeypatch.setenv("XDG_STATE_HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments: str, name: str = NAME) -> Said:
        code = main(["models", "bucket", "--context", "sandbox", "--name", name, *arguments])
        output, errors = capsys.readouterr()
        return code, output, errors

    return run


def document(said: Said) -> Any:
    assert said[0] == 0, said
    return json.loads(said[1])


def is_there(cloud: Cloud, name: str = NAME) -> bool:
    return cloud.served.client().lookup_bucket(name, retry=None) is not None


def test_it_is_planned_made_and_then_there_is_nothing_to_do(cloud: Cloud, run: Run) -> None:
    planned = run("--create")
    assert planned[0] == 0
    assert "gs://acme-z-image-models is to be made in local-1, project sandbox" in planned[1]
    assert "Nothing was changed; --apply carries it out." in planned[1]
    assert not is_there(cloud)

    made = run("--create", "--apply")
    assert made[:1] + made[2:] == (0, "")
    assert "made gs://acme-z-image-models in local-1" in made[1]
    assert "undone by: gcloud storage buckets delete gs://acme-z-image-models" in made[1]
    before = cloud.shown()

    assert "There is nothing to do." in run("--create", "--apply")[1]
    assert run()[1] == "gs://acme-z-image-models in local-1 is as it should be.\n"
    assert cloud.shown() == before


def test_all_of_it_is_told_as_one_document(cloud: Cloud, run: Run) -> None:
    planned = document(run("--create", "--json"))
    assert (planned["exists"], planned["applied"], planned["settings"]) == (False, False, None)
    assert planned["command"].count("gcloud storage buckets create") == 1
    assert not is_there(cloud)

    made = document(run("--create", "--apply", "--soft-delete", "0", "--json"))
    assert (made["exists"], made["applied"], made["left"]) == (True, True, [])
    assert made["settings"]["soft_delete_seconds"] == 0
    assert made["settings"]["public_access_prevented"] is True

    cloud.patch({"versioning": {"enabled": True}})
    (found,) = document(run("--json"))["differences"]
    assert found["setting"] == "versions"
    assert found["command"].endswith("--no-versioning")
    assert found["undo"].endswith("--versioning")
    assert document(run("--apply", "--json"))["left"] == []
    assert document(run("--apply", "--json"))["applied"] is False


def test_what_is_changed_is_told_with_the_way_back(cloud: Cloud, run: Run) -> None:
    cloud.make({"name": NAME, "location": "local-1"})
    code, output, errors = run("--apply")
    assert (code, errors) == (0, "")
    assert "public access: possible → prevented" in output
    assert output.count("undone by: gcloud storage buckets update") == 3


def test_nothing_is_changed_read_only(cloud: Cloud, run: Run) -> None:
    code, output, errors = run("--create", "--apply", "--read-only")
    assert (code, output) == (3, "")
    assert "refused because the console is read-only" in errors
    assert not is_there(cloud)
    assert run("--create", "--read-only")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "name", "code", "words"),
    [
        ([], NAME, 1, "there is no bucket gs://acme-z-image-models; make it by --create"),
        (["--create"], "Models", 2, "--name: no bucket can be called 'Models': write it in lower"),
        (["--create"], "a\x1b[31m", 2, "no bucket can be called 'a\\x1b[31m'"),
        (["--create"], "gs://x", 2, "3 to 63 characters"),
        (["--create"], "", 2, "3 to 63 characters"),
        (["--create"], "a.b.example.com", 1, "whoever owns that domain"),
        (["--create", "--region", "here; rm"], NAME, 2, "--region: 'here; rm' is no region"),
        (["--create", "--region", ""], NAME, 2, "--region: '' is no region"),
        (["--create"], "z-image-models", 1, "belongs to somebody else"),
        (["--create", "--apply"], "z-image-models", 1, "choose another by --name"),
    ],
    ids=lambda each: ascii(each)[:40] if isinstance(each, str) else None,
)
def test_what_cannot_be_is_refused_in_one_line_with_the_mend(
    cloud: Cloud, run: Run, arguments: list[str], name: str, code: int, words: str
) -> None:
    said = run(*arguments, name=name)
    assert (said[0], said[1]) == (code, "")
    assert words in said[2]
    assert said[2].count("\n") == 1
    assert said[2].isprintable() or said[2][:-1].isprintable()
    assert not is_there(cloud)


def test_a_region_that_cannot_be_changed_ends_in_failure_after_the_rest(
    cloud: Cloud, run: Run
) -> None:
    cloud.make({"name": NAME, "location": "europe-west4"})
    assert run()[0] == 0

    code, output, errors = run("--apply")
    assert code == 1
    assert "changed gs://acme-z-image-models" in output
    assert "location is europe-west4, not local-1: no bucket moves" in errors
    again = run("--apply")
    assert (again[0], "Nothing of it can be changed." in again[1]) == (1, True)


def test_a_missing_permission_is_named_with_its_role(cloud: Cloud, run: Run) -> None:
    cloud.served.faults.begin(Fault.STORAGE_DENIED)
    code, output, errors = run("--create", "--apply")
    cloud.served.faults.end(Fault.STORAGE_DENIED)
    assert (code, output) == (1, "")
    assert "permission storage.buckets.get is missing; have roles/storage.bucketViewer" in errors


def test_a_name_may_be_an_address(cloud: Cloud, run: Run) -> None:
    assert run("--create", "--apply", name=f"gs://{NAME}/")[0] == 0
    assert is_there(cloud)


def test_without_a_service_a_bucket_has_to_be_named(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "bucket", "--create"]) == 2
    assert "no bucket is named: add --context" in capsys.readouterr().err
