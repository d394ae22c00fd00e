"""The table as a picture: for each figure two bars, of which boto3's is as long as there is room."""

from html import escape
from pathlib import Path

from figures import OURS, THEIRS, Row, number

WIDTH = 820
MARGIN = 16
NAMES_WIDTH = 330
BARS_WIDTH = 320
BAR_HEIGHT = 11
ROW_HEIGHT = 42
HEAD_HEIGHT = 66
# What is too short to be seen is not nothing.
BAR_WIDTH_MIN = 1.5

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 16px; font-weight: 600 }
.value { font-size: 12px }
.ours { fill: #c2410c }
.theirs { fill: #8c959f }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .ours { fill: #fb923c }
  .theirs { fill: #6e7681 }
}
"""


def svg(rows: list[Row], caption: str) -> str:
    """Only rows that both sides have, in which less is better by more than a few calls."""
    shown = [row for row in rows if row.unit and row.ours and row.theirs and row.theirs > row.ours]
    height = HEAD_HEIGHT + ROW_HEIGHT * len(shown) + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(f"{OURS} against {THEIRS}: {caption}")}">',
        f"<style>{STYLE}</style>",
        f'<text class="title" x="{MARGIN}" y="26">{OURS} and a {THEIRS} handler that does the same</text>',
        *legend(),
        f'<text class="value" x="{MARGIN + NAMES_WIDTH}" y="50">{escape(caption)}; shorter is better</text>',
    ]
    for number_of, row in enumerate(shown):
        parts += bars(row, HEAD_HEIGHT + ROW_HEIGHT * number_of)
    return "\n".join([*parts, "</svg>", ""])


def legend() -> list[str]:
    return [
        f'<rect class="ours" x="{MARGIN}" y="40" width="12" height="12"/>',
        f'<text x="{MARGIN + 18}" y="51">{OURS}</text>',
        f'<rect class="theirs" x="{MARGIN + 90}" y="40" width="12" height="12"/>',
        f'<text x="{MARGIN + 108}" y="51">{THEIRS}</text>',
    ]


def bars(row: Row, top: int) -> list[str]:
    left = MARGIN + NAMES_WIDTH
    name = f'<text x="{MARGIN}" y="{top + BAR_HEIGHT + 5}">{escape(row.name)}</text>'
    parts = [name]
    for kind, value, below in (("ours", row.ours, 0), ("theirs", row.theirs, BAR_HEIGHT + 3)):
        width = max(BAR_WIDTH_MIN, BARS_WIDTH * value / row.theirs)
        middle = top + below + BAR_HEIGHT - 1
        label = escape(f"{number(value)} {row.unit}") + (f" ({row.times():.1f}× less)" if kind == "ours" else "")
        parts += [
            f'<rect class="{kind}" x="{left}" y="{top + below}" width="{width:.1f}" height="{BAR_HEIGHT}"/>',
            f'<text class="value" x="{left + width + 6:.1f}" y="{middle}">{label}</text>',
        ]
    return parts


def write(path: Path, rows: list[Row], caption: str) -> None:
    path.write_text(svg(rows, caption))
