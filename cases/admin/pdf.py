"""A paper as a PDF for A4, with its Chinese font inside: it looks the same on every computer and in every archive."""

from importlib.resources import files
from typing import Final

from fpdf import FPDF
from fpdf.enums import Align, TableCellFillMode, XPos, YPos

from cases.admin.papers import Paper

_FONT: Final = "noto"
_FONT_FILE: Final = files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf"
_LABEL, _HALF, _LINE = 24, 66, 6.5  # mm
_TIMES: Final = 34
#: Chinese characters in a line across the sheet, and lines of a row, with room left on the page.
_SIGNS, _MOST_LINES = 43, 30


class _Sheet(FPDF):
    """A4 upright, with the number and the page on every foot."""

    def __init__(self, foot: str) -> None:
        super().__init__(format="A4")
        self.foot = foot
        self.set_margins(15, 14)
        self.set_auto_page_break(auto=True, margin=16)
        self.add_font(_FONT, fname=str(_FONT_FILE))
        self.set_font(_FONT, size=10)
        self.add_page()

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font(_FONT, size=8)
        self.cell(text=self.foot)
        self.cell(0, text=f"{self.page_no()} / {{nb}}", align=Align.R)


def as_pdf(paper: Paper) -> bytes:
    sheet = _Sheet(f"{paper.number} · {paper.printed}")
    sheet.set_title(paper.title)
    sheet.set_font_size(18)
    sheet.cell(0, 14, paper.title, align=Align.C, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    sheet.set_font_size(10)
    _facts(sheet, paper)
    if paper.steps:
        _steps(sheet, paper)
    _signatures(sheet, paper)
    return bytes(sheet.output())


def _facts(sheet: _Sheet, paper: Paper) -> None:
    """Two facts in a line, then the long texts across."""
    lines = [paper.facts[at : at + 2] for at in range(0, len(paper.facts), 2)]
    with sheet.table(
        col_widths=(_LABEL, _HALF, _LABEL, _HALF), line_height=_LINE, first_row_as_headings=False, padding=1
    ) as table:
        for line in lines:
            row = table.row()
            for place, (label, words) in enumerate(line, start=1):
                row.cell(label)
                row.cell(words, colspan=3 if place == len(line) == 1 else 1)
        for label, words in paper.texts:
            for place, part in enumerate(_parts(words, _SIGNS)):
                row = table.row()
                row.cell("" if place else label)
                row.cell(part, colspan=3)


def _steps(sheet: _Sheet, paper: Paper) -> None:
    sheet.ln(4)
    with sheet.table(
        col_widths=(_TIMES, 180 - _TIMES),
        line_height=_LINE - 1,
        first_row_as_headings=False,
        padding=1,
        cell_fill_mode=TableCellFillMode.NONE,
    ) as table:
        for at, words in paper.steps:
            for place, part in enumerate(_parts(words, _SIGNS - 2)):
                row = table.row()
                row.cell("" if place else at)
                row.cell(part)
    if paper.more:
        sheet.multi_cell(0, _LINE, paper.more)


def _parts(words: str, width: int) -> list[str]:
    """A long text in rows that a page can hold: a row is never broken in two."""
    lines = [line[at : at + width] for line in words.split("\n") for at in range(0, len(line) or 1, width)]
    if len(lines) <= _MOST_LINES:
        return [words]
    return ["\n".join(lines[at : at + _MOST_LINES]) for at in range(0, len(lines), _MOST_LINES)]


def _signatures(sheet: _Sheet, paper: Paper) -> None:
    sheet.ln(8)
    for label in paper.signatures:
        sheet.cell(60, 8, f"{label}：")
