"""The page while the engine loads, is busy, asks for its key, or goes away and comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, expect
from running_engine import PATIENCE, RunningEngine
from visits import visiting

KEY = "correct-horse"
# Nobody ever waits for the end of these.
LONG = {"prompt": "x", "size": "512x512", "steps": 50, "n": 10, "stream": True}


def patiently() -> Iterator[None]:
    """Go on for as long as anything is waited for, ten times a second."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        yield
        time.sleep(0.1)


def locked_engine(model: Path, key: str = KEY) -> RunningEngine:
    return RunningEngine(model, env={"ZIMAGE_API_KEY": key})


def test_a_wish_that_is_sent_while_the_engine_loads_is_fulfilled(
    browser: Browser, tiny_model: Path
) -> None:
    with RunningEngine(tiny_model) as loading, visiting(browser, loading.url) as visit:
        expect(visit.at("#welcome-title")).to_have_text("The engine is loading")
        expect(visit.at("#loading-bar")).to_be_visible()

        visit.make("an early wish")

        expect(visit.at("#engine-text")).to_have_text("Ready")
        expect(visit.at("#made-prompt")).to_have_text("an early wish")


def test_a_reload_keeps_what_was_typed_and_what_was_made(
    browser: Browser, engine: RunningEngine
) -> None:
    with visiting(browser, engine.url) as visit:
        visit.make("the first")
        visit.order_long("the second")
        expect(visit.at("#phase")).to_contain_text("Step")

        visit.page.reload()

        expect(visit.shots()).to_have_count(1)
        expect(visit.at("#prompt")).to_have_value("the second")
        expect(visit.at("#steps")).to_have_value("50")
        expect(visit.at("#width")).to_have_value("512")
        expect(visit.at("#trouble-text")).to_contain_text("Leaving the page stopped")
        visit.at("#again").click()
        expect(visit.at("#phase")).to_contain_text("Step")


def test_an_engine_that_is_restarted_in_the_middle_is_waited_for(
    browser: Browser, tiny_model: Path
) -> None:
    with RunningEngine(tiny_model) as first:
        first.wait_for("ready")
        with visiting(browser, first.url) as visit:
            visit.order_long("do not lose me")
            expect(visit.at("#phase")).to_contain_text("Step")

            first.process.kill()
            first.process.wait()

            expect(visit.at("#trouble-text")).to_contain_text("The connection was lost")
            expect(visit.at("#engine-text")).to_have_text("No answer")
            expect(visit.at("#prompt")).to_have_value("do not lose me")
            with RunningEngine(tiny_model, "--port", str(first.port)):
                expect(visit.at("#trouble-text")).to_contain_text("The engine is back")
                visit.make("after the restart")
                expect(visit.shots()).to_have_count(1)


def test_what_is_ordered_while_the_engine_is_away_is_made_when_it_is_back(
    browser: Browser, tiny_model: Path
) -> None:
    with RunningEngine(tiny_model) as first:
        first.wait_for("ready")
        with visiting(browser, first.url) as visit:
            expect(visit.at("#engine-text")).to_have_text("Ready")
            first.end()
            visit.choose_size(64, 64)
            visit.order("patience", steps="1")
            expect(visit.at("#phase")).to_contain_text("does not answer")

            with RunningEngine(tiny_model, "--port", str(first.port)):
                visit.wait_until_made()
                expect(visit.at("#made-prompt")).to_have_text("patience")


def test_the_key_is_asked_for_and_a_wrong_one_is_told(browser: Browser, tiny_model: Path) -> None:
    with locked_engine(tiny_model) as locked, visiting(browser, locked.url) as visit:
        expect(visit.at("#key-dialog")).to_be_visible()
        visit.fill(key="wrong")
        visit.at("#key-use").click()
        expect(visit.at("#key-trouble")).to_contain_text("not accepted")
        visit.fill(key=KEY)
        visit.at("#key-use").click()
        expect(visit.at("#key-dialog")).to_be_hidden()

        visit.make("with the key")

        visit.page.reload()
        expect(visit.at("#engine-text")).to_have_text("Ready")
        expect(visit.at("#key-dialog")).to_be_hidden()
        kept = visit.page.evaluate("JSON.stringify(localStorage)")
        assert KEY not in kept
        assert KEY not in str(locked.lines)


