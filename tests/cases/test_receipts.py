"""Receipts of stored clocks: who, why and by which rule; and the audit that holds every stored moment against them."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils.translation import override

from cases.models import CalendarVersion, Case, Clock
from cases.receipt_words import sentences
from cases.receipts import Receipt, clocks_of, differences, receipt_of, verify_clocks
from cases.terms import CaseType, ClockKind, Status
from cases.workflow import Action
from tests.api_client import Phone
from tests.builders import MONDAY, County, publish_test_policy
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


def receipt(story: Story, kind: ClockKind) -> Receipt:
    return receipt_of(clocks_of(story.case).get(pk=story.clock(kind).pk))


def suspended_and_extended(county: County) -> Story:
    """Three days of a suspension, then a granted extension."""
    story = story_in(county, Status.HANDLING)
    story.wait(hours=1)
    until = (MONDAY + timedelta(days=3)).date().isoformat()
    story.act(Action.SUSPEND, "center", reason="season", until=until, comment="雨季")
    story.at(MONDAY + timedelta(days=3)).sweep()
    story.act(Action.REQUEST_EXTENSION, "handler", amount="3", reason="要挖开路面")
    story.wait(minutes=5).act(Action.DECIDE_EXTENSION, "center", granted=True)
    return story


def test_every_clock_of_a_case_agrees_with_its_receipt(county: County) -> None:
    story = suspended_and_extended(county)
    clocks = list(clocks_of(story.case))
    assert {clock.kind for clock in clocks} >= {"docket", "resolve", "dispatch", "report_in", "handle", "suspension"}
    assert [list(differences(clock)) for clock in clocks] == [[] for _ in clocks]


def test_a_receipt_names_rule_people_and_reasons(county: County) -> None:
    found = receipt(suspended_and_extended(county), ClockKind.HANDLE)
    assert found.clock.rule == "types.appeal.handle"
    pause, extension = found.causes
    assert (pause.kind, pause.reason, pause.text, pause.by) == ("pause", "season", "雨季", "center")
    assert pause.lost == timedelta(hours=18, minutes=57), "Monday from 10:03 and two whole days"
    assert (extension.limit, extension.text, extension.by, extension.ended_by) == (
        "3 wd",
        "要挖开路面",
        "handler",
        "center",
    )


def test_the_rule_of_a_docket_clock_is_that_of_the_type_it_began_with(county: County) -> None:
    story = Story.begin(county, type=CaseType.PETITION).wait(minutes=1).docket(type=CaseType.APPEAL)
    clock = story.clock(ClockKind.DOCKET)
    assert clock.rule == "types.petition.docket"
    assert list(differences(clocks_of(story.case).get(pk=clock.pk))) == []


def test_a_category_that_narrows_the_limit_is_the_rule(county: County) -> None:
    rules = {**county.policy.rules, "categories": {county.category.code: {"handle": "1 wd"}}}
    publish_test_policy(number=2, valid_from=MONDAY - timedelta(days=1), rules=rules)
    story = story_in(county, Status.HANDLING)
    assert story.clock(ClockKind.HANDLE).rule == f"categories.{county.category.code}.handle"


def test_a_pause_in_which_the_clock_was_stopped_ends_with_it(county: County) -> None:
    story = story_in(county, Status.HANDLING).wait(hours=1)
    until = (MONDAY + timedelta(days=3)).date().isoformat()
    story.act(Action.SUSPEND, "center", reason="season", until=until)
    story.wait(hours=1).withdraw()
    assert not [found for _pk, found in verify_clocks() if found]
    (pause,) = receipt(story, ClockKind.HANDLE).causes
    assert (pause.end, pause.lost) == (story.now, timedelta(hours=1))


def test_the_words_say_what_counted_and_why(county: County) -> None:
    with override("en"):
        words = " ".join(sentences(receipt(suspended_and_extended(county), ClockKind.HANDLE), now=MONDAY))
    for part in (
        "5 working days",
        "weekend",
        "Season or weather",
        "Extended by 3 working days",
        "So it is due 17 Mar",
    ):
        assert part in words


def test_the_audit_names_exactly_the_clock_whose_moments_were_changed(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    clock = story.clock(ClockKind.HANDLE)
    Clock.objects.filter(pk=clock.pk).update(due_at=clock.due_at + timedelta(minutes=1))
    out = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("verify_receipts", stdout=out)
    assert stopped.value.code == 1
    lines = out.getvalue().splitlines()
    assert lines[-1] == f"{Clock.objects.count()} checked, 1 differ"
    assert lines[0].startswith(f"{story.number} clock {clock.pk} due_at: ")
    assert len(lines) == 2


def test_a_limit_that_its_rule_does_not_give_is_named(county: County) -> None:
    story = Story.begin(county)
    Clock.objects.update(rule="types.petition.docket")
    found = [one.field for _pk, all_of_it in verify_clocks() for one in all_of_it]
    assert "limit" in found
    Clock.objects.update(limit="many days")
    assert [one.field for _pk, all_of_it in verify_clocks() for one in all_of_it] == ["limit"]
    assert story.number


def test_the_audit_goes_on_behind_any_clock(county: County) -> None:
    story_in(county, Status.HANDLING)
    everything = [pk for pk, _found in verify_clocks(size=2)]
    assert everything == sorted(Clock.objects.values_list("pk", flat=True))
    assert [pk for pk, _found in verify_clocks(after=everything[1], size=2)] == everything[2:]


def test_an_audit_of_sound_clocks_ends_well(county: County) -> None:
    story_in(county, Status.CLOSED)
    out = StringIO()
    call_command("verify_receipts", stdout=out)
    assert out.getvalue() == f"{Clock.objects.count()} checked, 0 differ\n"


# The API


def test_the_receipt_over_the_api(county: County) -> None:
    story = suspended_and_extended(county)
    clock = story.clock(ClockKind.HANDLE)
    answer = Phone(county.users["handler"]).get(f"cases/{story.number}/clocks/{clock.pk}/receipt/")
    assert answer.status == 200
    assert answer.json["agrees"] is True
    assert answer.json["counted_seconds"] == sum(part["seconds"] for part in answer.json["segments"])
    assert [pause["reason"] for pause in answer.json["pauses"]] == ["season"]
    assert [(grant["limit"], grant["extension"]) for grant in answer.json["grants"]] == [
        ("5 wd", False),
        ("3 wd", True),
    ]
    assert answer.json["calendar_version"] == CalendarVersion.objects.get().number
    chosen = story.clock(ClockKind.SUSPENSION)
    answer = Phone(county.users["handler"]).get(f"cases/{story.number}/clocks/{chosen.pk}/receipt/")
    assert (answer.json["limit"], answer.json["grants"], answer.json["agrees"]) == (None, [], True)


def test_who_does_not_see_the_case_sees_no_receipt(county: County) -> None:
    story, other = story_in(county, Status.HANDLING), story_in(county, Status.HANDLING)
    clock = story.clock(ClockKind.HANDLE)
    assert Phone(county.users["housing-handler"]).get(f"cases/{story.number}/clocks/{clock.pk}/receipt/").status == 404
    assert Phone(county.users["handler"]).get(f"cases/{other.number}/clocks/{clock.pk}/receipt/").status == 404
    assert Case.objects.count() == 2
