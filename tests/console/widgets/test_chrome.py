from __future__ import annotations

from console.model.service import ServiceSnapshot, ServiceState
from console.model.text import SafeText
from console.widgets.facts import facts_rows, service_facts, service_story
from console.widgets.key_bar import KeyHint, key_bar
from console.widgets.service_badge import badge
from console.widgets.status_line import status_line
from console.widgets.tabs import tabs_row

READY = ServiceSnapshot(state=ServiceState.READY, model=SafeText("demo"))
HINTS = [KeyHint("g", "Prompt"), KeyHint("?", "Help"), KeyHint("ctrl+r", "Restart")]


def test_the_status_fills_its_row_with_the_state_at_the_right() -> None:
    row = status_line(READY, 60)
    assert row.cell_length == 60
    assert row.plain.startswith(" Z-Image   local › demo")
    assert row.plain.endswith("● READY ")


def test_a_long_model_name_gives_way_to_the_state() -> None:
    row = status_line(ServiceSnapshot(model=SafeText("模型" * 50)), 60)
    assert row.cell_length == 60
    assert row.plain.endswith("○ STOPPED ")


def test_every_state_has_its_own_glyph_and_word() -> None:
    shown = {badge(ServiceSnapshot(state=state)).plain for state in ServiceState}
    assert (
        len({text[0] for text in shown}) == len({text[2:] for text in shown}) == len(ServiceState)
    )


def test_what_is_not_known_is_a_dash() -> None:
    rows = facts_rows(service_facts(ServiceSnapshot()), 40).plain.split("\n")
    assert rows[1:] == [
        "model    –",
        "files    bundled demo model",
        "url      –",
        "process  –",
        "ready in –",
    ]


def test_a_death_says_why_and_which_key_mends_it() -> None:
    dead = ServiceSnapshot(state=ServiceState.FAILED, problem=SafeText("out of memory"))
    assert service_story(dead, "ctrl+r").plain == "out of memory\nctrl+r starts the engine again"


def test_hints_that_do_not_fit_are_left_out_but_quit_stays() -> None:
    assert key_bar(HINTS, KeyHint("q", "Quit"), 30).plain == " g Prompt  ? Help      q Quit "


def test_the_present_tab_is_marked() -> None:
    row = tabs_row([KeyHint("1", "Overview"), KeyHint("3", "Logs")], 1)
    assert row.plain == " 1 Overview  3 Logs "
    assert [str(span.style) for span in row.spans] == ["$text-muted", "bold $primary on $panel"]


def test_a_note_stands_at_the_right_and_its_last_parts_give_way() -> None:
    tabs = [KeyHint("1", "Overview")]
    assert tabs_row(tabs, 0, "old · again", 30).plain == " 1 Overview       old · again"
    assert tabs_row(tabs, 0, "quite old · again", 25).plain == " 1 Overview    quite old"
    assert tabs_row(tabs, 0, "quite old", 15).plain == " 1 Overview "
