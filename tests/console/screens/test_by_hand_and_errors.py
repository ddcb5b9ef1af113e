"""The commands that do the same by hand, and what went wrong lately, over every screen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cloud_scenes import clock, cloud_scene, without
from console_scenes import opened, scene, settled, text_of, write
from deploy_screen_scenes import at_deploy, deploy_scene
from log_scenes import NASTY
from model_file_scenes import models_scene

from console.app import ConsoleApp
from console.model.freshness import Standing
from console.modes import MODES
from console.screens.base import ConsoleScreen
from console.screens.equivalents_here import equivalents_of
from console.screens.modals.by_hand import ByHandScreen
from console.screens.modals.errors import ErrorsScreen
from console.terminal.sanitise import sanitise


def commands_on(app: ConsoleApp) -> list[str]:
    screen = app.screen_stack[0]
    assert isinstance(screen, ConsoleScreen)
    return [each.command for each in equivalents_of(screen) if each.command]


@pytest.mark.parametrize("mode", MODES)
async def test_every_screen_of_a_service_has_its_commands(mode: str) -> None:
    store = cloud_scene("awake")
    store.set_models(models_scene("differs").models)
    store.set_deploy(deploy_scene("fresh").deploy)
    context = str(store.service.facts.name) if store.service.facts else ""
    async with opened(
        store, (120, 36), restarts=False, clock=clock(), context=context, on=mode
    ) as (app, pilot):
        app.screen.set_focus(None)
        await pilot.press("C")
        await settled(app, pilot)
        assert isinstance(app.screen, ByHandScreen)
        found = commands_on(app)
        assert found
        assert found[0].split()[0] in text_of(app)
        await pilot.press("y")
        await settled(app, pilot)
        assert all(each in app.clipboard for each in found)
        await pilot.press("1")
        assert app.clipboard == found[0]


async def test_the_filter_of_the_log_is_asked_for() -> None:
    store = cloud_scene("awake")
    async with opened(store, restarts=False, clock=clock()) as (app, pilot):
        await pilot.press("3", "v", "v")
        reading, own = commands_on(app)
        assert "AND severity>=WARNING" in reading
        assert own.endswith("-- 'severity>=WARNING'")


async def test_what_is_written_into_the_form_is_asked_for() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await pilot.press("5")
        write(app, "it's a fox")
        write(app, "512x512", "size")
        assert commands_on(app) == [
            "zimage-console generate --size=512x512 --output=picture.png --context=local "
            "-- 'it'\"'\"'s a fox'"
        ]


async def test_a_plan_is_its_steps() -> None:
    async with at_deploy(deploy_scene("fresh")) as (app, _):
        plan = app.store.deploy.plan
        assert plan is not None
        assert commands_on(app) == [line for step in plan.steps for line in step.commands]


async def test_how_gcloud_finds_the_sandbox_is_said() -> None:
    async with opened(
        cloud_scene("awake"), (120, 36), restarts=False, clock=clock(), context="sandbox"
    ) as (app, pilot):
        await pilot.press("C")
        await settled(app, pilot)
        assert "gcloud has to be pointed at the sandbox first" in text_of(app)
        assert "gcloud has to be" not in "".join(commands_on(app))


async def test_where_there_is_nothing_that_is_said() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await pilot.press("7", "C")
        await settled(app, pilot)
        assert "there is no command for what is shown here" in text_of(app)
        await pilot.press("y", "1", "q")
        await settled(app, pilot)
        assert app.clipboard == ""


async def test_nothing_went_wrong_at_first() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await pilot.press("exclamation_mark")
        await settled(app, pilot)
        assert isinstance(app.screen, ErrorsScreen)
        assert "nothing went wrong since the console was opened" in text_of(app)
        await pilot.press("escape")
        assert not isinstance(app.screen, ErrorsScreen)


async def test_what_was_said_in_passing_stays_and_is_copied() -> None:
    async with opened(scene("ready"), clock=clock()) as (app, pilot):
        app.flash("all is well")
        app.flash("this cannot be", "warning")
        await pilot.press("3")
        app.flash("that broke", "error")
        await pilot.press("exclamation_mark")
        await settled(app, pilot)
        rows = text_of(app)
        assert rows.index("✗ 12:05 UTC  Logs") < rows.index("▲ 12:05 UTC  Overview")
        assert "all is well" not in rows.partition("─ Errors")[2].partition("╰")[0]
        await pilot.press("y")
        assert app.clipboard == (
            "2026-11-23 12:05:00Z  Logs\n  that broke\n"
            "2026-11-23 12:05:00Z  Overview\n  this cannot be\n"
        )


async def test_what_is_refused_is_among_them() -> None:
    async with opened(scene("ready"), read_only=True) as (app, pilot):
        await pilot.press("ctrl+r", "exclamation_mark")
        await settled(app, pilot)
        assert (
            "Restart: refused because the console is read-only"
            in (text_of(app).partition("─ Errors")[2])
        )


async def test_what_the_cloud_does_not_answer_is_there_with_the_permission() -> None:
    store = cloud_scene("awake")
    async with opened(store, (120, 36), restarts=False, clock=clock()) as (app, pilot):
        fresh = without("log", Standing.DENIED, "not allowed to read", "logging.logEntries.list")
        store.set_service(replace(store.service, fresh=fresh))
        await settled(app, pilot)
        store.set_service(replace(store.service, fresh=cloud_scene("awake").service.fresh))
        await settled(app, pilot)
        broken = without("metrics", Standing.ERROR, "no answer from monitoring")
        store.set_service(replace(store.service, fresh=broken))
        await settled(app, pilot)
        await pilot.press("exclamation_mark")
        await settled(app, pilot)
        shown = text_of(app).partition("─ Errors")[2]
        assert "✗ 12:05 UTC  Metrics" in shown
        assert "no answer from monitoring" in shown
        assert "again in 12 s" in shown
        assert "✓ 12:05 UTC  Log  well again" in shown
        assert "needs logging.logEntries.list" in shown


async def test_hostile_words_stay_words() -> None:
    async with opened(scene("ready"), (120, 36), clock=clock()) as (app, pilot):
        app.flash(NASTY, "error")
        await pilot.press("exclamation_mark")
        await settled(app, pilot)
        assert "\x1b" not in text_of(app)
        await pilot.press("y")
        assert sanitise(NASTY) in app.clipboard


async def test_many_are_scrolled_through() -> None:
    async with opened(scene("ready"), clock=clock()) as (app, pilot):
        for number in range(40):
            app.frame.said(sanitise(f"trouble {number}"), error=True)
        await pilot.press("exclamation_mark")
        await settled(app, pilot)
        screen = app.screen
        assert isinstance(screen, ErrorsScreen)
        await pilot.press("j", "end")
        await settled(app, pilot)
        assert "trouble 0" in text_of(app)
