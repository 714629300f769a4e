"""Where a case lies, in the words of the county: township and village; the grid is for those who walk it."""

from collections.abc import Iterable

from cases.models import Case
from grids.area_codes import LEVEL_DIGITS
from grids.book import AREAS

_TOWNSHIP = LEVEL_DIGITS["township"]


def township_code(area_code: str) -> str:
    return area_code[:_TOWNSHIP]


def township_names(area_codes: Iterable[str]) -> dict[str, str]:
    """The names of the townships around these areas, as this process knows them."""
    found = {code: AREAS.known(code) for code in {township_code(code) for code in area_codes}}
    return {code: area.name for code, area in found.items() if area}


def place_words(case: Case, township: str) -> str:
    """南阳镇 山坑村: of a grid its village is named, of an outer area the area itself."""
    inner = (
        case.area.parent.name if len(case.area_code) > LEVEL_DIGITS["village"] and case.area.parent else case.area.name
    )
    return inner if inner == township or not township else f"{township} {inner}"
