"""What the keys of the screen of the deployment do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cloud_scenes import NOW, OLD
from console_scenes import opened, settled, text_of
from deploy_plan_scenes import (
    back,
    blocked,
    destroy,
    foreign,
    fresh,
    nothing,
    public,
    refused,
)
from deploy_screen_scenes import (
    REVISIONS,
    SIZES,
    USUAL,
    Desk,
    at_deploy,
    deploy_scene,
    revision,
)
from in_languages import in_every_language
from textual.pilot import Pilot
from textual.widgets import Input

from console.app import ConsoleApp
from console.model.cost.prices import Gpu
from console.model.deploy.choices import Choices
from console.model.deploy.snapshot import DeploySnapshot
from console.model.deploy.step import Plan
from console.model.deploy.wish import ImageWay, Variant
from console.model.service import TrafficShare
from console.model.text import SafeText
from console.screens.deploy import DeployScreen
from console.screens.modals.apply import ApplyScreen
from console.screens.modals.choose import ChooseScreen
from console.screens.modals.deploy_form import DeployForm
from console.screens.modals.detail import DetailScreen
from console.store import Store

BOTH = ["80x24", "120x36"]
MODALS = {
    "form": ("fresh", ("n",)),
    "form-gpu": ("fresh", ("n", "right")),
    "form-given": ("fresh", ("n", "tab", "tab", "tab", "tab", "right")),
    "form-public": ("fresh", ("n", "shift+tab", "shift+tab", "right")),
    "revisions": ("applied", ("b",)),
    "traffic": ("applied", ("t",)),
    "scale": ("applied", ("S",)),
    "destroying": ("applied", ("X",)),
    "details": ("fresh", ("enter",)),
    "guide": ("fresh", ("u",)),
    "help": ("fresh", ("question_mark",)),
}
ASKED = {"fresh": fresh, "foreign": foreign, "public": public, "destroy": destroy, "back": back}


def planned(plan: Plan) -> Store:
    store = deploy_scene("applied")
    store.set_deploy(DeploySnapshot(plan=plan))
    return store


async def press(app: ConsoleApp, pilot: Pilot[int], *keys: str) -> None:
    """Press keys, each once the one before was carried out."""
    for key in keys:
        await pilot.press(key)
        await settled(app, pilot)


@in_every_language
@pytest.mark.parametrize("size", BOTH)
@pytest.mark.parametrize("name", MODALS)
async def test_what_is_asked_before_something_is_planned(
    name: str, size: str, matches_golden: Callable[[str, str], None]
) -> None:
    scene, keys = MODALS[name]
    async with at_deploy(deploy_scene(scene), size=SIZES[size]) as (app, pilot):
        await press(app, pilot, *keys)
        matches_golden(f"deploy-{name}-{size}", text_of(app))


@in_every_language
@pytest.mark.parametrize("size", BOTH)
@pytest.mark.parametrize("name", ASKED)
async def test_what_is_asked_before_a_plan_is_carried_out(
    name: str, size: str, matches_golden: Callable[[str, str], None]
) -> None:
    async with at_deploy(planned(ASKED[name]()), size=SIZES[size]) as (app, pilot):
        await press(app, pilot, "a")
        matches_golden(f"deploy-apply-{name}-{size}", text_of(app))


async def test_a_key_carries_out_what_only_makes_things() -> None:
    desk = Desk()
    async with at_deploy(planned(fresh()), desk) as (app, pilot):
        await press(app, pilot, "a", "enter", "a", "escape", "a", "n")
        assert fresh() not in desk.asked
        await press(app, pilot, "a", "y")
        assert desk.asked[-1] is fresh()


@pytest.mark.parametrize(
    ("plan", "word"),
    [(foreign(), "z-image"), (public(), "public"), (destroy(), "z-image")],
    ids=["foreign", "public", "destroy"],
)
async def test_what_cannot_be_had_back_takes_a_word(plan: Plan, word: str) -> None:
    desk = Desk()
    async with at_deploy(planned(plan), desk, SIZES["120x36"]) as (app, pilot):
        await press(app, pilot, "a", "y", "enter")
        assert isinstance(app.screen, ApplyScreen)
        assert f"that is not {word}" in text_of(app)
        assert plan not in desk.asked
        app.screen.query_one(Input).value = f" {word} "
        await press(app, pilot, "enter")
        assert desk.asked[-1] is plan


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (refused(), "its quota"),
        (blocked(), "gcloud auth application-default login"),
        (nothing(), "there is nothing to do"),
    ],
    ids=["refused", "blocked", "nothing"],
)
async def test_what_may_not_be_carried_out_says_why(plan: Plan, why: str) -> None:
    desk = Desk()
    async with at_deploy(planned(plan), desk, SIZES["120x36"]) as (app, pilot):
        await press(app, pilot, "a")
        assert isinstance(app.screen, DeployScreen)
        assert why in text_of(app)
        assert plan not in desk.asked


async def test_without_a_plan_there_is_nothing_to_carry_out() -> None:
    async with at_deploy(deploy_scene("nothing")) as (app, pilot):
        await press(app, pilot, "a")
        assert "nothing is planned; n plans a deployment" in text_of(app)


async def test_a_plan_that_changed_while_it_was_asked_for_is_not_carried_out() -> None:
    desk, store = Desk(), planned(fresh())
    async with at_deploy(store, desk) as (app, pilot):
        await press(app, pilot, "a")
        store.set_deploy(DeploySnapshot(plan=back()))
        await press(app, pilot, "y")
        assert fresh() not in desk.asked
        assert back() not in desk.asked


@pytest.mark.parametrize("key", ["a", "o"])
async def test_read_only_carries_nothing_out(key: str) -> None:
    desk = Desk()
    async with at_deploy(planned(fresh()), desk, SIZES["120x36"], read_only=True) as (app, pilot):
        await press(app, pilot, key)
        assert isinstance(app.screen, DeployScreen)
        assert ("read-only" in text_of(app)) == (key == "a")
        assert fresh() not in desk.asked


async def test_the_form_plans_what_is_written_into_it() -> None:
    desk = Desk()
    async with at_deploy(deploy_scene("nothing"), desk) as (app, pilot):
        await press(app, pilot, "n", "right")
        assert isinstance(app.screen, DeployForm)
        for name, value in (("memory", "32"), ("most", "2"), ("members", "user:a@b.example")):
            app.screen.query_one(f"#{name}", Input).value = value
        await press(app, pilot, "enter")
        assert desk.asked[-1] == replace(
            USUAL,
            variant=Variant.GPU,
            gpu=Gpu.L4,
            memory="32Gi",
            max_instances=2,
            callers=("user:a@b.example",),
        )


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("memory", "lots", "'lots' is no memory in GiB"),
        ("cpu", "-1", "'-1' is no number of processors"),
        ("most", "1e9", "'1e9' is no number from 0 to 3600"),
        ("members", "allUsers", "to let everybody call, choose so"),
        ("members", "\x1b[31mroot", "names nobody"),
        ("source", " ", "name the directory of the project"),
    ],
)
async def test_the_form_says_what_makes_no_sense(field: str, value: str, why: str) -> None:
    desk = Desk()
    async with at_deploy(deploy_scene("nothing"), desk) as (app, pilot):
        await press(app, pilot, "n")
        app.screen.query_one(f"#{field}", Input).value = value
        await press(app, pilot, "enter")
        assert isinstance(app.screen, DeployForm)
        assert why in text_of(app)
        assert app.focused is app.screen.query_one(f"#{field}")
        await press(app, pilot, "escape")
        assert not any(isinstance(each, Choices) for each in desk.asked)


async def test_without_a_source_an_image_has_to_be_named() -> None:
    desk = Desk(usual=replace(USUAL, source="", way=ImageWay.CLOUD_BUILD))
    async with at_deploy(deploy_scene("nothing"), desk) as (app, pilot):
        await press(app, pilot, "n", "enter")
        assert "name an image that there is" in text_of(app)
        app.screen.query_one("#image", Input).value = "us-docker.pkg.dev/p/r/z@sha256:1"
        await press(app, pilot, "enter")
        wished = desk.asked[-1]
        assert isinstance(wished, Choices)
        assert wished.image == "us-docker.pkg.dev/p/r/z@sha256:1"


async def test_a_revision_is_chosen_and_the_one_before_is_proposed() -> None:
    desk = Desk()
    async with at_deploy(deploy_scene("applied"), desk) as (app, pilot):
        await press(app, pilot, "b", "enter")
        assert desk.asked[-1] == ("roll back", "zimage-00001-abc")
        await press(app, pilot, "b", "j", "enter")
        assert desk.asked[-1] == ("roll back", "LATEST")
        asked = len(desk.asked)
        await press(app, pilot, "b", "escape")
        assert len(desk.asked) == asked


async def test_the_revisions_are_seen_again_once_requests_go_to_others() -> None:
    desk, store = Desk(), deploy_scene("served")
    async with at_deploy(store, desk) as (app, pilot):
        assert desk.asked == ["wanted"]
        now = store.service
        assert now.facts is not None
        store.set_service(replace(now, fetched_at=NOW))
        await settled(app, pilot)
        assert desk.asked == ["wanted"]
        elsewhere = replace(now.facts, traffic=(TrafficShare(100, OLD),))
        store.set_service(replace(now, facts=elsewhere))
        await settled(app, pilot)
        assert desk.asked == ["wanted", "wanted"]


async def test_many_revisions_are_scrolled_through() -> None:
    many = [
        revision(SafeText(f"zimage-{number:05}-abc"), 60 - number) for number in range(50, 0, -1)
    ]
    store = deploy_scene("served")
    store.set_deploy(replace(store.deploy, seen=replace(REVISIONS, revisions=tuple(many))))
    async with at_deploy(store) as (app, pilot):
        assert "zimage-00001-abc" not in text_of(app)
        await press(app, pilot, "tab", "end")
        assert "zimage-00001-abc" in text_of(app)


async def test_a_split_is_written_as_the_verb_takes_it() -> None:
    desk = Desk()
    async with at_deploy(deploy_scene("applied"), desk, SIZES["120x36"]) as (app, pilot):
        await press(app, pilot, "t")
        app.screen.query_one(Input).value = "zimage-00001-abc=90  LATEST=10"
        await press(app, pilot, "enter")
        assert desk.asked[-1] == (TrafficShare(90, _name("zimage-00001-abc")), TrafficShare(10))
        await press(app, pilot, "t")
        app.screen.query_one(Input).value = "half of it"
        await press(app, pilot, "enter")
        assert "'half' is no share" in text_of(app)


@pytest.mark.parametrize(
    ("written", "wished"), [("0", ("scale", 0)), ("auto", ("scale", None)), ("2", ("scale", 2))]
)
async def test_instances_are_held_by_hand_or_not(written: str, wished: object) -> None:
    desk = Desk()
    async with at_deploy(deploy_scene("applied"), desk) as (app, pilot):
        await press(app, pilot, "S")
        app.screen.query_one(Input).value = written
        await press(app, pilot, "enter")
        assert desk.asked[-1] == wished


async def test_a_destruction_asks_for_the_bucket_and_is_planned_first() -> None:
    desk = Desk()
    async with at_deploy(deploy_scene("applied"), desk) as (app, pilot):
        await press(app, pilot, "X")
        assert isinstance(app.screen, ChooseScreen)
        await press(app, pilot, "enter")
        assert desk.asked[-1] == ("destroy", False)
        await press(app, pilot, "X", "down", "enter")
        assert desk.asked[-1] == ("destroy", True)


async def test_what_was_broken_off_is_gone_on_with_and_what_drifted_planned_back() -> None:
    desk = Desk()
    async with at_deploy(deploy_scene("unfinished"), desk) as (app, pilot):
        await press(app, pilot, "o", "d")
        assert desk.asked[-2:] == ["again", "drift"]


async def test_s_stops_and_says_that_it_takes_until_the_step_has_ended() -> None:
    desk = Desk(busy=True)
    async with at_deploy(deploy_scene("building"), desk, SIZES["120x36"]) as (app, pilot):
        await press(app, pilot, "s")
        assert desk.asked[-1] == "stop"
        assert "it stops after what is being done now" in text_of(app)


@pytest.mark.parametrize(("scene", "stops"), [("looking", True), ("building", False)])
async def test_esc_stops_looking_and_nothing_that_is_carried_out(scene: str, stops: bool) -> None:
    desk = Desk(busy=True)
    async with at_deploy(deploy_scene(scene), desk) as (app, pilot):
        await press(app, pilot, "escape")
        assert ("stop" in desk.asked) is stops


@pytest.mark.parametrize("key", ["n", "b", "t", "S", "X"])
async def test_nothing_else_is_planned_while_one_is_carried_out(key: str) -> None:
    async with at_deploy(deploy_scene("building"), Desk(busy=True), SIZES["120x36"]) as (
        app,
        pilot,
    ):
        await press(app, pilot, key)
        assert isinstance(app.screen, DeployScreen)
        assert "a plan is carried out" in text_of(app)


async def test_a_service_that_is_not_there_has_no_revisions() -> None:
    async with at_deploy(deploy_scene("unfinished"), Desk(seen=None)) as (app, pilot):
        await press(app, pilot, "b")
        assert isinstance(app.screen, DeployScreen)
        assert "there is no service z-image yet" in text_of(app)


@pytest.mark.parametrize(
    ("key", "said"), [("y", "the commands"), ("Y", "all commands of the plan")]
)
async def test_commands_are_copied(key: str, said: str, monkeypatch: Any) -> None:
    async with at_deploy(planned(fresh()), size=SIZES["120x36"]) as (app, pilot):
        copied: list[str] = []
        monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
        await press(app, pilot, key)
        assert f"{said}: given to the terminal to copy" in text_of(app)
        assert copied[0].startswith("gcloud storage buckets create" if key == "y" else "# deploy")
        assert ("gcloud run deploy z-image" in copied[0]) == (key == "Y")


async def test_the_row_that_was_chosen_stays_and_a_new_plan_begins_at_its_own() -> None:
    store = planned(fresh())
    async with at_deploy(store, size=SIZES["120x36"]) as (app, pilot):
        await press(app, pilot, "end")
        assert "─ Note ─" in text_of(app)
        store.set_deploy(replace(store.deploy, unfinished=True))
        await settled(app, pilot)
        assert "─ Note ─" in text_of(app)
        store.set_deploy(DeploySnapshot(plan=back()))
        await settled(app, pilot)
        assert "Step 1, traffic: to be changed" in text_of(app)


async def test_what_goes_on_stands_beside_the_tabs_of_every_screen() -> None:
    store = deploy_scene("building")
    async with at_deploy(store) as (app, pilot):
        for key in ("1", "2", "3", "4", "5", "f6"):
            await press(app, pilot, key)
            assert "deploying 6/11" in text_of(app)
        store.set_deploy(DeploySnapshot())
        await settled(app, pilot)
        assert "deploying" not in text_of(app).splitlines()[1]


async def test_leaving_asks_while_a_plan_is_carried_out(
    matches_golden: Callable[[str, str], None],
) -> None:
    async with at_deploy(deploy_scene("building")) as (app, pilot):
        await press(app, pilot, "q")
        matches_golden("deploy-leaving-80x24", text_of(app))
        await press(app, pilot, "n")
        assert app.return_code is None


async def test_details_are_read_in_full_on_a_small_terminal() -> None:
    async with at_deploy(planned(fresh()), size=SIZES["60x16"]) as (app, pilot):
        await press(app, pilot, "enter")
        assert isinstance(app.screen, DetailScreen)
        assert "gs://my-project-z-image-models" in text_of(app)


def _name(text: str) -> Any:
    return text


@pytest.mark.parametrize(
    ("context", "said"),
    [("local", "c chooses Google Cloud, or the sandbox"), ("a/b/c", "nothing can be deployed")],
)
@pytest.mark.parametrize("key", ["n", "a", "b", "X", "o", "d"])
async def test_where_nothing_can_be_deployed_every_key_says_so(
    key: str, context: str, said: str
) -> None:
    store = deploy_scene("nothing")
    async with opened(store, SIZES["120x36"], context=context, restarts=False) as (app, pilot):
        await press(app, pilot, "f7", key)
        assert isinstance(app.screen, DeployScreen)
        assert said in text_of(app)
