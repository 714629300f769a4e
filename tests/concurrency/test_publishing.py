"""Two administrators publish at once: versions are numbered without a gap and nobody overwrites."""

from cases.actions.publishing import publish_calendar, publish_policy
from cases.errors import Conflict
from cases.models import CalendarVersion, PolicyVersion
from cases.official_days import official_calendar
from grids.actors import SERVICE
from tests.builders import MONDAY, County, policy_document
from tests.concurrency.together import failed, together


def test_two_policies_at_once(county: County) -> None:
    def publish() -> PolicyVersion:
        return publish_policy(
            rules=policy_document(), follows=1, valid_from=MONDAY, reason="-", actor=SERVICE, now=MONDAY
        )

    outcomes = together(*[publish] * 4)
    assert [type(error) for error in failed(outcomes)] == [Conflict] * 3
    assert sorted(PolicyVersion.objects.values_list("number", flat=True)) == [1, 2]


def test_two_calendars_at_once(county: County) -> None:
    def publish() -> CalendarVersion:
        return publish_calendar(calendar=official_calendar(), reason="-", actor=SERVICE, now=MONDAY)

    outcomes = together(*[publish] * 4)
    assert {type(error) for error in failed(outcomes)} <= {Conflict}
    numbers = sorted(CalendarVersion.objects.values_list("number", flat=True))
    assert numbers == list(range(1, 2 + 4 - len(failed(outcomes))))
