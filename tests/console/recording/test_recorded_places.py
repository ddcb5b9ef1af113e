"""A console that records begins with nothing known, and ends the recording when it goes on."""

from __future__ import annotations

from pathlib import Path

from recorded_sandbox import recorder

from console.config import Config
from console.contexts.recents import Recents, utc_now
from console.contexts.recorded import RecordedPlaces
from console.model.contexts import LOCAL, SANDBOX
from console.recording.reader import read
from console.store import Store


def test_going_elsewhere_ends_the_recording_and_says_so(tmp_path: Path, config: Config) -> None:
    path, told = tmp_path / "a.jsonl", list[str]()
    recording = recorder(path)
    recording.listen(told.append)
    places = RecordedPlaces(config, Recents(tmp_path / "recents", utc_now), recording)
    assert places.store(SANDBOX).service.facts is None
    places.open_session(SANDBOX, Store())
    assert recording.context == SANDBOX
    places.open_session(LOCAL, Store())
    recording.note({"note": "what comes later"})
    recording.close()
    assert told == ["the recording of sandbox ended here"]
    assert read(path).header.context == SANDBOX
    assert len(path.read_text().splitlines()) == 2
