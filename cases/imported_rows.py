"""What a row of another system's list says, as a matter of ours: areas, topics and types by code or by name.

A row that cannot be taken raises InvalidInput with one sentence. Sentences name fields and codes, never a person.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from django.utils import translation
from django.utils.translation import gettext as _

from cases import codes, labels
from cases.actions.intake import Answered, Matter, PetitionerInput
from cases.errors import InvalidInput
from cases.models import Case, Category
from cases.sheets import Row
from cases.terms import CaseType, Disclosure, Source
from grids.actors import day_of
from grids.models import Area

TITLE_LENGTH: Final = Case.title.field.max_length or 0
NUMBER_LENGTH: Final = Case.source_number.field.max_length or 0
_ANONYMOUS: Final = frozenset({"匿名", "匿名用户", "anonymous"})
#: A login such as A00012345: latin letters and digits, a digit among them. It stands for a person, but is no name.
_USER_CODE: Final = re.compile(r"(?=.*\d)[A-Za-z0-9_.@-]+")

_Named = TypeVar("_Named", Area, Category)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row, ready to be taken in. `answer` makes it a historic case; `remark` says what was left out."""

    source_number: str
    matter: Matter
    received_at: datetime | None
    answer: Answered | None
    remark: str = ""


class Reader:
    """Turns rows into entries with the county's areas and categories, looked up once."""

    def __init__(
        self, *, default_area: Area, default_type: CaseType, now: datetime, within: Collection[str] = ("",)
    ) -> None:
        """`within`: areas, by the beginnings of their codes, in which whoever imports may take in a matter."""
        self._default_area, self._default_type, self._now = default_area, default_type, now
        self._within = tuple(within)
        areas = list(Area.objects.filter(is_active=True))
        self._areas = _by_unique_name(areas) | {area.code: area for area in areas}
        # A name that stands on both levels means the topic, not what stands under another one.
        categories = list(Category.objects.filter(is_active=True))
        topics = [category for category in categories if category.parent_id is None]
        self._categories = _by_unique_name(categories) | _by_unique_name(topics)
        self._types = types_by_label()

    def entry(self, row: Row) -> Entry:
        """Errors: InvalidInput with every reason why this row cannot be taken: it is mended in one go."""
        _refuse_unreadable(row)
        _refuse_all(
            lambda: _source_number(row),
            lambda: self._answer(row),
            lambda: self._past(row, "received_at"),
            lambda: self._area(_text(row, "area")),
            lambda: self._type(_text(row, "type")),
            lambda: _title_and_description(_text(row, "title"), _text(row, "description")),
        )
        topic = _text(row, "topic")
        category = self._categories.get(topic) if topic else None
        return Entry(
            source_number=_source_number(row),
            matter=self._matter(row, category),
            received_at=self._past(row, "received_at"),
            answer=self._answer(row),
            remark=_("The topic “%(topic)s” is not known here.") % {"topic": topic} if topic and not category else "",
        )

    def _matter(self, row: Row, category: Category | None) -> Matter:
        title, description = _title_and_description(_text(row, "title"), _text(row, "description"))
        case_type = self._type(_text(row, "type"))
        return Matter(
            type=case_type,
            title=title,
            description=description,
            area=self._area(_text(row, "area")),
            category=category,
            source=Source.IMPORT,
            address=_text(row, "address"),
            # An open case is received here and now; when it was first told is kept beside that.
            captured_at=None if "reply" in row.values else self._past(row, "received_at"),
            petitioner=_petitioner(row, case_type),
        )

    def _area(self, written: str) -> Area:
        area = self._areas.get(written) if written else self._default_area
        if area is None:
            raise _refused("area", _("There is no area with this code or name, or several have it."))
        if not area.code.startswith(self._within):
            raise _refused("area", _("This area is outside those in which you may take in matters."))
        return area

    def _type(self, written: str) -> CaseType:
        case_type = self._types.get(written.casefold()) if written else self._default_type
        if case_type is None:
            raise _refused("type", _("There is no such type of case."))
        return case_type

    def _past(self, row: Row, field: str) -> datetime | None:
        moment = row.values.get(field)
        if not isinstance(moment, datetime):
            return None
        if moment > self._now:
            raise _refused(field, _("This time lies in the future."))
        return moment

    def _answer(self, row: Row) -> Answered | None:
        reply, at, received = _text(row, "reply"), self._past(row, "answered_at"), self._past(row, "received_at")
        if at is None:
            if reply:
                raise _refused("answered_at", _("There is a reply without its time."))
            return None
        if not reply:
            raise _refused("reply", _("There is a time of a reply without the reply."))
        # By the day: lists often give one of the two times as a date, which counts from midnight.
        if received is not None and day_of(at) < day_of(received):
            raise _refused("answered_at", _("The reply was given before the matter was received."))
        return Answered(reply, at)


