"""The whole matrix of the workflow table, executed: every action in every status by every role.

What must happen is read from the table and from who sees the case; what does happen is tried for real. A refusal
changes nothing at all, and the buttons offered are exactly the actions that succeed.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from cases import selectors
from cases.actions.closing import close_unrated
from cases.errors import CaseError, Conflict, NotPermitted, NotVisible
from cases.models import Alert, Clock, JournalEvent
from cases.terms import AssignmentState, ClockKind, Grade, RejectReason, Source, Status, Urgency
from cases.workflow import ALL_CASE_ACTIONS, CASE_ACTIONS, TABLE, Action, allows, leads_to
from grids.roles import AREA_CASE_ROLES, DEPARTMENT_ROLES, Role
from tests.builders import MONDAY, USERNAME_OF, County
from tests.photos import send_photo
from tests.snapshots import snapshot
from tests.stories import Story

pytestmark = pytest.mark.django_db

#: Before these no department was called, so that none sees the case.
_UNCALLED = frozenset({Status.COLLECTED, Status.DOCKETED, Status.REJECTED})
_LATER = timedelta(minutes=5)


@dataclass
class Scene:
    """A case in one status, on which everything that the table allows can be done by somebody.

    The lead is the police. Water, where the users of all three department roles sit, assists; it has reported in and
    owes an acknowledgement, as do the dispatchers. Housing assists too and still waits to report in where it can.
    """

    story: Story
    county: County
    status: Status

    def user(self, role: Role, action: Action) -> str:
        """Water cannot report in twice: the whistle that is still open is housing's."""
        if role is Role.DEPARTMENT_HANDLER and action is Action.REPORT_IN:
            return self.county.handler_of(self.county.housing).username
        return "intake" if role is Role.INTAKE_OFFICER else USERNAME_OF[role]

    def inputs(self, role: Role, action: Action) -> dict[str, Any]:
        match action:
            case Action.DOCKET:
                urgency = Urgency.NORMAL.value
                return {"type": "appeal", "category": self.county.category.code, "urgency": urgency}
            case Action.REPORT_IN:
                return {"assignment": self._part(AssignmentState.WAITING, self.county.housing)}
            case Action.FINISH:
                return {"assignment": self._part(AssignmentState.WORKING, self.county.water), "reply": "已修好"}
            case Action.ACKNOWLEDGE:
                return {"alert": self._alert(role)}
            case Action.RESOLVE_ON_SPOT:
                return {"reply": "当场清理完毕", "photos": [self._photo()]}
        given: dict[Action, dict[str, Any]] = {
            Action.REJECT: {"reason": RejectReason.UNCLEAR.value, "advice": "请补充"},
            Action.DISPATCH: {"lead": self.county.station.code},
            Action.VERIFY: {"passed": True},
            Action.RATE: {"grade": str(int(Grade.SATISFIED)), "solved": True, "record": "电话"},
            Action.WITHDRAW: {"proof": "书面"},
        }
        return given[action]

    def _part(self, state: AssignmentState, department: Any) -> int:
        found = self.story.case.assignments.filter(state=state, department=department).first()
        return found.pk if found else 1

    def _photo(self) -> str:
        """The grid worker's; whoever else names it is refused before it is looked at."""
        worker = self.county.users[USERNAME_OF[Role.GRID_WORKER]]
        return str(send_photo(worker, now=self.story.now, client_id=UUID(int=1)).pk)

    def _alert(self, role: Role) -> int:
        kind = ClockKind.REPORT_IN if role in DEPARTMENT_ROLES else ClockKind.DOCKET
        found = Alert.objects.filter(case=self.story.case_id, clock__kind=kind)
        unit = self.county.water if kind is ClockKind.REPORT_IN else self.county.government
        return found.filter(charged=unit).values_list("pk", flat=True).first() or 1

    def expected(self, role: Role, action: Action) -> type[CaseError] | None:
        """What the table says; None: it happens."""
        if not self._sees(role):
            return NotVisible
        if role not in TABLE[action].roles:
            return NotPermitted
        return None if allows(action, self.status) else Conflict

    def _sees(self, role: Role) -> bool:
        if role in DEPARTMENT_ROLES:
            return self.status not in _UNCALLED
        return role in AREA_CASE_ROLES or role is Role.INTAKE_OFFICER


def scene(county: County, status: Status) -> Scene:
    """Collected by the hotline, blue on the docket clock; blue on water's report-in clock from the next day on."""
    story = Story.begin(county, by="intake", source=Source.HOTLINE).wait(hours=2, minutes=10)
    story.sweep()
    _advance(story, county, status)
    if status in (Status.SUSPENDED, Status.MERGED):
        _set_aside(story, status)
    assert story.case.status == status
    return Scene(story, county, status)


def _advance(story: Story, county: County, status: Status) -> None:
    if status is Status.COLLECTED:
        return
    if status is Status.REJECTED:
        story.reject()
        return
    story.docket()
    if status is Status.DOCKETED:
        return
    story.dispatch(county.police, assistants=[county.water, county.housing]).at(MONDAY + timedelta(days=1, hours=1))
    story.sweep()
    story.report_in(county.water)
    _after_dispatch(story, county, status)


