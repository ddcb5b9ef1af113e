"""What is known of model files as text, for the clipboard."""

from __future__ import annotations

from datetime import datetime

from console.language import tr
from console.model.cost.facts import priced_region
from console.model.models.file_rows import file_rows
from console.model.models.snapshot import ModelsSnapshot
from console.widgets.models.file_facts import facts_of
from console.widgets.models.models_head import head_rows
from console.widgets.models.rows import part_words

_WIDE = 200


def models_text(known: ModelsSnapshot, now: datetime) -> str:
    """Return head and files, one thing a line."""
    lines = [row.plain.rstrip() for row in head_rows(known, now, _WIDE)]
    region = priced_region(known.there.region) if known.there is not None else ""
    for row in file_rows(known):
        lines += ["", f"{row.name} ({part_words(row.part)})"]
        facts = facts_of(row, region, known.prices, now)
        lines += [tr("  {label}: {text}", label=tr(label), text=text) for label, text in facts]
    return "\n".join(lines)
