"""检举控告: an accusation exists for its keepers and for nobody else, by any door (docs/privacy.md)."""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q

from cases import people, selectors
from cases.access import sees, visible_to
from cases.actions.intake import Answered, Collected, collect, import_matter
from cases.actions.meetings import draw_up
from cases.actions.unsealing import unseal
from cases.concerns import concerns
from cases.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from cases.models import Alert, Case, Clock, MeetingItem, SupervisionOrder
from cases.searching import search
from cases.similar import Draft, similar_cases
from cases.terms import CaseType, ClockKind, MeetingKind, Outcome, Source, Status, Urgency
from cases.workflow import ALL_CASE_ACTIONS, Action
from grids.labels import DepartmentKind
from grids.models import Department, User
from grids.roles import Role
from notifications.models import Message
from tests.builders import MONDAY, USERNAMES, County, add_post, add_user
from tests.stories import Story, matter, of_person

pytestmark = pytest.mark.django_db

PHONE = "13800001234"
TITLE = "举报水利局长收受好处"
EVERY_ROLE = (*(name for name in USERNAMES if name != "petition"), "police-handler", "township-100-handler")


def accuse(
    county: County,
    *,
    by: str = "gridworker",
    units: Iterable[Department] = (),
    persons: Iterable[User] = (),
    **changes: Any,
) -> Story:
    changes = {"type": CaseType.ACCUSATION, "title": TITLE, "description": TITLE} | changes
    return Story.begin(county, by=by, accused_units=tuple(units), accused_persons=tuple(persons), **changes)


def petition_office(county: County) -> Department:
    return Department.objects.create(
        code="letters", name="寿宁县信访局", short_name="信访局", kind=DepartmentKind.COUNTY, area=county.county
    )


def readers(county: County, case: Case) -> set[str]:
    """Everybody who sees the case; the query and the rule for one case in hand must say the same."""
    found = set()
    for username in county.users:
        actor = county.actor(username)
        listed = visible_to(actor).filter(pk=case.pk).exists()
        orders = list(case.supervision_orders.all())
        assert listed == sees(actor, case, list(case.assignments.all()), orders), username
        if listed:
            found.add(username)
    return found


def doors(county: County, username: str, story: Story) -> list[Any]:
    """What a person gets from everything that reads cases."""
    actor = county.actor(username, now=story.now)
    return [
        *visible_to(actor),
        *selectors.todo(actor),
        *([1] if selectors.todo_counts(actor)["total"] else []),
        *search(visible_to(actor), TITLE[:4], actor=actor),
        *search(visible_to(actor), story.number, actor=actor),
        *of_person(actor, PHONE),
        *people.looks_for(actor),
        *similar_cases(Draft(TITLE, TITLE, PHONE), actor=actor, now=story.now),
        *concerns(visible_to(actor), now=story.now),
        *([1] if selectors.case_for(actor, story.number) else []),
        *Message.objects.filter(recipient=county.users[username]),
    ]


def test_it_exists_for_the_petition_office_alone(county: County) -> None:
    story = accuse(county, by="gridworker", units=[county.water])
    assert (story.case.sealed, story.case.keeper) == (True, Role.PETITION_OFFICER)
    assert readers(county, story.case) == {"petition"}
    story.wait(days=200).sweep()  # every clock has fired by now
    unseal(
        case_id=story.case_id,
        petitioner_id=story.case.petitioners.get().pk,
        actor=county.actor("petition"),
        reason="核实",
        now=story.now,
    )
    for username in county.users.keys() - {"petition"}:
        assert doors(county, username, story) == [], username
    assert len(doors(county, "petition", story)) >= 9


@pytest.mark.parametrize("action", ALL_CASE_ACTIONS)
def test_nobody_else_gets_another_answer_than_for_a_number_that_was_never_given(county: County, action: Action) -> None:
    story = accuse(county, units=[county.water])
    for username in EVERY_ROLE:
        told = []
        for number in (story.number, "350924-2026-9999999"):
            with pytest.raises(NotVisible) as refusal:
                Story(county, 0, number, "", story.now).act(action, username)
            told.append(str(refusal.value))
        assert told[0] == told[1]


