"""What a bucket may be called, by Google's rules."""

from __future__ import annotations

import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.model.models.bucket_commands import changing, creating, undoing
from console.model.models.bucket_name import name_problem, usual_bucket
from console.model.models.bucket_settings import BucketSettings, SafeSettings, Setting
from console.model.text import SafeText
from console.terminal.sanitise import sanitise

_FORBIDDEN = {
    "": "3 to 63",
    "ab": "3 to 63",
    "a" * 64: "at most 63",
    "a" * 300: "3 to 63",
    "Models": "lower case",
    "my models": "lower case",
    "models\n": "lower case",
    "models\x1b[31m": "lower case",
    "módels": "lower case",
    "٣٣٣": "lower case",
    "a;rm -rf ~": "lower case",
    "$(id)": "lower case",
    "../../etc": "lower case",
    "models/o": "lower case",
    "-models": "begins and ends",
    "models-": "begins and ends",
    "_models": "begins and ends",
    "a..b": "between two dots",
    "192.168.5.4": "looks like an address",
    "goog-models": "are Google's",
    "my-google-models": "are Google's",
    "my-g00gle-models": "are Google's",
}


@pytest.mark.parametrize("name", _FORBIDDEN, ids=ascii)
def test_a_name_that_no_bucket_has_is_refused_with_the_rule(name: str) -> None:
    problem = name_problem(name, new=False)
    assert _FORBIDDEN[name] in problem
    assert problem.isascii()
    assert problem.isprintable()
    assert len(problem) < 320


@pytest.mark.parametrize("name", ["acme-z-image-models", "a_b", "0-0", "a" * 63])
def test_a_good_name_is_none_to_complain_about(name: str) -> None:
    assert name_problem(name, new=True) == ""


def test_a_name_with_dots_may_be_there_but_is_not_made() -> None:
    assert name_problem("models.example.com", new=False) == ""
    assert "owns that domain" in name_problem("models.example.com", new=True)


@given(st.from_regex(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", fullmatch=True))
def test_every_project_has_a_name_for_its_bucket(project: str) -> None:
    problem = name_problem(usual_bucket(project), new=True)
    assert not problem or "Google's" in problem


def test_a_project_of_a_domain_has_one_too() -> None:
    assert usual_bucket("example.com:acme") == "example-com-acme-z-image-models"
    assert name_problem(usual_bucket("example.com:acme"), new=True) == ""


@given(st.text(), st.text(), st.sampled_from([each for each in Setting if each.changeable]))
def test_whatever_a_cloud_says_a_command_to_copy_is_one_line_and_does_nothing_else(
    location: str, storage_class: str, setting: Setting
) -> None:
    observed = BucketSettings(
        name=SafeText("acme-models"),
        location=sanitise(location),
        storage_class=sanitise(storage_class),
    )
    for command in (
        changing(setting, observed, SafeSettings("us-central1")),
        undoing(setting, observed),
        creating("acme-models", "acme", SafeSettings("us-central1")),
    ):
        if command is None:
            continue
        assert "\n" not in command.text
        words = shlex.split(command.text)
        assert words[-len(command.words) :] == list(command.words)
        beside = words[: -len(command.words)]
        assert not beside or re.fullmatch(r"echo \{.*\} > lifecycle\.json &&", " ".join(beside))
