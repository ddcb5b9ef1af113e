"""The gallery that a browser keeps."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from running_engine import RunningEngine
from visits import Visit, visiting

SMALL_ALBUM = """async ([most, bytes]) => {
  const { Album } = await import("/page/album.js");
  const album = new Album("test", most, bytes);
  const opened = await album.open();
  const dropped = [];
  for (let made = 0; made < 4; made += 1) {
    const shot = { wish: { made }, file: new Blob(["x".repeat(100)]), small: null };
    dropped.push((await album.add({ ...shot, seconds: 0, madeAt: 0 })).dropped);
  }
  const again = new Album("test", most, bytes);
  await again.open();
  return { opened, dropped, kept: again.shots.map((shot) => shot.wish.made) };
}"""


@pytest.fixture
def three_made(visit: Visit) -> Visit:
    for seed, prompt in enumerate(("one", "two", "three")):
        visit.make(prompt, seed=str(seed))
    expect(visit.shots()).to_have_count(3)
    return visit


def test_pictures_outlive_a_reload_newest_first(three_made: Visit) -> None:
    three_made.page.reload()

    expect(three_made.shots()).to_have_count(3)
    expect(three_made.shots().first).to_have_attribute("title", "three")
    expect(three_made.at("#gallery-facts")).to_contain_text("3 pictures")


def test_arrows_go_through_the_pictures_in_full_size(three_made: Visit) -> None:
    visit, keyboard = three_made, three_made.page.keyboard
    visit.shots().first.click()
    expect(visit.at("#viewer-prompt")).to_have_text("three")

    keyboard.press("ArrowRight")
    expect(visit.at("#viewer-prompt")).to_have_text("two")
    keyboard.press("ArrowLeft")
    keyboard.press("ArrowLeft")
    expect(visit.at("#viewer-prompt")).to_have_text("three")
    keyboard.press("Escape")
    expect(visit.at("#viewer")).to_be_hidden()
    expect(visit.shots().first).to_be_focused()


def test_a_picture_is_deleted_for_good(three_made: Visit) -> None:
    three_made.shots().nth(1).focus()
    three_made.page.keyboard.press("Delete")

    expect(three_made.shots()).to_have_count(2)
    three_made.page.reload()
    expect(three_made.shots()).to_have_count(2)
    expect(three_made.shots().nth(1)).to_have_attribute("title", "one")


def test_deleting_in_full_size_shows_the_next(three_made: Visit) -> None:
    three_made.shots().first.click()
    three_made.at("#viewer-tools [data-tool=deleteOne]").click()

    expect(three_made.at("#viewer-prompt")).to_have_text("two")
    expect(three_made.shots()).to_have_count(2)


def test_all_are_deleted_only_by_who_is_sure(three_made: Visit) -> None:
    three_made.at("#delete-all").click()
    expect(three_made.at("#sure-text")).to_contain_text("all 3 pictures")
    three_made.page.keyboard.press("Enter")
    expect(three_made.at("#sure")).to_be_hidden()
    expect(three_made.shots()).to_have_count(3)

    three_made.at("#delete-all").click()
    three_made.at("#sure-yes").click()

    expect(three_made.shots()).to_have_count(0)
    expect(three_made.at("#no-shots")).to_be_visible()


def test_settings_of_an_old_picture_are_used_again(three_made: Visit) -> None:
    three_made.shots().last.click()
    three_made.at("#viewer-tools [data-tool=reuse]").click()

    expect(three_made.at("#viewer")).to_be_hidden()
    expect(three_made.at("#prompt")).to_have_value("one")
    expect(three_made.at("#seed")).to_have_value("0")


@pytest.mark.parametrize("bounds", [[2, 10**6], [9, 250]], ids=["pictures", "bytes"])
def test_the_oldest_are_dropped_where_there_is_no_more_room(visit: Visit, bounds: Any) -> None:
    found = visit.page.evaluate(SMALL_ALBUM, bounds)

    assert found == {"opened": True, "dropped": [0, 0, 1, 1], "kept": [3, 2]}


def test_a_browser_that_keeps_nothing_still_shows_what_is_made(
    browser: Browser, engine: RunningEngine
) -> None:
    with visiting(browser, "about:blank") as visit:
        visit.page.add_init_script("delete window.indexedDB; window.indexedDB = undefined")
        visit.url = engine.url
        visit.page.goto(engine.url)
        expect(visit.at("#notices")).to_contain_text("keeps nothing")

        visit.make("x")

        expect(visit.shots()).to_have_count(1)