def test_the_merge_into_a_sealed_case_says_what_it_says_of_an_unknown_number(county: County) -> None:
    story, plain = accuse(county), Story.begin(county)
    told = []
    for number in (story.number, "350924-2026-9999999"):
        with pytest.raises(InvalidInput) as refusal:
            plain.act(Action.MERGE, "center", master=number, comment="同一件事")
        told.append({name: [str(s) for s in sentences] for name, sentences in refusal.value.errors.items()})
    assert told[0] == told[1]


def test_the_collector_keeps_number_and_code_and_sees_it_no_more(county: County) -> None:
    actor, client_id = county.actor("intake"), uuid.uuid4()

    def send() -> Collected:
        told = matter(county, type=CaseType.ACCUSATION, source=Source.HOTLINE)
        return collect(matter=told, client_id=client_id, actor=actor, now=MONDAY, request={"a": 1})

    first, again = send(), send()
    assert (first.case.number, first.query_code) == (again.case.number, again.query_code)
    assert not again.created
    assert not visible_to(actor).exists()


def test_one_against_the_petition_office_goes_to_the_inspection_office(county: County) -> None:
    office = petition_office(county)
    against_unit = accuse(county, units=[office, county.water])
    against_officer = accuse(county, persons=[county.users["petition"]])
    clerk = add_user("clerk")
    add_post(clerk, Role.DEPARTMENT_HANDLER, office)
    against_clerk = accuse(county, persons=[clerk])
    for story in (against_unit, against_officer, against_clerk):
        assert story.case.keeper == Role.INSPECTOR
        assert readers(county, story.case) == {"inspector"}
        assert set(Message.objects.values_list("recipient__username", flat=True)) == {"inspector"}


def test_a_keeper_never_keeps_what_is_said_of_the_own_person_or_unit(county: County) -> None:
    for username in ("second", "third"):
        county.users[username] = add_user(username)
        add_post(county.users[username], Role.INSPECTOR, county.county)
    add_post(county.users["third"], Role.DEPARTMENT_DEPUTY, county.water)
    story = accuse(county, units=[petition_office(county), county.water], persons=[county.users["second"]])
    assert readers(county, story.case) == {"inspector"}
    story.wait(days=200).sweep()
    assert set(Message.objects.values_list("recipient__username", flat=True)) == {"inspector"}


def test_its_clocks_charge_nobody_and_tell_only_the_keeper(county: County) -> None:
    story = accuse(county)
    clock = story.clock(ClockKind.DOCKET)
    assert (clock.charged, clock.limit) == (None, "15 cd")  # a petition's limit: the table has no row of its own
    story.at(clock.due_at + timedelta(minutes=1)).sweep()
    assert Alert.objects.filter(case=story.case_id).count() == 3
    assert set(Message.objects.filter(kind="alert").values_list("recipient__username", flat=True)) == {"petition"}
    assert not SupervisionOrder.objects.exists()


def test_without_a_keeper_nobody_else_is_told(county: County) -> None:
    county.users["petition"].posts.all().delete()
    story = accuse(county).wait(days=200)
    story.sweep()
    assert not Message.objects.exists()
    assert {tuple(alert.vacancies) for alert in story.alerts()} == {("petition_officer",)}


def test_the_keeper_dockets_and_concludes(county: County) -> None:
    story = accuse(county).wait(hours=1)
    offered = {o.action for o in offers(county, "petition", story)}
    assert offered == {Action.DOCKET, Action.REJECT}
    story.docket("petition", accused_units=["water"], accused_persons=["depthead"])
    assert set(story.case.accused_units.all()) == {county.water}
    assert story.running() == {ClockKind.RESOLVE}
    assert {o.action for o in offers(county, "petition", story)} == {Action.REJECT, Action.CONCLUDE}
    with pytest.raises(NotPermitted):
        story.act(Action.DISPATCH, "petition", lead="police")
    story.wait(days=2).act(Action.CONCLUDE, "petition", reply="已移送纪检监察机关")
    assert (story.case.status, story.case.outcome) == (Status.CLOSED, Outcome.CONCLUDED)
    assert not story.running()
    assert readers(county, story.case) == {"petition"}


def offers(county: County, username: str, story: Story) -> list[Any]:
    actor = county.actor(username, now=story.now)
    case = selectors.case_for(actor, story.number)
    return selectors.offers_for(actor, case, now=story.now) if case else []