def test_a_key_may_be_in_any_script(browser: Browser, tiny_model: Path) -> None:
    key = "ключ 钥匙"
    with locked_engine(tiny_model, key) as locked, visiting(browser, locked.url) as visit:
        visit.fill(key=key)
        visit.at("#key-use").click()

        expect(visit.at("#key-dialog")).to_be_hidden()


def test_an_order_waits_for_the_key(browser: Browser, tiny_model: Path) -> None:
    with locked_engine(tiny_model) as locked, visiting(browser, locked.url) as visit:
        visit.at("#key-cancel").click()
        visit.choose_size(64, 64)
        visit.order("x", steps="1")
        visit.fill(key=KEY)
        visit.at("#key-remember").check()
        visit.at("#key-use").click()

        visit.wait_until_made()

        kept = visit.page.evaluate("JSON.stringify(localStorage)")
        assert KEY in kept


def test_who_gives_no_key_is_told_what_is_missing(browser: Browser, tiny_model: Path) -> None:
    with locked_engine(tiny_model) as locked, visiting(browser, locked.url) as visit:
        visit.at("#key-cancel").click()
        visit.order("x")
        visit.at("#key-cancel").click()

        expect(visit.at("#trouble-text")).to_contain_text("asks for its key")
        expect(visit.at("#under-way")).to_be_hidden()


def test_a_full_queue_is_waited_for_and_asked_again(
    browser: Browser, engine: RunningEngine
) -> None:
    with visiting(browser, engine.url) as visit:
        visit.page.clock.install()
        ask = ("POST", "/v1/images/generations")
        with engine.client.stream(*ask, json=LONG) as first:
            assert first.status_code == 200
            lines = first.iter_lines()
            next(line for line in lines if '"step"' in line)
            with engine.client.stream(*ask, json=LONG) as second:
                assert second.status_code == 200
                visit.choose_size(64, 64)
                visit.order("x", steps="1")
                expect(visit.at("#phase")).to_contain_text("The engine is busy. Trying again in")

        # Whoever hung up is noticed at the end of a step: a page that asks earlier waits once more.
        small = {"prompt": "x", "size": "64x64", "steps": 1}
        assert any(engine.client.post(ask[1], json=small).status_code == 200 for _ in patiently())
        visit.page.clock.fast_forward("59:00")
        visit.wait_until_made()


def test_why_a_model_cannot_be_loaded_is_told(browser: Browser, truncated_model: Path) -> None:
    with RunningEngine(truncated_model) as failed, visiting(browser, failed.url) as visit:
        expect(visit.at("#welcome-title")).to_have_text("The engine could not start")
        expect(visit.at("#welcome-text")).to_contain_text("truncated")

        visit.order("x")

        expect(visit.at("#trouble-text")).to_contain_text("truncated")


def test_over_plain_http_only_copying_a_picture_is_missing(
    browser: Browser, tiny_model: Path
) -> None:
    with locked_engine(tiny_model) as remote:
        url = remote.url.replace("127.0.0.1", "engine.test")
        with visiting(browser, url) as visit:
            visit.fill(key=KEY)
            visit.at("#key-use").click()
            visit.make("x", seed="5")
            expect(visit.shots()).to_have_count(1)

            visit.at("#made-tools [data-tool=copySettings]").click()
            expect(visit.at("#notices")).to_contain_text("Settings copied")
            visit.at("#made-tools [data-tool=copyPicture]").click()
            expect(visit.at("#notices")).to_contain_text("download it instead")
