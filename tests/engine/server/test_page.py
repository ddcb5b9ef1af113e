"""The web page's files: whole, unable to load or run anything else, and in two languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from running_engine import RunningEngine

import engine.server.page

FOLDER = Path(engine.server.page.__file__).parent
SCRIPTS = sorted(FOLDER.glob("*.js"))
LANGUAGES = ("en.js", "zh.js")


def named_in(text: str) -> list[str]:
    return re.findall(r'(?:src|href)="(/[^"]*)"', text)


def words_of(language: str) -> dict[str, str]:
    return dict(re.findall(r'^  (\w+): "(.*)",$', (FOLDER / language).read_text(), re.MULTILINE))


def test_the_page_names_only_files_that_are_served(engine: RunningEngine) -> None:
    named = named_in(engine.client.get("/").text)

    assert "/page/app.js" in named
    assert {engine.client.get(path).status_code for path in named} == {200}


def test_every_module_is_asked_for_at_once_and_not_one_after_another() -> None:
    page = (FOLDER / "index.html").read_text()

    preloaded = re.findall(r'rel="modulepreload" href="/page/([^"]*)"', page)

    started = {"app.js", "theme.js"}
    assert sorted(preloaded) == sorted(file.name for file in SCRIPTS if file.name not in started)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.name)
def test_modules_import_only_one_another(script: Path) -> None:
    imported = re.findall(r'(?:from|import) "([^"]*)"', script.read_text())

    assert all((FOLDER / path).is_file() and path.startswith("./") for path in imported)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/page/app.js", "text/javascript"),
        ("/page/base.css", "text/css"),
        ("/page/icon.svg", "image/svg+xml"),
    ],
)
def test_each_file_comes_as_what_it_is_and_under_a_strict_policy(
    engine: RunningEngine, path: str, kind: str
) -> None:
    headers = engine.client.get(path).headers

    assert headers["content-type"].startswith(kind)
    assert headers["x-content-type-options"] == "nosniff"
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_a_file_that_the_browser_has_is_not_sent_again(engine: RunningEngine) -> None:
    tag = engine.client.get("/page/app.js").headers["etag"]

    again = engine.client.get("/page/app.js", headers={"if-none-match": tag})

    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/page/__init__.py", "/page/../app.py", "/page/", "/page/no.js"])
def test_nothing_else_of_the_package_is_served(engine: RunningEngine, path: str) -> None:
    assert engine.client.get(path).status_code == 404


def test_nothing_in_the_page_needs_a_weaker_policy() -> None:
    page = (FOLDER / "index.html").read_text()

    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=", page)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.name)
def test_no_script_turns_text_into_markup_or_code(script: Path) -> None:
    text = script.read_text()

    dangerous = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    assert not re.search(dangerous, text)


def test_both_languages_say_the_same_things() -> None:
    english, chinese = map(words_of, LANGUAGES)

    assert len(english) > 100
    assert list(english) == list(chinese)


def test_both_languages_fill_in_the_same_values() -> None:
    english, chinese = map(words_of, LANGUAGES)

    def values(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", text))

    # English has the word in its singular, where other languages count.
    differing = [key for key in english if values(english[key]) != values(chinese[key])]
    assert [key for key in differing if not key.endswith("_one")] == []


def test_every_word_that_is_used_is_known_and_every_known_one_is_used() -> None:
    page = (FOLDER / "index.html").read_text()
    scripts = "".join(file.read_text() for file in SCRIPTS if file.name not in LANGUAGES)
    known = set(words_of("en.js"))

    marked = set(re.findall(r'data-(?:text|title|label|placeholder)="(\w+)"', page))
    said = set(re.findall(r'\bsay\(\s*"(\w+)"', scripts))
    counted = set(re.findall(r'\bsayCount\(\s*"(\w+)"', scripts))

    assert marked | said <= known
    assert {f"{key}_{form}" for key in counted for form in ("one", "other")} <= known
    quoted = set(re.findall(r'"(\w+)"', scripts))
    phases = {"process_start", "port_open", "imports_done", "weights_read", "on_device", "warm"}
    phases |= {"ready", "first_image", "failed"}
    themes = {"themeAuto", "themeLight", "themeDark"}
    singles = {key for key in known if not re.search(r"_(one|other)$", key)}
    assert singles - marked - said - quoted - phases - themes == set()


def test_the_scripts_read_every_event_that_the_engine_sends() -> None:
    script = (FOLDER / "run.js").read_text()

    for name in ("partial_image", "progress", "completed"):
        assert f'"image_generation.{name}"' in script
    assert '"error"' in script
