"""Lists that officers bring as a spreadsheet: rehearsed row by row, then taken in, each row with what became of it.

One way for matters and for posts: which columns there are and what a row means differs, everything else is the same.
A row that cannot be taken never keeps another one out, and what is here already is told and left alone.
"""

import json
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import working_files
from cases.errors import NotPermitted
from cases.importing import Import, Outcome, Result
from cases.models import Errand
from cases.sheets import HEADINGS, Row, SheetError, headings_of, read_columns
from cases.terms import CaseType, ErrandKind
from grids.actors import Actor, day_of
from grids.appointing import Appointed, Appointer, Refused, Written
from grids.models import Area
from grids.roles import Role

#: Who brings matters in bulk, each within the own area; and who gives out posts.
CASE_IMPORTERS: Final = frozenset({Role.INTAKE_OFFICER, Role.CENTER_DISPATCHER})
POST_IMPORTERS: Final = frozenset({Role.SYSTEM_ADMIN})
#: Rows of one file; `import_cases` on the command line takes more.
MOST_ROWS: Final = 20_000
#: What the page of an errand shows: the first rows, and the first of those that cannot be taken. The file has all.
ROWS_SHOWN, PROBLEMS_SHOWN = 12, 200
FAILED: Final = "failed"

_FIELDS_OF_CASES: Final = {
    "source_number": gettext_lazy("number in the list"),
    "sender": gettext_lazy("petitioner"),
    "phone": gettext_lazy("phone"),
    "title": gettext_lazy("title"),
    "description": gettext_lazy("description"),
    "received_at": gettext_lazy("received at"),
    "type": gettext_lazy("type"),
    "topic": gettext_lazy("category"),
    "area": gettext_lazy("area"),
    "address": gettext_lazy("address"),
    "reply": gettext_lazy("reply"),
    "answered_at": gettext_lazy("answered at"),
}
_FIELDS_OF_POSTS: Final = {
    "username": gettext_lazy("user name"),
    "full_name": gettext_lazy("full name"),
    "role": gettext_lazy("role"),
    "place": gettext_lazy("area or department"),
    "valid_from": gettext_lazy("valid from"),
    "valid_to": gettext_lazy("valid to"),
}
_POST_HEADINGS: Final = headings_of(
    {
        "username": "用户名 账号 登录名 工号 user",
        "full_name": "姓名 名字 name",
        "role": "角色 岗位 职务角色",
        "place": "辖区或部门 所在单位 单位 辖区 部门 网格 编码 area department code",
        "valid_from": "起始日期 开始日期 任职时间 生效日期 from",
        "valid_to": "截止日期 结束日期 终止日期 失效日期 to",
    }
)


@dataclass(frozen=True, slots=True)
class Form:
    """What a list of that kind may hold: its fields with their words, known headings, and fields it cannot be without.

    Of `one_of` a list has at least one.
    """

    fields: Mapping[str, Any]
    headings: Mapping[str, str]
    one_of: frozenset[str]
    outcomes: Mapping[str, Any]


