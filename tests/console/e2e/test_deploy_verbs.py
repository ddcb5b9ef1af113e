"""The verbs of a deployment as somebody types them, in processes of their own, on a sandbox."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from deploy_verbs_scene import Operator, operator
from small_disk import small_disk
from whole_state import differing, whole_state

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def at(
    tmp_path: Path, tiny_model_directory: Path, environment: dict[str, str]
) -> Iterator[Operator]:
    """Somebody who has a project with nothing in it."""
    with operator(tmp_path, tiny_model_directory, environment, "--empty") as somebody:
        yield somebody


def test_a_service_from_its_plan_to_its_end(at: Operator, tmp_path: Path) -> None:
    empty = whole_state(at.state)
    planned = at.type(*at.deploy, "--plan", "--json")
    assert (planned.code, planned.errors) == (0, "")
    assert planned.document["service"]["template"]["containers"][0]["env"]
    assert differing(empty, whole_state(at.state)) == {}

    made = at.type(*at.deploy, "--apply")
    assert made.code == 0, made.errors
    assert "done: deploy zimage to local-1 of sandbox" in made.output
    told = made.errors.splitlines()
    assert told[0].startswith("done     1/11 switch on ")
    assert told[-1] == 'try it: zimage-console generate "a red circle" --context sandbox'
    picture = tmp_path / "circle.png"
    said = at.type("generate", "a red circle", "--size", "64x64", "-o", str(picture))
    assert (said.code, said.output) == (0, f"{picture}\n")
    assert picture.read_bytes().startswith(PNG)

    again = at.type(*at.deploy, "--apply", "--json")
    assert again.code == 0
    assert (again.document["outcome"], again.document["why"]) == ("nothing to do", [])
    assert at.revisions() == 1

    changed = at.type(*at.deploy, "--timeout", "600")
    assert "timeout: 900 s → 600 s" in changed.output
    assert "~  9 change 1 setting of zimage" in changed.output
    changed = at.type(*at.deploy, "--timeout", "600", "--apply", "--json")
    assert (changed.code, changed.document["outcome"]) == (0, "done")
    assert changed.document["url"].startswith("http://127.0.0.1:")
    assert at.revisions() == 2

    back = at.type("rollback", "--json")
    assert (back.code, back.document["outcome"]) == (0, "done")
    (share,) = back.document["plan"]["traffic"]
    assert share["revision"].startswith("zimage-00001-")
    latest = at.type("traffic", "LATEST=100")
    assert "done: split the requests of zimage" in latest.output
    assert "try it" not in latest.errors

    stopped = at.type("scale", "0")
    assert (stopped.code, stopped.output.splitlines()[-2]) == (0, "done: scale zimage to 0")
    assert "nothing starts any more" in stopped.output
    assert at.type("scale", "auto").code == 0
    assert "There is nothing to do." in at.type("scale", "auto").output

    unsure = at.type("destroy", "--with-bucket")
    assert unsure.code == 3
    assert unsure.complaint.endswith("what is removed cannot be had back: add --confirm zimage")
    assert at.type("destroy", "--with-bucket", "--confirm", "z-image", "--json").code == 3
    gone = at.type("destroy", "--with-bucket", "--confirm", "zimage", "--json")
    assert (gone.code, gone.document["outcome"]) == (0, "done")
    assert {each["state"] for each in gone.document["steps"]} == {"done"}
    nothing = at.type("destroy", "--with-bucket", "--json")
    assert (nothing.code, nothing.document["outcome"]) == (0, "nothing to do")
    # APIs stay on, and so does the memory of what was built.
    left = differing(empty, whole_state(at.state))
    assert all(way.startswith(("/disabled", "/built")) for way in left)


def test_signals_end_it_in_one_line_and_the_same_command_goes_on(at: Operator) -> None:
    at.switch("build-slow", on=True, amount=3)
    with at.on_terminal(*at.deploy, "--apply") as first:
        first.until("6/11 building")
        os.kill(first.pid, signal.SIGINT)
        assert first.ended() == 130
    assert first.written.decode().endswith(
        "zimage-console: ended by SIGINT; the same command goes on where this ended\r\n"
    )
    with at.begun(*at.deploy, "--apply", "--json") as begun:
        assert begun.stderr is not None
        assert begun.stdout is not None
        while not begun.stderr.readline().startswith("as is    5/11 "):
            continue
        begun.send_signal(signal.SIGHUP)
        document = json.loads(begun.stdout.read())
        assert begun.wait() == 129
    assert document["outcome"] == "stopped"
    assert [each["state"] for each in document["steps"][4:7]] == ["skipped", "running", "waiting"]
    with at.on_terminal(*at.deploy, "--apply") as second:
        second.until(" 6/11")
        second.until("9/11 ")
        os.kill(second.pid, signal.SIGTERM)
        assert second.ended() == 143
    assert "ended by SIGTERM; the same" in second.written.decode().splitlines()[-1]
    third = at.type(*at.deploy, "--apply")
    assert third.code == 0, third.errors
    assert at.builds() == ["SUCCESS"]
    assert at.revisions() == 1


def test_going_public_is_typed(at: Operator) -> None:
    public = (*at.deploy, "--public", "--apply")
    with at.nothing_changes():
        asked = at.type(*public)
        assert asked.code == 3
        assert asked.complaint.endswith("a day at most: add --confirm public")
        refused = at.type(*public, "--json", "--confirm", "yes")
        assert (refused.code, refused.document["outcome"]) == (3, "not confirmed")
        assert {each["state"] for each in refused.document["steps"]} == {"waiting"}
        with at.on_terminal(*public) as opened:
            opened.until("a day at most; type public to go on: ")
            opened.type("yes\n")
            assert opened.ended() == 3
        assert b"public was not typed; nothing was changed" in opened.written
        with at.on_terminal(*public) as opened:
            opened.until("type public to go on: ")
            os.kill(opened.pid, signal.SIGINT)
            assert opened.ended() == 130
        assert b"zimage-console: interrupted; nothing was changed" in opened.written
    with at.on_terminal(*public) as opened:
        opened.until("type public to go on: ")
        opened.type("public\n")
        opened.until("done     1/11 ")
        os.kill(opened.pid, signal.SIGINT)
        assert opened.ended() == 130


def test_read_only_carries_nothing_out(at: Operator) -> None:
    with at.nothing_changes():
        for verb in (
            (*at.deploy, "--apply"),
            ("scale", "0"),
            ("rollback",),
            ("destroy", "--confirm", "zimage"),
        ):
            refused = at.type(*verb, "--read-only", "--json")
            assert (refused.code, refused.document["outcome"]) == (3, "refused")
            assert "read-only" in refused.complaint
        assert at.type(*at.deploy, "--read-only").code == 0


def test_the_second_of_two_at_once_is_refused(at: Operator) -> None:
    at.switch("build-slow", on=True, amount=30)
    with at.on_terminal(*at.deploy, "--apply") as first:
        first.until("6/11 building")
        second = at.type(*at.deploy, "--apply", "--json")
        assert (second.code, second.document["outcome"]) == (1, "failed")
        assert "another process on this machine carries out a plan" in second.complaint
        assert "SIG" not in second.errors
        os.kill(first.pid, signal.SIGTERM)
        assert first.ended() == 143


def test_without_a_network_it_ends_in_one_line_before_and_waits_midway(at: Operator) -> None:
    with at.nothing_changes(), at.gone_wrong("network-down"):
        shown = at.type(*at.deploy, "--plan")
        assert shown.code == 0
        assert "not from here: " in shown.output
        refused = at.type(*at.deploy, "--apply", "--json")
        assert (refused.code, refused.document["outcome"]) == (1, "refused")
        assert "zimage-console doctor" in refused.errors
    at.switch("build-slow", on=True, amount=1)
    with at.on_terminal(*at.deploy, "--apply") as opened:
        opened.until("6/11 building")
        at.switch("network-down", on=True)
        opened.until("trying again in")
        at.switch("network-down", on=False)
        opened.until("done    11/11 ")
        assert opened.ended() == 0
    assert at.builds() == ["SUCCESS"]


def test_whoever_has_read_enough_ends_it_quietly(at: Operator) -> None:
    with at.nothing_changes():
        for apply in ((), ("--apply",)):
            read, write = os.pipe()
            os.close(read)
            with os.fdopen(write, "w") as closed:
                ended = subprocess.run(
                    at.command([*at.deploy, *apply]),
                    env=at.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=closed,
                    stderr=subprocess.PIPE,
                    text=True,
                    check=False,
                )
            assert (ended.returncode, ended.stderr) == (1, "")


def test_a_full_disk_is_told_of_before_anything_is_changed(at: Operator) -> None:
    at.journal.mkdir()
    with small_disk(at.journal, 1 << 16) as disk:
        if disk is None:
            pytest.skip("this kernel lets nobody have a disk of their own")
        disk.fill()
        with at.nothing_changes():
            ended = at.type(*at.deploy, "--apply", "--json", within=disk.enter())
            assert (ended.code, ended.document["outcome"]) == (1, "failed")
            assert "No space left on device" in ended.complaint
            assert "make room" in ended.complaint


@pytest.mark.thorough
def test_the_guide_followed_as_it_is_but_for_a_name_that_is_taken(
    at: Operator, tmp_path: Path
) -> None:
    model = ("--source", str(at.source), "--models", str(at.models))
    guide = ("deploy", "--cpu", "--as-in-guide", *model)
    with at.nothing_changes():
        refused = at.type(*guide, "--apply", "--confirm", "public")
    assert refused.code == 1
    assert "the name gs://z-image-models is taken" in refused.errors
    assert "choose another by --bucket, such as sandbox-z-image-models-2" in refused.errors

    mended = (*guide, "--bucket", "sandbox-z-image-models-2")
    shown = at.type(*mended)
    assert "do      gcloud run deploy zimage --image=" in shown.output
    assert "bucket=sandbox-z-image-models-2 --add-volume-mount=volume=models,mount-path=/app" in (
        shown.output
    )
    assert "not as in the guide" not in shown.output
    assert "no limit of instances is set" in shown.output
    made = at.type(*mended, "--apply", "--confirm", "public")
    assert made.code == 0, made.errors
    picture = tmp_path / "circle.png"
    said = at.type("generate", "a red circle", "--size", "64x64", "-o", str(picture))
    assert (said.code, picture.read_bytes()[:8]) == (0, PNG)
    again = at.type(*mended, "--apply", "--json")
    assert (again.code, again.document["outcome"]) == (0, "nothing to do"), again.errors
