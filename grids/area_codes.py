"""Area codes: hierarchical digits, so that "inside" is a prefix (domain.md, glossary). Pure: no Django."""

#: Digits of a code at each level: county, township, village, grid, micro-grid.
LEVEL_DIGITS = {"county": 6, "township": 9, "village": 12, "grid": 14, "micro_grid": 16}


def containing(code: str) -> list[str]:
    """The codes of all areas that contain `code`, itself included, outermost first."""
    return [code[:digits] for digits in LEVEL_DIGITS.values() if digits <= len(code)]


def level_of(code: str) -> str:
    """The level that a code of this length stands for. ValueError for any other length."""
    for level, digits in LEVEL_DIGITS.items():
        if digits == len(code):
            return level
    msg = f"an area code has 6, 9, 12, 14 or 16 digits, not {len(code)}"
    raise ValueError(msg)
