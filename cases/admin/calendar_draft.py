"""A draft of the work calendar as lines that people can read, type and paste: `2027-02-06 off 春节`.

Pure but for the language of its sentences. `off` 休, `work` 班, and `plain` 平, which takes an exception away.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext as _

from cases.calendar import FIRST_YEAR, LAST_YEAR, DayRule, WorkCalendar
from cases.calendar_edits import LONGEST_NAME, edited, with_years_of

Days = dict[date, DayRule | None]

MOST_LINES: Final = 400
OFF, WORK, _PLAIN = "off", "work", "plain"
_WORDS: Final[Mapping[str, str]] = {
    **{word: word for word in (OFF, WORK, _PLAIN)},
    "休": OFF,
    "班": WORK,
    "平": _PLAIN,
}


@dataclass(slots=True)
class Draft:
    """Changed days, years announced with them, and a sentence for each line that could not be read."""

    days: Days = field(default_factory=dict)
    announced: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def on(self, calendar: WorkCalendar) -> WorkCalendar:
        """The calendar as it would be."""
        return edited(calendar, self.days, announced=self.announced)


def read_draft(changes: str, announced: str) -> Draft:
    """What was typed. What cannot be read is told line by line and left out."""
    draft = Draft()
    lines = [(number, line.strip()) for number, line in enumerate(changes.splitlines(), start=1) if line.strip()]
    if len(lines) > MOST_LINES:
        draft.problems.append(_("At most %(count)d lines at once.") % {"count": MOST_LINES})
    for number, line in lines[:MOST_LINES]:
        try:
            day, rule = _line(line)
        except ValueError as error:
            draft.problems.append(_("Line %(number)d: %(sentence)s") % {"number": number, "sentence": error})
        else:
            draft.days[day] = rule
    draft.announced = _years(announced, draft.problems)
    return draft


def written(days: Mapping[date, DayRule | None]) -> str:
    """The lines of `read_draft`, in the order of the days."""
    return "\n".join(_written(day, rule) for day, rule in sorted(days.items()))


def toggled(draft: Draft, calendar: WorkCalendar, day: date, name: str) -> None:
    """Turn a day over: a workday to a day off, a day off to a workday; a day that was changed goes back."""
    if day in draft.days:
        del draft.days[day]
        return
    work = not calendar.is_workday(day)
    as_its_weekday = work == (day.weekday() < 5) and day in calendar.days
    draft.days[day] = None if as_its_weekday and not name else DayRule(work, name)


def imported(draft: Draft, calendar: WorkCalendar, official: WorkCalendar, year: int) -> None:
    """Bring the official days of a year into the draft. ValueError for a year that is not announced."""
    after = with_years_of(draft.on(calendar), official, [year])
    for day in _days_of(year):
        if after.days.get(day) == calendar.days.get(day):
            draft.days.pop(day, None)
        else:
            draft.days[day] = after.days.get(day)
    if year not in calendar.known_years and year not in draft.announced:
        draft.announced.append(year)


def _line(line: str) -> tuple[date, DayRule | None]:
    day, _blank, rest = line.partition(" ")
    word, _blank, name = rest.strip().partition(" ")
    name = name.strip()
    try:
        found = date.fromisoformat(day)
    except ValueError as error:
        raise ValueError(_("“%(text)s” is not a day such as 2027-02-06.") % {"text": day[:20]}) from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError(_("only years from %(first)d to %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR})
    if word not in _WORDS:
        raise ValueError(_("write off, work or plain after the day."))
    if _WORDS[word] == _PLAIN:
        return found, None
    if len(name) > LONGEST_NAME or "\x00" in name:
        raise ValueError(_("a name has at most %(count)d characters.") % {"count": LONGEST_NAME})
    if _WORDS[word] == OFF and not name:
        raise ValueError(_("a day off needs its name."))
    return found, DayRule(_WORDS[word] == WORK, name)


def _written(day: date, rule: DayRule | None) -> str:
    if rule is None:
        return f"{day.isoformat()} {_PLAIN}"
    return f"{day.isoformat()} {WORK if rule.work else OFF} {rule.name}".rstrip()


def _years(text: str, problems: list[str]) -> list[int]:
    years = []
    for word in text.replace(",", " ").replace("，", " ").split():
        if word.isascii() and word.isdecimal() and len(word) == 4 and FIRST_YEAR <= int(word) <= LAST_YEAR:
            years.append(int(word))
        else:
            problems.append(_("“%(text)s” is not a year.") % {"text": word[:20]})
    return years


def _days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
