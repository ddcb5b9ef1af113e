"""One measured figure and the limit that it is held to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """What was measured; `limit` is the most that it may be, None where nothing limits it.

    `noisy` says that seconds of this machine are in it, so that other work makes it larger.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    noisy: bool = False

    @property
    def ok(self) -> bool:
        """Whether it is within its limit."""
        return self.limit is None or self.value <= self.limit


def table(figures: Iterable[Figure]) -> str:
    """Return one row for each figure: name, value, limit, and ok or over."""
    rows = [_row(figure) for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = (
        f"{name:<{widths[0]}}  {value:>{widths[1]}}  {limit:<{widths[2]}}  {verdict}"
        for name, value, limit, verdict in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def document(figures: Iterable[Figure]) -> dict[str, object]:
    """Return the same for programs."""
    return {
        "schema_version": 1,
        "figures": [{**asdict(figure), "ok": figure.ok} for figure in figures],
    }


def _row(figure: Figure) -> tuple[str, str, str, str]:
    value = f"{_number(figure.value)} {figure.unit}"
    if figure.limit is None:
        return figure.name, value, "", ""
    verdict = "ok" if figure.ok else "over"
    return figure.name, value, f"≤ {_number(figure.limit)} {figure.unit}", verdict


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or value >= 100 else f"{value:.3g}"
