"""Words that an administrator puts in place: proofread, in force at once, and gone without a trace."""

from datetime import timedelta
from typing import Any

import pytest

from notifications.editing import proofread, restore, reword
from notifications.errors import Refused
from notifications.kinds import Saying, all_kinds, kind_of
from notifications.models import Message, Wording
from notifications.outbox import Draft, enqueue
from notifications.proofs import Flaw, Found, flaws
from notifications.wordings import Place, book, own_saying
from tests.builders import MONDAY, add_user
from tests.notifications.people import FACTS

RED: Place = ("alert", 3, "", "zh-hans")
GOOD = Saying("{colour}：{number}", "请{unit}于{due}前办结。")


def subject_now() -> str:
    return book(MONDAY).saying("alert", 3, language="zh-hans").subject


@pytest.mark.parametrize(
    ("saying", "channel", "found"),
    [
        (GOOD, "", []),
        (Saying("", "x"), "", [Found("subject", Flaw.EMPTY), Found("subject", Flaw.NUMBERLESS)]),
        (Saying("{number}\nx"), "", [Found("subject", Flaw.LINES)]),
        (Saying("警示"), "", [Found("subject", Flaw.NUMBERLESS)]),
        (Saying("{number} {name}"), "", [Found("subject", Flaw.UNKNOWN, "{name}")]),
        (Saying("{number}", "{title} {phone}"), "", [Found("body", Flaw.UNKNOWN, "{phone}, {title}")]),
        (Saying("{number} {0}"), "", [Found("subject", Flaw.BRACES)]),
        (Saying("{number}", "{unit.name}"), "", [Found("body", Flaw.BRACES)]),
        (Saying("{number}", "}"), "", [Found("body", Flaw.BRACES)]),
        (Saying("{number}" + "长" * 113), "", [Found("subject", Flaw.LONG, "120")]),
        (Saying("{number}", "长" * 601), "", [Found("body", Flaw.LONG, "600")]),
        (Saying("{number}", "\x00"), "", [Found("body", Flaw.CONTROL)]),
        (Saying("{number}", "长" * 114), "sms", []),
        (Saying("{number}", "长" * 115), "sms", [Found("body", Flaw.SMS, "135")]),
        (Saying("{number}", "长" * 115), "email", []),
    ],
)
def test_what_is_wrong_with_words(saying: Saying, channel: str, found: list[Found]) -> None:
    assert list(flaws(saying, kind_of("alert"), 3, channel=channel)) == found


def test_every_word_of_the_service_itself_stands_the_test() -> None:
    for kind in all_kinds():
        for colour in kind.sayings:
            for language in ("zh-hans", "en"):
                saying = own_saying(kind.code, colour, language)
                assert list(flaws(saying, kind, colour, channel="sms")) == [], (kind.code, language)


@pytest.mark.django_db
def test_other_words_are_in_force_at_once_and_can_be_taken_out_again(
    django_capture_on_commit_callbacks: Any,
) -> None:
    user, own = add_user("li"), subject_now()
    with django_capture_on_commit_callbacks(execute=True):
        reword(place=RED, saying=GOOD, seen=None, by_id=user.pk, now=MONDAY)
    assert subject_now() == GOOD.subject
    enqueue([Draft(user.pk, "k", "alert", FACTS, colour=3)], now=MONDAY)
    with django_capture_on_commit_callbacks(execute=True):
        restore(place=RED, seen=MONDAY, by_id=None)
    assert subject_now() == own
    assert Message.objects.get().subject == "红色警示：350924-2026-0000001", "what is written keeps its words"


@pytest.mark.django_db
def test_words_with_a_flaw_are_not_kept() -> None:
    with pytest.raises(Refused) as refused:
        reword(place=RED, saying=Saying("{name}", "{"), seen=None, by_id=None, now=MONDAY)
    assert set(refused.value.errors) == {"subject", "body"}
    assert not Wording.objects.exists()
    with pytest.raises(Refused):
        proofread(("alert", 3, "sms", "en"), Saying("{number}", "x" * 200))


@pytest.mark.django_db
def test_two_editors_the_second_reads_a_sentence() -> None:
    user = add_user("li")
    reword(place=RED, saying=GOOD, seen=None, by_id=user.pk, now=MONDAY)
    later, other = MONDAY + timedelta(minutes=1), Saying("{number}")
    for seen in (None, MONDAY - timedelta(days=1)):
        with pytest.raises(Refused):
            reword(place=RED, saying=other, seen=seen, by_id=None, now=later)
        with pytest.raises(Refused):
            restore(place=RED, seen=seen, by_id=None)
    reword(place=RED, saying=other, seen=MONDAY, by_id=None, now=later)
    row = Wording.objects.get()
    assert (row.subject, row.changed_at, row.changed_by) == ("{number}", later, None)
