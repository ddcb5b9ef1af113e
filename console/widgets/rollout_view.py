"""A roll-out as its stages with their seconds; when it fails, the cause and the last lines."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from console.model.log.lines import LogRecord, Severity
from console.model.rollout import Rollout, Stage, StageState
from console.model.service import ServiceSnapshot

_LOOKS = {
    StageState.TO_COME: ("·", "$text-muted"),
    StageState.GOING_ON: ("◔", "$warning"),
    StageState.DONE: ("✓", "$success"),
    StageState.SKIPPED: ("–", "$text-muted"),
    StageState.FAILED: ("✗", "$error"),
}
_SEVERITIES = {Severity.ERROR: "$error", Severity.WARNING: "$warning"}
_NAME_WIDTH = 22
_VALUE_WIDTH = 9
_IN_FULL_FROM = 12
_SHORT = {
    "Creating revision": "revision",
    "Starting an instance": "instance",
    "Start-up probe": "probe",
    "Routing traffic": "traffic",
    "Ready": "ready",
}


def rollout_content(rollout: Rollout, now: datetime, width: int, height: int) -> Content:
    """Return a roll-out in `width` × `height` cells; a failure leaves its stages one row."""
    if rollout.cause is None:
        rows = [_row(each, now) for each in rollout.stages]
        if rollout.going_on and rollout.serving and rollout.serving != rollout.revision:
            rows.append(Content.styled(f"{rollout.serving} serves meanwhile", "$text-muted"))
        return Content("\n").join(rows)
    in_full = height >= _IN_FULL_FROM
    rows = [_row(each, now) for each in rollout.stages] if in_full else [_short_row(rollout, now)]
    rows += _wrapped(Content.styled(rollout.cause.says, "$error"), width)
    if rollout.cause.mend:
        rows += _wrapped(Content.assemble(("mend: ", "$text-muted"), rollout.cause.mend), width)
    if rollout.serving:
        rows.append(Content.styled(f"{rollout.serving} keeps serving", "$success"))
    room = height - len(rows)
    words = rollout.last_words[-room:] if room > 0 else ()
    rows += [_line(each).truncate(width, ellipsis=True) for each in words]
    return Content("\n").join(rows)


def rollout_title(rollout: Rollout) -> str:
    """Return what is rolled out."""
    return f"Roll-out of {rollout.revision}"


def rollout_subtitle(rollout: Rollout, now: datetime) -> str:
    """Return how it goes, with its seconds so far or in all."""
    first, last = rollout.stages[0], rollout.stages[-1]
    if rollout.cause is not None:
        return f"failed: {rollout.present.name}"
    if rollout.going_on:
        began = first.began
        return "" if began is None else f"{max(0.0, (now - began).total_seconds()):.0f} s so far"
    took = last.seconds(now)
    return "done" if took is None else f"done in {took:.1f} s"


def _row(stage: Stage, now: datetime) -> Content:
    glyph, style = _LOOKS[stage.state]
    took = _took(stage, now)
    name = Content.styled(stage.name, "$text-muted" if stage.state is StageState.TO_COME else "")
    return Content.assemble(
        (f"{glyph} ", style), name.truncate(_NAME_WIDTH, pad=True), took.rjust(_VALUE_WIDTH)
    )


def _short_row(rollout: Rollout, now: datetime) -> Content:
    parts: list[tuple[str, str]] = []
    for each in rollout.stages:
        glyph, style = _LOOKS[each.state]
        parts.append((f"{glyph} {_SHORT.get(each.name, each.name)}", style))
        parts.append((f" {_took(each, now)}".rstrip() + "  ", ""))
    return Content.assemble(*parts)


def _took(stage: Stage, now: datetime) -> str:
    seconds = stage.seconds(now)
    if stage.state in (StageState.TO_COME, StageState.SKIPPED):
        return "" if stage.state is StageState.TO_COME else "not done"
    return "–" if seconds is None else f"{seconds:.1f} s"


def _wrapped(content: Content, width: int) -> list[Content]:
    return list(content.wrap(max(1, width)))


def _line(record: LogRecord) -> Content:
    return Content.assemble(
        (f"{record.time:%H:%M:%S} ", "$text-muted"),
        (record.message, _SEVERITIES.get(record.severity, "")),
    )


class RolloutView(Widget):
    """The roll-out of one service; empty while there is none."""

    service: reactive[ServiceSnapshot] = reactive(ServiceSnapshot)
    now: reactive[datetime | None] = reactive(None)

    def render(self) -> Content:
        """Paint the roll-out."""
        rolling, now = self.service.rollout, self.now
        if rolling is None or now is None:
            return Content("")
        return rollout_content(rolling, now, self.content_size.width, self.content_size.height)
