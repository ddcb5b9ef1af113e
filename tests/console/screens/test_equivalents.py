"""The commands that do by hand what a screen shows, as shells, `gcloud` and the console take it."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from real_gcloud import Gcloud, needs_gcloud

from console.cli import parser
from console.model.cost.estimate import FreeTier
from console.model.log.query import Query
from console.model.log.terms import InvalidQuery
from console.model.models.parts import ModelPart
from console.model.models.snapshot import FileHere, FilesHere
from console.model.service import ServiceName
from console.model.text import SafeText
from console.screens import equivalents
from console.screens.equivalents import Equivalent, PictureWish, Place, as_text
from engine.cli.arguments import parse

NOW = datetime(2026, 11, 23, 12, 5, tzinfo=UTC)
NAME = ServiceName("my-project", "us-central1", "z-image")
HERE = Place("local")
THERE = Place(str(NAME), NAME)
BEFORE = NOW - timedelta(days=7)
QUERY = "severity>=ERROR memory since=2h"


ROUNDABLE = FileHere(
    name=SafeText("z image-Q4_K.gguf"),
    part=ModelPart.TRANSFORMER,
    size=3_900,
    prepared_size=6_100,
)


def here(directory: str, *files: FileHere) -> FilesHere:
    return FilesHere(SafeText(directory), files)


def shown() -> dict[str, tuple[Equivalent, ...]]:
    return {
        "overview here": equivalents.overview(HERE, "/models/z image"),
        "overview": equivalents.overview(THERE),
        "cold starts here": equivalents.cold_starts(HERE, BEFORE, 7),
        "cold starts": equivalents.cold_starts(THERE, BEFORE, 7),
        "logs here": equivalents.logs(HERE, Query.parse(QUERY), NOW),
        "logs": equivalents.logs(THERE, Query.parse(QUERY), NOW),
        "all logs": equivalents.logs(THERE, Query(), NOW),
        "odd logs": equivalents.logs(THERE, Query.parse('-"a b" ~x(y|z) status>=500'), NOW),
        "cost here": equivalents.cost(HERE, FreeTier.NONE),
        "cost": equivalents.cost(THERE, FreeTier.SHARED),
        "models": equivalents.models(THERE, "my-models", here("/models/z image", ROUNDABLE)),
        "generate": equivalents.generate((THERE, HERE), PictureWish("a fox", "512x512", "8", "7")),
        "generate odd": equivalents.generate((HERE,), PictureWish("--help; rm -rf ~ 'x'")),
        "deploy": equivalents.deploy(THERE, None),
    }


COMMANDS = {
    f"{name} {number}": each.command
    for name, found in shown().items()
    for number, each in enumerate(found, 1)
}


def test_they_are_these() -> None:
    assert COMMANDS["overview 1"] == (
        "gcloud run services describe z-image --region=us-central1 --project=my-project"
    )
    assert COMMANDS["overview here 1"] == (
        "zimage-console status '--models=/models/z image' --context=local"
    )
    assert COMMANDS["logs 1"] == (
        "gcloud logging read "
        '\'resource.type="cloud_run_revision" AND resource.labels.location="us-central1" '
        'AND resource.labels.service_name="z-image" AND timestamp>="2026-11-23T10:05:00.000000Z" '
        'AND severity>=ERROR AND "memory"\' --project=my-project --limit=1000 --order=desc'
    )
    assert COMMANDS["logs 2"] == (
        "zimage-console logs --context=my-project/us-central1/z-image "
        "-- 'severity>=ERROR memory since=2h'"
    )
    assert COMMANDS["logs here 1"] == (
        "zimage-console logs -f --context=local -- 'severity>=ERROR memory since=2h'"
    )
    assert COMMANDS["cost 1"] == (
        "zimage-console cost --free=shared --context=my-project/us-central1/z-image"
    )
    assert COMMANDS["models 1"] == "gcloud storage ls --long --recursive gs://my-models"
    assert COMMANDS["models 3"] == "ls -l '/models/z image'"
    assert COMMANDS["generate 2"] == (
        "zimage-console generate --size=512x512 --steps=8 --seed=7 --output=picture.png "
        "--context=local -- 'a fox'"
    )


@pytest.mark.parametrize(
    ("directory", "taken"),
    [
        ("~/models/z-image", "ls -l ~/models/z-image"),
        ("~/it's mine", "ls -l ~/'it'\"'\"'s mine'"),
        ("~", "ls -l '~'"),
        ("~other/x", "ls -l '~other/x'"),
        ("/a b", "ls -l '/a b'"),
    ],
)
def test_a_shell_finds_the_directory_of_a_person(directory: str, taken: str) -> None:
    assert [each.command for each in equivalents.models(HERE, None, here(directory))] == [taken]


def test_a_transformer_is_rounded_by_a_command_unless_it_is_already() -> None:
    def commands(file: FileHere) -> list[str]:
        return [each.command for each in equivalents.models(HERE, None, here("~/a b", file))]

    listed = "ls -l ~/'a b'"
    written = "python -m engine convert --models ~/'a b' --output 'z image-Q4_K-int8.gguf'"
    assert commands(ROUNDABLE) == [listed, written]
    assert commands(replace(ROUNDABLE, prepared_size=0)) == [listed]


def test_what_cloud_logging_cannot_be_asked_for_is_said() -> None:
    found = shown()
    assert found["logs"][0].about == "these lines, from Cloud Logging"
    assert found["all logs"][0].about == "these lines, from Cloud Logging"
    assert "and others" in found["odd logs"][0].about
    two_words = equivalents.logs(THERE, Query.parse("memory exceeded"), NOW)
    assert "and others" in two_words[0].about


def test_without_anything_to_show_there_is_no_command() -> None:
    assert equivalents.models(THERE, None, None) == ()
    assert equivalents.deploy(HERE, None) == ()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_shell_takes_each_as_one_command(name: str) -> None:
    words = shlex.split(COMMANDS[name])
    assert words[0] in ("gcloud", "zimage-console", "ls", "python")
    assert not {";", "&&", "|", ">"} & set(words)


@pytest.mark.parametrize("name", [name for name in COMMANDS if "zimage" in COMMANDS[name]])
def test_the_console_takes_its_own(name: str) -> None:
    program, *words = shlex.split(COMMANDS[name])
    if program == "zimage-console":
        taken = vars(parser().parse_args(words))
        assert taken["verb"] == words[0]
        assert taken["context"] in (HERE.context, THERE.context)


def test_the_engine_takes_its_own() -> None:
    (words,) = (shlex.split(each) for each in COMMANDS.values() if each.startswith("python"))
    assert words[:3] == ["python", "-m", "engine"]
    taken = parse(words[3:])
    assert (taken["models"], taken["output"]) == ("/models/z image", "z image-Q4_K-int8.gguf")


def test_its_own_verbs_are_given_what_was_written() -> None:
    taken = vars(parser().parse_args(shlex.split(COMMANDS["odd logs 2"])[1:]))
    assert " ".join(taken["query"]) == '-"a b" ~x(y|z) status>=500'
    taken = vars(parser().parse_args(shlex.split(COMMANDS["generate odd 1"])[1:]))
    assert taken["prompt"] == "--help; rm -rf ~ 'x'"


@given(st.text(max_size=80))
def test_a_prompt_stays_one_word_whatever_it_is(prompt: str) -> None:
    (made,) = equivalents.generate((HERE,), PictureWish(prompt))
    assert made.command.isprintable()
    if prompt.isprintable():
        assert shlex.split(made.command)[-1] == prompt


@given(st.text(max_size=80))
def test_a_query_stays_one_word_whatever_it_is(text: str) -> None:
    try:
        query = Query.parse(text)
    except InvalidQuery:
        return
    for each in equivalents.logs(THERE, query, NOW):
        assert each.command.isprintable()


def test_all_of_them_are_text_that_a_shell_takes() -> None:
    text = as_text([Equivalent("a note"), *shown()["overview"]])
    assert text.startswith("# a note\n\n# what Cloud Run says of the service\ngcloud run services")
    commands = [each for each in text.splitlines() if each and not each.startswith("#")]
    assert commands == [each.command for each in shown()["overview"]]


TO_GCLOUD = {name: line for name, line in COMMANDS.items() if line.startswith("gcloud")}
DIFFERENT = {re.sub(r"'[^']*'", "FILTER", line): name for name, line in reversed(TO_GCLOUD.items())}


@needs_gcloud
@pytest.mark.thorough
@pytest.mark.parametrize("name", sorted({*DIFFERENT.values(), "cold starts 2", "odd logs 1"}))
async def test_gcloud_knows_every_word_of_it(name: str, tmp_path: Path) -> None:
    """It says 2 for what it does not understand; nobody answers what it asks for here."""
    said = await Gcloud("127.0.0.1:9", tmp_path).in_shell(TO_GCLOUD[name])
    assert said.code in (0, 1), said.errors
    for words in ("unrecognized arguments", "Invalid choice", "argument --", "Invalid value"):
        assert words not in said.errors
