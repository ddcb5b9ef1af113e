"""A roll-out as its stages with their seconds; when it fails, the cause and the last lines."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from console.language import tr, tr_later
from console.language.cells import to_the_right
from console.model.log.lines import LogRecord, Severity
from console.model.rollout import (
    CREATING,
    PROBING,
    READY,
    ROUTING,
    STARTING,
    Rollout,
    Stage,
    StageState,
)
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
    CREATING: tr_later("revision"),
    STARTING: tr_later("instance"),
    PROBING: tr_later("probe"),
    ROUTING: tr_later("traffic"),
    READY: tr_later("ready"),
}


def rollout_content(rollout: Rollout, now: datetime, width: int, height: int) -> Content:
    """Return a roll-out in `width` × `height` cells; a failure leaves its stages one row."""
    if rollout.cause is None:
        rows = [_row(each, now) for each in rollout.stages]
        if rollout.going_on and rollout.serving and rollout.serving != rollout.revision:
            rows.append(
                Content.styled(
                    tr("{revision} serves meanwhile", revision=rollout.serving), "$text-muted"
                )
            )
        return Content("\n").join(rows)
    in_full = height >= _IN_FULL_FROM
    rows = [_row(each, now) for each in rollout.stages] if in_full else [_short_row(rollout, now)]
    rows += _wrapped(Content.styled(rollout.cause.says, "$error"), width)
    if rollout.cause.mend:
        rows += _wrapped(Content.assemble((tr("mend: "), "$text-muted"), rollout.cause.mend), width)
    if rollout.serving:
        rows.append(
            Content.styled(tr("{revision} keeps serving", revision=rollout.serving), "$success")
        )
    room = height - len(rows)
    words = rollout.last_words[-room:] if room > 0 else ()
    rows += [_line(each).truncate(width, ellipsis=True) for each in words]
    return Content("\n").join(rows)


def rollout_title(rollout: Rollout) -> str:
    """Return what is rolled out."""
    return tr("Roll-out of {revision}", revision=rollout.revision)


def rollout_subtitle(rollout: Rollout, now: datetime) -> str:
    """Return how it goes, with its seconds so far or in all."""
    first, last = rollout.stages[0], rollout.stages[-1]
    if rollout.cause is not None:
        return tr("failed: {stage}", stage=rollout.present.title)
    if rollout.going_on:
        if first.began is None:
            return ""
        return tr("{seconds:.0f} s so far", seconds=max(0.0, (now - first.began).total_seconds()))
    took = last.seconds(now)
    return tr("done") if took is None else tr("done in {seconds:.1f} s", seconds=took)


def _row(stage: Stage, now: datetime) -> Content:
    glyph, style = _LOOKS[stage.state]
    took = _took(stage, now)
    name = Content.styled(stage.title, "$text-muted" if stage.state is StageState.TO_COME else "")
    return Content.assemble(
        (f"{glyph} ", style), name.truncate(_NAME_WIDTH, pad=True), to_the_right(took, _VALUE_WIDTH)
    )


def _short_row(rollout: Rollout, now: datetime) -> Content:
    parts: list[tuple[str, str]] = []
    for each in rollout.stages:
        glyph, style = _LOOKS[each.state]
        parts.append((f"{glyph} {tr(_SHORT.get(each.name, each.name))}", style))
        parts.append((f" {_took(each, now)}".rstrip() + "  ", ""))
    return Content.assemble(*parts)


def _took(stage: Stage, now: datetime) -> str:
    seconds = stage.seconds(now)
    if stage.state in (StageState.TO_COME, StageState.SKIPPED):
        return "" if stage.state is StageState.TO_COME else tr("not done")
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
