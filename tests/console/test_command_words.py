"""The language of the command line, without a screen."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_languages import in_every_language

from console.actions import ACTIONS, Action, Scope, action
from console.commands.words import Command, UnknownCommand, begun, commands, offers, wish
from console.language import tr

CONTEXTS = ("local", "sandbox", "my-project/us-central1/z-image")
HERE = [*Scope]


def known(scope: Scope | None = Scope.LOGS) -> tuple[Command, ...]:
    return commands(scope, CONTEXTS)


def meant(line: str, scope: Scope | None = Scope.LOGS) -> tuple[str, str]:
    found = wish(line, known(scope))
    return (found.command.action.id if found.command.action else found.command.name), found.rest


@pytest.mark.parametrize("scope", HERE)
@pytest.mark.parametrize("each", ACTIONS, ids=lambda each: each.id)
def test_every_action_is_meant_by_its_id_on_every_screen(each: Action, scope: Scope) -> None:
    if each.id != "app.command":
        assert meant(each.id, scope) == (each.id, "")


@in_every_language
@pytest.mark.parametrize("each", ACTIONS, ids=lambda each: each.id)
def test_every_action_is_meant_by_its_label_where_it_works(each: Action, language: str) -> None:
    scope = Scope.LOGS if each.scope is Scope.GLOBAL else each.scope
    for label in (each.label, tr(each.label)):
        if each.id == "app.command":
            continue
        found = action(meant(label, scope)[0])
        assert found is each or label in (found.label, tr(found.label), found.id.split(".")[1])


@pytest.mark.parametrize(
    ("line", "identifier"),
    [
        ("logs", "app.logs"),
        (":logs", "app.logs"),
        ("  LOGS  ", "app.logs"),
        ("cold starts", "app.coldstarts"),
        ("cold-starts", "app.coldstarts"),
        ("roll back", "deploy.rollback"),
        ("quit", "app.quit"),
        ("q", "app.quit"),
        ("ctx", "app.context"),
        ("follow", "logs.follow"),
        ("Copy JSON", "logs.copy_json"),
        ("copy", "logs.copy"),
        ("times", "logs.times"),
        ("drift", "deploy.drift"),
    ],
)
def test_names_are_short_where_that_is_clear(line: str, identifier: str) -> None:
    assert meant(line) == (identifier, "")


def test_screens_go_before_what_a_screen_calls_the_same() -> None:
    assert meant("logs", Scope.COLD_STARTS) == ("app.logs", "")
    assert meant("its log", Scope.COLD_STARTS) == ("coldstarts.logs", "")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("logs severity>=ERROR  memory", ("app.logs", "severity>=ERROR  memory")),
        ("context sandbox", ("app.context", "sandbox")),
        ("ctx my-project/us-central1/z-image", ("app.context", CONTEXTS[2])),
        ("generate a red fox", ("app.generate", "a red fox")),
        ("lang zh", ("lang", "zh")),
    ],
)
def test_some_take_what_stands_behind_them(line: str, said: tuple[str, str]) -> None:
    assert meant(line) == said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("folow", "there is no command 'folow'; did you mean follow?"),
        ("xyzzy", "there is no command 'xyzzy'; delete it to see what there is"),
        ("quit now", "quit takes nothing behind it"),
        ("context sandbx", "context does not know 'sandbx'; did you mean sandbox?"),
        ("lang fr", "lang does not know 'fr'; it takes en or zh"),
        ("lang", "write en or zh behind lang"),
        ("details", "several screens have details; write models.details or deploy.details"),
    ],
)
def test_what_means_nothing_is_said_in_one_line(line: str, said: str) -> None:
    with pytest.raises(UnknownCommand) as refused:
        meant(line)
    assert str(refused.value) == said


@pytest.mark.parametrize("language", ["zh"], indirect=True)
def test_it_is_said_in_chinese(language: str) -> None:
    with pytest.raises(UnknownCommand) as refused:
        meant("xyzzy")
    assert str(refused.value) == "没有命令 'xyzzy'；清空后会列出可用命令"
    assert meant("日志") == ("app.logs", "")
    assert meant("跟随") == ("logs.follow", "")
    assert meant("Follow") == ("logs.follow", "")


def test_what_is_written_is_completed_with_what_works_here_first() -> None:
    lines = [line for line, _ in offers("fol", known())]
    assert lines == ["follow"]
    assert next(line for line, _ in offers("con", known())) == "context"
    assert [line for line, _ in offers("context s", known())] == ["context sandbox"]
    assert [line for line, _ in offers("lang ", known())] == ["lang en", "lang zh"]
    destroying = {"deploy.destroy", "deploy.drift", "deploy.details"}
    assert {line for line, _ in offers("deploy.d", known())} == destroying
    assert offers("quit now", known()) == ()


def test_the_screens_are_offered_before_anything_is_written() -> None:
    lines = [line for line, _ in offers("", known())]
    assert lines[:7] == ["overview", "coldstarts", "logs", "cost", "generate", "models", "deploy"]


def test_a_beginning_means_what_it_alone_can_mean() -> None:
    found = begun("foll", known())
    assert found is not None
    assert found.name == "follow"
    assert begun("co", known()) is None
    assert begun("", known()) is None


@given(st.text(max_size=60), st.sampled_from(HERE))
def test_whatever_is_written_means_something_or_is_refused_in_one_line(
    line: str, scope: Scope
) -> None:
    found = known(scope)
    assert len(offers(line, found)) <= 8
    begun(line, found)
    with suppress(UnknownCommand):
        assert wish(line, found).command in found
