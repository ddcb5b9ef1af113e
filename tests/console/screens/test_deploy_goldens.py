"""What the screen of the deployment shows at every moment, character by character."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cloud_scenes import NOW, cloud_scene
from console_scenes import opened, settled, text_of
from deploy_screen_scenes import SIZES, SNAPSHOTS_OF, at_deploy, deploy_scene
from in_languages import in_every_language

PAGE = Path(__file__).parents[3] / "docs" / "deploying.md"
GOLDENS = Path(__file__).parent.parent / "goldens"
BOTH = ["80x24", "120x36"]


@in_every_language
@pytest.mark.parametrize("size", BOTH)
@pytest.mark.parametrize("name", SNAPSHOTS_OF)
async def test_a_deployment_in_every_state(
    name: str, size: str, matches_golden: Callable[[str, str], None]
) -> None:
    async with at_deploy(deploy_scene(name), size=SIZES[size]) as (app, _):
        matches_golden(f"deploy-{name}-{size}", text_of(app))


@in_every_language
@pytest.mark.parametrize("size", BOTH)
async def test_what_cannot_be_seen_says_why(
    size: str, matches_golden: Callable[[str, str], None]
) -> None:
    async with at_deploy(cloud_scene("denied"), size=SIZES[size]) as (app, _):
        matches_golden(f"deploy-denied-{size}", text_of(app))


@in_every_language
@pytest.mark.parametrize("size", BOTH)
async def test_this_machine_says_where_to_deploy_to(
    size: str, matches_golden: Callable[[str, str], None]
) -> None:
    async with opened(cloud_scene("zero"), SIZES[size], clock=lambda: NOW, on="deploy") as (
        app,
        _,
    ):
        matches_golden(f"deploy-local-{size}", text_of(app))


@in_every_language
@pytest.mark.parametrize("name", ["changed", "building", "failed"])
async def test_a_small_terminal_keeps_head_and_plan(
    name: str, matches_golden: Callable[[str, str], None]
) -> None:
    async with at_deploy(deploy_scene(name), size=SIZES["60x16"]) as (app, _):
        matches_golden(f"deploy-{name}-60x16", text_of(app))


@in_every_language
async def test_without_colours_the_chosen_row_is_marked(
    matches_golden: Callable[[str, str], None],
) -> None:
    async with at_deploy(deploy_scene("fresh"), colour=False) as (app, pilot):
        await pilot.press("down")
        await settled(app, pilot)
        matches_golden("deploy-fresh-plain-80x24", text_of(app))


def test_the_page_about_deploying_shows_what_the_screen_shows() -> None:
    shown = (GOLDENS / "deploy-fresh-120x36.txt").read_text(encoding="utf-8")
    assert f"```text\n{shown}```" in PAGE.read_text(encoding="utf-8")
