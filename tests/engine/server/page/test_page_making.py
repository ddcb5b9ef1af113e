"""Making pictures on the page, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect
from running_engine import RunningEngine
from visits import Visit, visiting


def download(visit: Visit) -> Path:
    with visit.page.expect_download() as download:
        visit.at("#made-tools [data-tool=download]").click()
    file = Path(download.value.path())
    return file.rename(file.with_name(download.value.suggested_filename))


def test_progress_and_previews_are_shown_and_then_the_picture(visit: Visit) -> None:
    visit.choose_size(512, 512)
    visit.order("a red circle", steps="50")

    expect(visit.at("#phase")).to_contain_text("of 50")
    expect(visit.page).to_have_title(re.compile("% · Z-Image"))
    expect(visit.at("#frame img.rough.shown")).to_be_visible()
    visit.wait_until_made()

    expect(visit.at("#frame img.shown")).to_have_js_property("naturalWidth", 512)
    expect(visit.at("#made-facts")).to_contain_text("512 × 512 · 50 steps · seed ")
    expect(visit.shots()).to_have_count(1)


def test_the_picture_is_saved_as_a_file_that_says_what_it_is(visit: Visit) -> None:
    visit.make('A "red" circle / on white: ../etc', seed="7")

    file = download(visit)

    assert file.name == "zimage-a-red-circle-on-white-etc-7.png"
    with Image.open(file) as picture:
        picture.load()
        assert (picture.format, picture.size) == ("PNG", (64, 64))


def test_a_chinese_visitor_has_a_chinese_page(browser: Browser, engine: RunningEngine) -> None:
    with visiting(browser, engine.url, locale="zh-CN") as visit:
        expect(visit.at("html")).to_have_attribute("lang", "zh-Hans")
        expect(visit.at("#make")).to_contain_text("生成图片")
        visit.make("白色背景上的红色圆形", seed="1")

        file = download(visit)

        assert file.name == "zimage-白色背景上的红色圆形-1.png"
        with Image.open(file) as picture:
            assert picture.text["parameters"].startswith("白色背景上的红色圆形\n")


def test_the_other_language_can_be_chosen_and_is_kept(visit: Visit) -> None:
    visit.make("x")
    visit.at("#language").click()

    expect(visit.at("#made-facts")).to_contain_text("步")
    visit.page.reload()

    expect(visit.at("#make")).to_contain_text("生成图片")


def test_cancelling_hangs_up_and_the_engine_stops(visit: Visit, engine: RunningEngine) -> None:
    with visit.page.expect_response("**/v1/images/generations") as answer:
        visit.order_long("nobody waits for this")
    expect(visit.at("#phase")).to_contain_text("Step")

    visit.at("#cancel").click()

    expect(visit.at("#under-way")).to_be_hidden()
    expect(visit.at("#notices")).to_contain_text("Cancelled")
    line = engine.wait_for("request", request_id=answer.value.headers["x-request-id"])
    assert line["code"] == "cancelled"
    expect(visit.at("#prompt")).to_have_value("nobody waits for this")


def test_several_pictures_of_one_order_can_be_looked_at_in_turn(visit: Visit) -> None:
    visit.make("x", count="3", seed="5")

    strip = visit.at("#strip button")
    expect(strip).to_have_count(3)
    expect(visit.shots()).to_have_count(3)
    strip.first.click()
    expect(visit.at("#made-facts")).to_contain_text("seed 5")
    expect(strip.first).to_have_attribute("aria-pressed", "true")


def test_an_order_that_is_given_meanwhile_waits_for_its_turn(visit: Visit) -> None:
    visit.order_long("the first")
    expect(visit.at("#phase")).to_contain_text("Step")
    visit.choose_size(64, 64)
    visit.order("the second", steps="1", count="1")
    expect(visit.at("#line-text")).to_contain_text("1 more request")

    visit.at("#cancel").click()

    visit.wait_until_made()
    expect(visit.at("#made-prompt")).to_have_text("the second")


def test_the_longest_seed_keeps_all_its_digits(visit: Visit) -> None:
    longest = str(2**63 - 1)

    visit.make("x", seed=longest)

    expect(visit.at("#made-facts")).to_contain_text(longest)
    visit.fill(seed="")
    visit.at("#keep").click()
    expect(visit.at("#seed")).to_have_value(longest)


def test_a_seed_that_is_too_large_is_not_sent(visit: Visit) -> None:
    visit.order("x", seed=str(2**63))

    assert visit.at("#seed").evaluate("field => field.validationMessage").startswith("The largest")
    expect(visit.at("#under-way")).to_be_hidden()


def test_a_size_that_cannot_be_made_is_rounded_and_that_is_said(visit: Visit) -> None:
    visit.choose_size(100, 90)
    visit.order("x", steps="1")

    visit.wait_until_made()
    expect(visit.at("#made-facts")).to_contain_text("96 × 96")
    expect(visit.at("#notices")).to_contain_text("96 × 96")


def test_what_to_avoid_brings_the_guidance_that_it_needs(visit: Visit) -> None:
    visit.at("#extras summary").click()
    with visit.page.expect_request("**/v1/images/generations") as request:
        visit.make("x", negative="text")

    sent = request.value.post_data_json
    assert (sent["negative_prompt"], sent["guidance_scale"]) == ("text", 2)
    expect(visit.at("#guidance")).to_have_value("2")


def test_the_models_own_size_is_chosen_first(visit: Visit, engine: RunningEngine) -> None:
    native = engine.client.get("/v1/models").json()["data"][0]["native_size"]

    chosen = visit.at(".chip:has(:checked)")

    expect(chosen).to_have_text(native.replace("x", " × "))


def test_settings_are_used_again(visit: Visit) -> None:
    visit.make("a blue star", seed="3", steps="2")
    visit.fill(prompt="something else", seed="", steps="9")

    visit.at("#made-tools [data-tool=reuse]").click()

    for field, value in {"prompt": "a blue star", "seed": "3", "steps": "2"}.items():
        expect(visit.at(f"#{field}")).to_have_value(value)


@pytest.fixture
def clipboard(visit: Visit) -> Visit:
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return visit


def copied_text(visit: Visit) -> str:
    return str(visit.page.evaluate("navigator.clipboard.readText()"))


def test_settings_are_copied_as_others_write_them(clipboard: Visit) -> None:
    clipboard.make("a blue star", seed="3")
    clipboard.at("#made-tools [data-tool=copySettings]").click()

    expect(clipboard.at("#notices")).to_contain_text("Settings copied")
    expected = "a blue star\nSteps: 1, Sampler: Euler, Seed: 3, Size: 64x64"
    assert copied_text(clipboard) == expected


def test_a_link_brings_the_settings_to_another_browser(clipboard: Visit, browser: Browser) -> None:
    clipboard.make("一颗 blue & star #1", seed="3")
    clipboard.at("#made-tools [data-tool=copyLink]").click()
    expect(clipboard.at("#notices")).to_contain_text("Link copied")
    link = copied_text(clipboard)

    with visiting(browser, link) as other:
        other.url = clipboard.url
        expect(other.at("#prompt")).to_have_value("一颗 blue & star #1")
        expect(other.at("#seed")).to_have_value("3")
        assert "#" not in other.page.url
        other.complaints.clear()


def test_the_picture_itself_is_copied(clipboard: Visit) -> None:
    clipboard.make("x")
    clipboard.at("#made-tools [data-tool=copyPicture]").click()

    expect(clipboard.at("#notices")).to_contain_text("Picture copied")
    kinds = clipboard.page.evaluate("navigator.clipboard.read().then(([item]) => item.types)")
    assert kinds == ["image/png"]


def test_everything_can_be_reached_from_the_keyboard(visit: Visit) -> None:
    keyboard = visit.page.keyboard
    expect(visit.at("#prompt")).to_be_focused()
    keyboard.press("Escape")
    keyboard.press("?")
    expect(visit.at("#help")).to_be_visible()
    keyboard.press("Escape")
    expect(visit.at("#help")).to_be_hidden()
    keyboard.press("/")
    keyboard.type("x/?gc")
    expect(visit.at("#prompt")).to_have_value("x/?gc")
    keyboard.press("Control+Enter")
    visit.wait_until_made()
    keyboard.press("Escape")
    keyboard.press("g")
    expect(visit.shots().first).to_be_focused()
    keyboard.press("Enter")
    expect(visit.at("#viewer")).to_be_visible()


def test_an_example_is_made_at_a_click(visit: Visit) -> None:
    visit.choose_size(64, 64)
    example = visit.at("#examples button").first
    text = example.inner_text()

    example.click()

    visit.wait_until_made()
    expect(visit.at("#made-prompt")).to_have_text(text)
    expect(visit.at("#prompt")).to_have_value(text)


def test_what_the_engine_refuses_is_told_in_its_own_words(visit: Visit) -> None:
    visit.order("   ")

    expect(visit.at("#trouble-text")).to_contain_text("the prompt is empty")


def test_a_prompt_is_never_read_as_markup(visit: Visit) -> None:
    markup = '<img src=x onerror="document.title=1">'

    visit.make(markup)

    expect(visit.at("#made-prompt")).to_have_text(markup)
    expect(visit.page).to_have_title("Z-Image")


@pytest.mark.parametrize("width", [320, 360, 768, 1024, 1920])
def test_nothing_is_wider_than_the_screen(
    browser: Browser, engine: RunningEngine, width: int
) -> None:
    with visiting(browser, engine.url, viewport={"width": width, "height": 700}) as visit:
        visit.make("a prompt/" * 60)
        visit.at("#extras summary").click()

        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


def test_light_and_dark_follow_the_system_until_one_is_chosen(
    browser: Browser, engine: RunningEngine
) -> None:
    def paper(visit: Visit) -> str:
        return str(visit.at("body").evaluate("body => getComputedStyle(body).backgroundColor"))

    with visiting(browser, engine.url, color_scheme="dark") as visit:
        dark = paper(visit)
        visit.at("#theme").click()
        light = paper(visit)
        visit.page.reload()
        expect(visit.at("html")).to_have_attribute("data-theme", "light")

        assert (paper(visit), light == dark) == (light, False)
