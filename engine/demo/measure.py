"""How well the demo model draws: random prompts of held-out combinations, judged by pixels.

`python -m engine.demo.measure [--models DIR] [--count 200] [--seed N] [--unseen-wording] [--json]`
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.demo.judge import Reading, read_picture
from engine.demo.prompts import LANGUAGES, sample_held_out_prompt
from engine.demo.scenes import DEFAULT_SIZE, Scene

if TYPE_CHECKING:
    from engine.demo.painter import Painter

DEFAULT_COUNT = 200
DEFAULT_SEED = 7


@dataclass(frozen=True)
class Case:
    """One measured prompt: its wording, its scene, and the seed of its noise."""

    text: str
    language: str
    scene: Scene
    seed: int


@dataclass(frozen=True)
class Verdict:
    """A case and what its picture shows."""

    case: Case
    reading: Reading

    @property
    def right(self) -> bool:
        """Whether shape and shape colour are right: the number that counts."""
        return self.reading.shows(self.case.scene)


def sample_cases(count: int, seed: int, *, unseen_wording: bool = False) -> list[Case]:
    """Draw held-out cases, the languages in turn; the same seed gives the same cases.

    With `unseen_wording` their sentences too are kept out of training, not only their scenes.
    """
    rng = random.Random(seed)
    cases = []
    for index in range(count):
        language = LANGUAGES[index % len(LANGUAGES)]
        prompt = sample_held_out_prompt(rng, language, unseen_wording=unseen_wording)
        assert prompt.scene is not None
        cases.append(Case(prompt.text, prompt.language, prompt.scene, seed * 100_000 + index))
    return cases


def measure(paint: Painter, cases: Iterable[Case]) -> list[Verdict]:
    """Paint every case and read the picture."""
    return [Verdict(case, read_picture(paint(case.text, case.seed))) for case in cases]


def report(verdicts: list[Verdict]) -> dict[str, object]:
    """Sum verdicts up: shares of 0..1 by attribute, by shape and by language, and the misses."""
    return {
        "schema_version": 1,
        "count": len(verdicts),
        "right": _share(verdict.right for verdict in verdicts),
        **{name: _share(check(verdict) for verdict in verdicts) for name, check in _CHECKS.items()},
        "size": _share(_size_right(v) for v in verdicts if v.case.scene.size != DEFAULT_SIZE),
        "by_shape": _by(verdicts, lambda verdict: verdict.case.scene.shape),
        "by_language": _by(verdicts, lambda verdict: verdict.case.language),
        "misses": [
            f"{verdict.case.text} -> {verdict.reading.colour} {verdict.reading.nearest} "
            f"({verdict.reading.overlap:.2f})"
            for verdict in verdicts
            if not verdict.right
        ],
    }


_CHECKS: dict[str, Callable[[Verdict], bool]] = {
    "shape": lambda verdict: verdict.reading.shape == verdict.case.scene.shape,
    "nearest_shape": lambda verdict: verdict.reading.nearest == verdict.case.scene.shape,
    "colour": lambda verdict: verdict.reading.colour == verdict.case.scene.colour,
    "background": lambda verdict: verdict.reading.background == verdict.case.scene.background,
    "place": lambda verdict: verdict.reading.place == verdict.case.scene.place,
}


def _size_right(verdict: Verdict) -> bool:
    return verdict.reading.size == verdict.case.scene.size


def _share(flags: Iterable[bool]) -> float:
    values = list(flags)
    return sum(values) / len(values) if values else 0.0


def _by(verdicts: list[Verdict], key: Callable[[Verdict], str]) -> dict[str, str]:
    """Count right ones among all, per group."""
    total = Counter(key(verdict) for verdict in verdicts)
    right = Counter(key(verdict) for verdict in verdicts if verdict.right)
    return {name: f"{right[name]}/{total[name]}" for name in sorted(total)}


def main(arguments: list[str] | None = None) -> int:
    """Measure the model in a directory (the bundled one by default) through the engine."""
    parser = argparse.ArgumentParser(prog="python -m engine.demo.measure", description=__doc__)
    parser.add_argument("--models", type=Path, help="directory of the three files")
    parser.add_argument("--count", type=int, default=DEFAULT_COUNT, help="how many prompts")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="seed of prompts and noise")
    parser.add_argument(
        "--unseen-wording", action="store_true", help="use sentences kept out of training"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    # Imported late: judging true pictures and reconstructions needs no engine.
    from engine.demo.painter import engine_painter

    cases = sample_cases(options.count, options.seed, unseen_wording=options.unseen_wording)
    result = report(measure(engine_painter(options.models), cases))
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        for name, value in result.items():
            print(f"{name:14} {value}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