def _after_dispatch(story: Story, county: County, status: Status) -> None:
    if status is Status.DISPATCHED:
        return
    if status is Status.WITHDRAWN:
        story.withdraw()
        return
    story.report_in(county.police)
    if status in (Status.HANDLING, Status.SUSPENDED, Status.MERGED):
        return
    story.report_in(county.housing).finish(county.housing).finish(county.water).finish(county.police)
    if status in (Status.RATING, Status.CLOSED):
        story.verify()
    if status is Status.CLOSED:
        story.rate()


def _set_aside(story: Story, status: Status) -> None:
    """No action leads there yet."""
    ended = {"closed_at": story.now, "colour": 0, "due_at": None} if status is Status.MERGED else {}
    if ended:
        Clock.objects.running().filter(case_id=story.case_id).update(stopped_at=story.now, next_moment=None)
    type(story.case).objects.filter(pk=story.case_id).update(status=status, **ended)


class Offered:
    """The buttons that each user is shown."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._found: dict[str, set[Action]] = {}

    def to(self, role: Role, action: Action) -> bool:
        username = self._scene.user(role, action)
        if username not in self._found:
            self._found[username] = self._look(username)
        return action in self._found[username]

    def _look(self, username: str) -> set[Action]:
        actor = self._scene.county.actor(username, now=self._scene.story.now)
        case = selectors.case_for(actor, self._scene.story.number)
        if case is None:
            return set()
        return {offer.action for offer in selectors.offers_for(actor, case, now=self._scene.story.now)}


def attempt(scene: Scene, role: Role, action: Action) -> type[CaseError] | None:
    """Try it for real and undo it; what it did is checked against the table before that."""
    story, inputs = scene.story, scene.inputs(role, action)
    try:
        with transaction.atomic():
            story.act(action, scene.user(role, action), **inputs)
            _check_effects(scene, action)
            transaction.set_rollback(True)
    except CaseError as error:
        return type(error)
    return None


def _check_effects(scene: Scene, action: Action) -> None:
    rule, case = TABLE[action], scene.story.case
    assert case.status in leads_to(action, scene.status)
    event = JournalEvent.objects.get(case=case, seq=case.event_seq)
    assert event.kind == action
    assert bytes(event.hash) == bytes(case.event_hash)
    assert set(event.payload.get("started", {}).values()) <= rule.starts
    ended = case.closed_at is not None and scene.status != Status.CLOSED
    assert ended or set(event.payload.get("stopped", {}).values()) <= rule.stops
    assert (event.payload["from"], event.payload["to"]) == (scene.status, case.status)


@pytest.mark.parametrize("status", list(Status))
def test_every_action_by_every_role(county: County, status: Status) -> None:
    played = scene(county, status)
    played.story.now += _LATER
    before = snapshot(played.story.case_id)
    offered = Offered(played)
    done: set[Action] = set()
    for action in CASE_ACTIONS:
        outcomes = {role: attempt(played, role, action) for role in Role}
        assert outcomes == {role: played.expected(role, action) for role in Role}, action
        succeeded = {role for role, error in outcomes.items() if error is None}
        assert {role for role in Role if offered.to(role, action)} == succeeded, f"the buttons for {action}"
        assert snapshot(played.story.case_id) == before, f"{action} left something behind"
        if succeeded:
            done.add(action)
    assert done == {action for action in CASE_ACTIONS if allows(action, status)}, "every allowed pair was carried out"


@pytest.mark.parametrize("status", list(Status))
def test_a_forbidden_pair_says_what_is_allowed_instead(county: County, status: Status) -> None:
    played = scene(county, status)
    actor = county.actor("center", now=played.story.now)
    case = selectors.case_for(actor, played.story.number)
    assert case is not None
    offered = tuple(offer.action.value for offer in selectors.offers_for(actor, case, now=played.story.now))
    forbidden = [a for a in CASE_ACTIONS if Role.CENTER_DISPATCHER in TABLE[a].roles and not allows(a, status)]
    assert forbidden
    for action in forbidden:
        with pytest.raises(Conflict) as refusal:
            played.story.act(action, "center", **played.inputs(Role.CENTER_DISPATCHER, action))
        assert refusal.value.allowed == offered
        assert not set(refusal.value.allowed) & {action.value}


@pytest.mark.parametrize("status", list(Status))
def test_the_clock_closes_only_what_waits_for_a_rating(county: County, status: Status) -> None:
    played = scene(county, status)
    before = snapshot(played.story.case_id)
    later = played.story.now + timedelta(days=60)
    if status is Status.RATING:
        assert close_unrated(case_id=played.story.case_id, now=later).status == Status.CLOSED
        return
    with pytest.raises(Conflict):
        close_unrated(case_id=played.story.case_id, now=later)
    assert snapshot(played.story.case_id) == before


@pytest.mark.parametrize("action", sorted(set(Action) - set(ALL_CASE_ACTIONS)))
def test_what_no_person_presses_exists_for_nobody(county: County, action: Action) -> None:
    """Collecting has its own entry, closing belongs to the clock."""
    story = Story.begin(county)
    for username in county.users:
        with pytest.raises(NotVisible):
            story.act(action, username)