def _refused(field: str, sentence: str) -> InvalidInput:
    return InvalidInput(sentence, {field: [sentence]})


def _refuse_all(*parts: Callable[[], object]) -> None:
    """Each part of a row is asked, whatever is wrong with the ones before it; what is wrong is told once."""
    found: dict[str, list[Any]] = {}
    for part in parts:
        try:
            part()
        except InvalidInput as error:
            for field, sentences in error.errors.items():
                found.setdefault(field, sentences)
    if found:
        raise InvalidInput(" ".join(str(one) for sentences in found.values() for one in sentences), found)


def _text(row: Row, field: str) -> str:
    return str(row.values.get(field, ""))


def _refuse_unreadable(row: Row) -> None:
    found = dict(row.problems)
    for field in row.values:
        if not _can_be_stored(_text(row, field)):
            found[field] = _("The text contains characters that cannot be stored.")
    if found:
        raise InvalidInput(" ".join(found.values()), {field: [sentence] for field, sentence in found.items()})


def _can_be_stored(text: str) -> bool:
    """PostgreSQL takes neither the zero character nor half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _source_number(row: Row) -> str:
    """The number that the row has, or one made of what it says: the same row read again is known again."""
    number = _text(row, "source_number")
    if len(number) > NUMBER_LENGTH:
        raise _refused("source_number", _("The number has more than %(limit)d characters.") % {"limit": NUMBER_LENGTH})
    if number:
        return number
    said = {field: _text(row, field) for field in ("sender", "title", "description", "received_at")}
    return f"#{codes.request_digest(said)[:40]}"


def _title_and_description(title: str, description: str) -> tuple[str, str]:
    """A title of one line that fits; what it lost stands in the description."""
    whole = " ".join((title or description).split())
    if not whole:
        raise _refused("title", _("There is neither a title nor a description."))
    if len(whole) <= TITLE_LENGTH:
        return whole, description
    return f"{whole[: TITLE_LENGTH - 1]}…", f"{title}\n\n{description}".strip()


def _petitioner(row: Row, case_type: CaseType) -> PetitionerInput | None:
    """Who wrote; nobody for a patrol matter without a name. A user code is kept from those who handle the case."""
    name = _text(row, "sender")
    if not name or name.casefold() in _ANONYMOUS:
        return None if case_type is CaseType.PATROL and not name else PetitionerInput(Disclosure.ANONYMOUS)
    disclosure = Disclosure.CONFIDENTIAL if _USER_CODE.fullmatch(name) else Disclosure.NAMED
    return PetitionerInput(disclosure, name=name, phone=_text(row, "phone"))


def _by_unique_name(places: Sequence[_Named]) -> dict[str, _Named]:
    """Only names that say which one is meant."""
    times = Counter(place.name for place in places)
    return {place.name: place for place in places if times[place.name] == 1}


def types_by_label() -> dict[str, CaseType]:
    """Types by code and by the words that people read, in both languages."""
    types = {case_type.value: case_type for case_type in CaseType}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            types |= {str(label).casefold(): case_type for case_type, label in labels.TYPE.items()}
    return types