FORMS: Final[Mapping[ErrandKind, Form]] = {
    ErrandKind.CASES: Form(
        _FIELDS_OF_CASES,
        HEADINGS,
        frozenset({"title", "description"}),
        {
            Outcome.COLLECTED.value: gettext_lazy("collected"),
            Outcome.HISTORIC.value: gettext_lazy("historic, closed"),
            Outcome.KNOWN.value: gettext_lazy("here already"),
            FAILED: gettext_lazy("not taken"),
        },
    ),
    ErrandKind.POSTS: Form(
        _FIELDS_OF_POSTS,
        _POST_HEADINGS,
        frozenset({"username"}),
        {
            Appointed.BOTH.value: gettext_lazy("new user with a post"),
            Appointed.USER.value: gettext_lazy("new user"),
            Appointed.POST.value: gettext_lazy("new post"),
            Appointed.KNOWN.value: gettext_lazy("here already"),
            FAILED: gettext_lazy("not taken"),
        },
    ),
}


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one row, or would. `number`: of its case; `reason`: one sentence.

    `differs`, `elsewhere`: as the import says it of a matter (`cases.importing.Result`).
    """

    row: Row
    outcome: str
    number: str = ""
    reason: str = ""
    differs: bool = False
    elsewhere: str = ""


@dataclass(slots=True)
class Tally:
    """What is told of a list as its rows go by."""

    form: Form
    counts: Counter[str] = field(default_factory=Counter)
    rows: list[Mapping[str, Any]] = field(default_factory=list)
    problems: list[Mapping[str, Any]] = field(default_factory=list)
    differing: list[Mapping[str, Any]] = field(default_factory=list)
    elsewhere: Counter[str] = field(default_factory=Counter)

    def note(self, fate: Fate) -> None:
        self.counts[fate.outcome] += 1
        if self.counts.total() > MOST_ROWS:
            message = _("The list has more than %(most)d rows: divide it, or let an operator import it.")
            raise SheetError(message % {"most": MOST_ROWS})
        said = {"row": fate.row.number, "outcome": fate.outcome, "number": fate.number, "reason": fate.reason}
        if len(self.rows) < ROWS_SHOWN:
            self.rows.append({**said, "values": {name: str(value)[:80] for name, value in _values(fate.row).items()}})
        if fate.outcome == FAILED and len(self.problems) < PROBLEMS_SHOWN:
            self.problems.append(said)
        if fate.differs and len(self.differing) < PROBLEMS_SHOWN:
            self.differing.append(said)
        if fate.elsewhere:
            self.elsewhere[fate.elsewhere] += 1

    def shown(self, heads: Any) -> str:
        told = {"rows": self.rows, "problems": self.problems, "differing": self.differing, "elsewhere": self.elsewhere}
        return json.dumps({"heads": heads, **told}, ensure_ascii=False)


def _values(row: Row) -> dict[str, Any]:
    """As people read them: a day stays a day."""
    moments = {
        n: f"{v:%Y-%m-%d %H:%M}".removesuffix(" 00:00") for n, v in row.values.items() if isinstance(v, datetime)
    }
    return row.values | moments


def fates(errand: Errand, path: Path, actor: Actor, *, now: datetime) -> Iterator[Fate]:
    """Row by row; SheetError or a CaseError when the list as a whole is of no use."""
    columns = {name: int(column) for name, column in errand.options["columns"].items()}
    rows = read_columns(path, columns, table=errand.options["table"], below=errand.options["below"])
    take = _TAKERS[ErrandKind(errand.kind)]
    return take(rows, errand, actor, now)


def _cases(rows: Iterator[Row], errand: Errand, actor: Actor, now: datetime) -> Iterator[Fate]:
    area = Area.objects.filter(code=errand.options["area"], is_active=True).first()
    within = import_areas(actor)
    if area is None or not area.code.startswith(within):
        raise NotPermitted(_("This area is outside those in which you may take in matters."))
    work = Import(
        source_system=errand.options["source"],
        area=area,
        type=CaseType(errand.options["type"]),
        dry_run=is_rehearsal(errand),
        within=within,
    )
    kept: deque[Row] = deque()  # of each result its row, which the import does not give back
    for result in work.take(_passing(rows, kept), now=now):
        row, words = kept.popleft(), _in_words(result)
        yield Fate(row, result.outcome.value, result.number, words, result.differs, result.elsewhere)


def _passing(rows: Iterator[Row], kept: deque[Row]) -> Iterator[Row]:
    for row in rows:
        kept.append(row)
        yield row


def _in_words(result: Result) -> str:
    """Why, with the names of the columns that people read."""
    faults = [f"{_FIELDS_OF_CASES.get(name, name)}：{sentence}" for name, sentence in result.faults]
    return " ".join(faults) or result.reason


def import_areas(actor: Actor) -> tuple[str, ...]:
    """The areas, by the beginnings of their codes, in which this person brings in matters. NotPermitted without any."""
    areas = tuple(sorted({post.area_code for post in actor.posts if post.role in CASE_IMPORTERS and post.area_code}))
    if not areas:
        raise NotPermitted(_("Your posts do not include bringing in lists."))
    return areas


def _posts(rows: Iterator[Row], errand: Errand, actor: Actor, now: datetime) -> Iterator[Fate]:
    if not (actor.roles & POST_IMPORTERS or errand.user.is_superuser):
        raise NotPermitted(_("Your posts do not include bringing in lists."))
    appointer = Appointer(by=errand.user_id, today=day_of(now), dry_run=is_rehearsal(errand))
    for row in rows:
        try:
            yield Fate(row, appointer.take(_written(row)).value)
        except Refused as refusal:
            faults = [f"{_FIELDS_OF_POSTS.get(name, name)}：{sentence}" for name, sentence in refusal.faults]
            yield Fate(row, FAILED, reason=" ".join(faults))


def _written(row: Row) -> Written:
    if row.problems:
        raise Refused(*row.problems.items())
    text = {name: str(row.values.get(name, "")) for name in ("username", "full_name", "role", "place")}
    return Written(**text, since=_day(row, "valid_from"), until=_day(row, "valid_to"))


def _day(row: Row, name: str) -> date | None:
    at = row.values.get(name)
    return day_of(at) if isinstance(at, datetime) else None


_TAKERS: Final[dict[ErrandKind, Callable[[Iterator[Row], Errand, Actor, datetime], Iterator[Fate]]]] = {
    ErrandKind.CASES: _cases,
    ErrandKind.POSTS: _posts,
}


def is_rehearsal(errand: Errand) -> bool:
    return bool(errand.options.get("rehearsal", True))


def heads_of(errand: Errand) -> dict[str, Any]:
    """What was read of an upload when it came in: its `headings`, and its first rows as `samples`."""
    heads: dict[str, Any] = json.loads(errand.shown or "{}").get("heads", {"headings": [], "samples": []})
    return heads


def result_lines(found: Iterable[Fate], headings: Iterable[str], tally: Tally) -> Iterator[list[str]]:
    """The list as it was brought, with what became of each row before it."""
    numbered = tally.form is FORMS[ErrandKind.CASES]  # people and their posts have none
    yield [_("Outcome"), *[_("Number of the case")][:numbered], _("Explanation"), _("Row"), *headings]
    for fate in found:
        tally.note(fate)
        words = str(tally.form.outcomes[fate.outcome])
        yield [words, *[fate.number][:numbered], fate.reason, str(fate.row.number), *fate.row.cells]


@contextmanager
def opened(errand: Errand) -> Iterator[Path]:
    """The upload as a file that programs can open, for this moment. Its sentences name it as its owner does."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "list"
        try:
            with path.open("wb") as file:
                file.writelines(working_files.pieces(errand.source))
            yield path
        except FileNotFoundError as error:
            raise SheetError(_("The file is not here any more: please upload it again.")) from error
        except SheetError as error:
            raise SheetError(str(error).replace(str(path), errand.source_name)) from error
