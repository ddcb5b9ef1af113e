"""The diagnosis of a start in words, with what mends it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.getters import query_one

from console.language import tr
from console.model.starts.findings import Cause, Finding
from console.widgets.laid_text import Fitted


def diagnosis(findings: Sequence[Finding]) -> Content:
    """Return findings as paragraphs, most weighty first; the mend stands under each."""
    paragraphs = []
    for finding in findings:
        style = "$success" if finding.cause is Cause.USUAL else "bold"
        parts = [Content(finding.says).stylize(style, 0, len(finding.brief))]
        if finding.mend:
            parts.append(Content.assemble((tr("mend: "), "$accent"), finding.mend))
        paragraphs.append(Content("\n").join(parts))
    return Content("\n\n").join(paragraphs)


class DiagnosisPane(VerticalScroll, can_focus=True):
    """Shows findings, or another text in their place; scrolls where they are longer than it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "down", show=False),
        Binding("k", "scroll_up", "up", show=False),
    ]

    text = query_one("#diagnosis-text", Fitted)

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        yield Fitted(id="diagnosis-text", markup=False)

    def show(self, text: Content) -> None:
        """Show this text from its beginning; the same again paints nothing."""
        if text != self.text.content:
            self.text.update(text)
            self.scroll_home(animate=False)