def test_what_becomes_an_accusation_against_the_keeper_moves_on(county: County) -> None:
    petition_office(county)
    story = accuse(county).wait(hours=1).docket("petition", accused_units=["letters"])
    assert readers(county, story.case) == {"inspector"}
    assert not Message.objects.filter(recipient=county.users["petition"]).exists()
    with pytest.raises(NotVisible):
        story.act(Action.CONCLUDE, "petition", reply="没有问题")
    story.act(Action.CONCLUDE, "inspector", reply="已查")


def test_docketing_as_an_accusation_takes_the_case_out_of_every_hand(county: County) -> None:
    story = Story.begin(county, by="intake", title=TITLE).wait(days=3)
    story.sweep()  # the township is late: alerts, messages, an order, a list for the meeting
    draw_up(MeetingKind.WEEKLY, now=story.now, county=county.county.code)
    assert MeetingItem.objects.exists()
    assert SupervisionOrder.objects.filter(signed_off_at=None).exists()
    given = {"accused_units": ["water"], "accused_persons": ["depthead"]}
    story.docket("township", type=CaseType.ACCUSATION, **given)
    assert readers(county, story.case) == {"petition"}
    assert set(Message.objects.values_list("recipient__username", flat=True)) == {"petition"}
    assert not MeetingItem.objects.exists()
    assert not SupervisionOrder.objects.filter(signed_off_at=None).exists()
    assert story.running() == {ClockKind.RESOLVE}
    assert Clock.objects.get(case=story.case_id, stopped_at=None).charged is None
    for username in county.users.keys() - {"petition"}:
        assert doors(county, username, story) == [], username


def test_once_sealed_always_sealed_and_only_an_accusation_accuses(county: County) -> None:
    with pytest.raises(InvalidInput):
        accuse(county).docket("petition", type=CaseType.APPEAL)
    with pytest.raises(InvalidInput):
        Story.begin(county).docket(accused_units=["water"])
    with pytest.raises(Conflict):
        accuse(county).act(Action.CONCLUDE, "petition", reply="还没立项")


def test_nobody_is_told_that_it_was_not_accepted(county: County) -> None:
    story = accuse(county, by="intake", source=Source.HOTLINE)
    Message.objects.all().delete()
    story.reject("petition")
    assert story.case.status == Status.REJECTED
    assert not Message.objects.exists()


def test_imported_accusations_are_sealed_too(county: County) -> None:
    for answer in (None, Answered("已转办", MONDAY - timedelta(days=3))):
        case = import_matter(
            matter=matter(county, type=CaseType.ACCUSATION, source=Source.IMPORT, title=TITLE),
            received_at=MONDAY - timedelta(days=9),
            answer=answer,
            source_system="old",
            source_number=str(answer is None),
            now=MONDAY,
        )
        assert case is not None
        assert readers(county, case) == {"petition"}


def test_figures_are_made_without_it(county: County) -> None:
    accuse(county)
    plain = Story.begin(county)
    assert list(Case.objects.unsealed().values_list("pk", flat=True)) == [plain.case_id]


# Conflict of interest


@pytest.mark.parametrize("named_as", ["parties", "accused_persons"])
def test_an_officer_whom_a_case_names_reads_it_and_cannot_act_on_it(county: County, named_as: str) -> None:
    story = Story.begin(county)
    getattr(story.case, named_as).add(county.users["township"])
    assert selectors.case_for(county.actor("township"), story.number) is not None
    assert offers(county, "township", story) == []
    given: dict[str, Any] = {"type": "appeal", "category": county.category.code, "urgency": Urgency.NORMAL.value}
    with pytest.raises(NotPermitted):
        story.act(Action.DOCKET, "township", **given)
    with pytest.raises(NotPermitted):
        unseal(
            case_id=story.case_id,
            petitioner_id=story.case.petitioners.get().pk,
            actor=county.actor("township"),
            reason="好奇",
            now=story.now,
        )
    assert offers(county, "center", story) != []
    story.docket("center")


def test_the_visible_cases_of_a_mixed_county_agree_with_the_rule_for_one(county: County) -> None:
    """Every case in hand and every person: the query and `sees` are one rule."""
    for story in (
        accuse(county, units=[county.water]),
        accuse(county, units=[petition_office(county)]),
        Story.begin(county),
        Story.begin(county, type=CaseType.PETITION),
        Story.begin(county, by="intake").docket().dispatch(),
    ):
        readers(county, story.case)
    assert Case.objects.filter(Q(sealed=True)).count() == 2
