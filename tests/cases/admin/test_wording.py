"""Due times in words, moments, places and documents."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from cases import labels
from cases.admin import documents, wording
from cases.admin.timeline import event_words
from cases.alerting import ALERT_EVENT
from cases.calendar import ZONE
from cases.colours import Colour
from cases.faults import Fault
from cases.limits import Limit
from cases.official_days import official_calendar
from cases.phrases import fault_words
from cases.workflow import TABLE, Action, FieldKind
from tests.builders import policy_document

CALENDAR = official_calendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("due", "now", "words"),
    [
        ("2026-03-02 12:00", "2026-03-02 09:00", "剩 3 小时"),
        ("2026-03-02 09:40", "2026-03-02 09:00", "剩 40 分钟"),
        ("2026-03-02 09:00", "2026-03-02 09:00", "剩 1 分钟"),
        ("2026-03-02 09:00:00", "2026-03-02 09:00:01", "超期 1 分钟"),
        ("2026-03-02 17:30", "2026-03-02 20:00", "超期 2 小时"),
        ("2026-03-06 17:30", "2026-03-02 09:00", "剩 4 个工作日"),
        ("2026-03-09 17:30", "2026-03-06 09:00", "剩 1 个工作日"),
        ("2026-03-06 17:30", "2026-03-10 09:00", "超期 2 个工作日"),
        ("2026-03-06 17:30", "2026-03-08 18:00", "超期 2 天"),
        ("2026-02-13 17:30", "2026-02-24 18:00", "超期 2 个工作日"),
    ],
)
def test_due_times_in_words(due: str, now: str, words: str) -> None:
    """The last row: the Spring Festival lies between, its make-up Saturday counts."""
    told = wording.due(at(due), now=at(now), calendar=CALENDAR)
    assert told.words == words
    assert told.late is (at(now) > at(due))


def test_without_a_calendar_natural_days_count() -> None:
    assert wording.due(at("2026-03-09 17:30"), now=at("2026-03-06 09:00"), calendar=None).words == "剩 3 天"


def test_the_year_stands_only_when_it_is_not_this_one() -> None:
    now = at("2026-11-22 09:00")
    assert wording.moment(at("2026-11-22 17:30"), now=now) == "11月22日 17:30"
    assert wording.moment(at("2025-12-31 08:05"), now=now) == "2025年12月31日 08:05"
    assert wording.day(now - timedelta(hours=1), now=now) == "08:00"
    assert wording.day(now - timedelta(days=1), now=now) == "11月21日"


def test_in_english() -> None:
    with translation.override("en"):
        now = at("2026-11-22 09:00")
        assert wording.moment(at("2026-11-22 17:30"), now=now) == "22 Nov 17:30"
        assert wording.due(at("2026-11-22 10:00"), now=now, calendar=CALENDAR).words == "1 hour left"


def test_a_colour_is_shape_and_word() -> None:
    assert wording.chip(Colour.NONE) == ""
    for colour, shape, word in ((1, "●", "提示"), (2, "▲", "预警"), (3, "■", "警示")):
        chip = wording.chip(colour)
        assert shape in chip
        assert word in chip


def test_documents_are_tables() -> None:
    table = documents.policy_table(policy_document())
    assert "求助投诉" in table
    assert "4 个工作小时" in table
    assert "1 × 10 个工作日" in table
    lines = documents.calendar_lines(CALENDAR.to_document())
    assert "国庆节 10月1日–10月7日" in lines
    assert "调休上班" in lines


def test_every_kind_of_event_and_text_has_words_in_chinese() -> None:
    """Also those that no action of the table writes: a reader never meets a code."""
    sources = Path(settings.BASE_DIR, "cases").rglob("*.py")
    named = re.compile(r'^[A-Z]+_EVENT = "(\w+)"', re.MULTILINE)
    kinds = {kind for file in sources for kind in named.findall(file.read_text("utf-8"))}
    assert {"unseal", "erase", "archive", "calendar", "reconcile", "meeting_decision"} <= kinds
    with translation.override("zh-hans"):
        for kind in (*kinds, ALERT_EVENT, *(action.value for action in Action)):
            assert re.search("[\u4e00-\u9fff]", str(event_words(kind))), kind
        texts = {field.name for rule in TABLE.values() for field in rule.fields if field.kind is FieldKind.TEXT}
        for name in (*texts, "decision", "reason", "reply"):
            assert re.search("[\u4e00-\u9fff]", str(labels.FIELD[name])), name


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("1.5 wd", "1.5 个工作日"),
        ("0 h", "0 小时"),
        ("1000001 cd", "1000001 个自然日"),
    ],
)
def test_what_is_no_limit_is_told_without_its_code(written: str, sentence: str) -> None:
    with pytest.raises(Fault) as refused:
        Limit.parse(written)
    assert sentence in fault_words(refused.value)
    assert written in str(refused.value)
