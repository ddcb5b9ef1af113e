"""How far a push is, in one line."""

from __future__ import annotations

from console.language import tr
from console.model.models.push_progress import FileStage, PushedFile, PushProgress
from console.model.models.rate_text import rate_text, span_text
from console.model.storage import size_text


def progress_text(progress: PushProgress) -> str:
    """Return how far all is, how fast, how long still, and the same of the file that is sent."""
    by_stage = {each.stage: each for each in reversed(progress.files)}
    current = by_stage.get(FileStage.SENDING) or by_stage.get(FileStage.FINISHING)
    share = _percent(progress.done, progress.size)
    parts = [tr("{share} of {size}", share=share, size=size_text(progress.size))]
    if progress.rate is not None:
        parts.append(rate_text(progress.rate))
    left = progress.seconds_left
    if left is not None and progress.done < progress.size:
        parts.append(tr("{left} left", left=span_text(left)))
    if current is not None:
        parts.append(_file_text(current, progress.rate))
    return " · ".join(parts)


def _file_text(file: PushedFile, rate: float | None) -> str:
    if file.stage is FileStage.FINISHING:
        return tr("{file} {doing}", file=file.name, doing=file.doing)
    text = f"{file.name} {_percent(file.done, file.size)}"
    if rate:
        left = span_text((file.size - file.done) / rate)
        text = tr("{progress}, {left} left", progress=text, left=left)
    return tr("{progress} · waiting: {note}", progress=text, note=file.note) if file.note else text


def _percent(done: int, size: int) -> str:
    return f"{done * 100 // size if size else 100} %"
