"""What was held up by an outage is raised with its true moment and says that it comes late (issue: the engine)."""

from datetime import datetime, timedelta

import pytest

from cases.terms import LATE_AFTER, ClockKind
from grids.models import User
from notifications.models import Message
from tests.api_client import Phone
from tests.builders import County
from tests.cases.admin.web import Web, at_moment, case_page
from tests.stories import Story

pytestmark = pytest.mark.django_db

TICK = timedelta(microseconds=1)


def swept_at(county: County, moment: datetime) -> Story:
    story = Story.begin(county).at(moment)
    story.sweep()
    return story


def blue_of(county: County) -> datetime:
    blue = Story.begin(county).clock(ClockKind.DOCKET).blue_at
    assert blue is not None
    return blue


@pytest.mark.parametrize(("after", "late"), [(timedelta(0), False), (LATE_AFTER, False), (LATE_AFTER + TICK, True)])
def test_an_alert_is_late_when_the_service_was_held_up(county: County, after: timedelta, late: bool) -> None:
    story = swept_at(county, blue_of(county) + after)
    (alert,) = story.alerts()
    assert alert.late is late
    assert story.events()[-1].payload["late"] is late
    (told,) = Message.objects.filter(reference=story.number)
    assert ("系统补发" in told.body) is late


def test_after_an_outage_each_colour_keeps_its_moment_and_the_message_names_that_of_the_highest(county: County) -> None:
    User.objects.filter(username="leader").update(language="en")
    story = Story.begin(county).wait(days=3)
    story.sweep()
    clock = story.clock(ClockKind.DOCKET)
    assert [(alert.moment, alert.late) for alert in story.alerts()] == [
        (clock.blue_at, True),
        (clock.yellow_at, True),
        (clock.red_at, True),
    ]
    english = Message.objects.get(recipient__username="leader", reference=story.number)
    chinese = Message.objects.get(recipient__username="township", reference=story.number)
    due = "2 Mar 15:30"
    late = f"Sent late by the system: it should have come at {due}."
    assert english.body == f"鳌阳镇: was due {due} and is overdue. {late}"
    assert chinese.body.endswith("系统补发：本应于 3月2日 15:30 提示。")


def test_only_what_is_late_by_itself_is_marked(county: County) -> None:
    """A colour that comes in time beside one that was missed."""
    story = Story.begin(county)
    yellow = story.clock(ClockKind.DOCKET).yellow_at
    assert yellow is not None
    story.at(yellow).sweep()
    assert [alert.late for alert in story.alerts()] == [True, False]
    (told,) = Message.objects.filter(reference=story.number, recipient__username="leader")
    assert "系统补发" not in told.body


def test_the_case_says_so_over_the_api_and_on_its_page(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = swept_at(county, blue_of(county) + timedelta(hours=1))
    (alert,) = Phone(county.users["center"]).get(f"cases/{story.number}/").json["alerts"]
    assert alert["late"] is True
    at_moment(monkeypatch, story)
    page = Web.of(county.users["center"]).page(case_page(story.number))
    assert "系统补记" in page
