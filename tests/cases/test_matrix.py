"""The whole matrix of the workflow table, executed: every action in every status by every role.

What must happen is read from the table and from who sees the case; what does happen is tried for real. A refusal
changes nothing at all, and the buttons offered are exactly the actions that succeed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from cases import selectors
from cases.actions.closing import close_unrated
from cases.colours import Colour
from cases.errors import CaseError, Conflict, NotPermitted, NotVisible
from cases.models import Alert, Attachment, JournalEvent, SupervisionOrder
from cases.terms import (
    AssignmentState,
    Card,
    ClockKind,
    Grade,
    Source,
    Status,
    Urgency,
)
from cases.workflow import ALL_CASE_ACTIONS, CASE_ACTIONS, TABLE, Action, Subject, allows, leads_to
from grids.roles import AREA_CASE_ROLES, DEPARTMENT_ROLES, Role
from tests.builders import MONDAY, USERNAME_OF, County
from tests.cases.side_stories import object_to, supervise, suspend
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
    `other` is the case into which this one may be merged.
    """

    story: Story
    other: Story
    county: County
    status: Status

    def user(self, role: Role, action: Action) -> str:
        """The whistle that is still open is housing's, and only the lead asks for an extension."""
        if role is Role.DEPARTMENT_HANDLER and action in (Action.REPORT_IN, Action.OBJECT):
            return self.county.handler_of(self.county.housing).username
        if role is Role.DEPARTMENT_HANDLER and action is Action.REQUEST_EXTENSION:
            return self.county.handler_of(self.county.police).username
        return "intake" if role is Role.INTAKE_OFFICER else USERNAME_OF[role]

    def prepare(self, action: Action) -> bool:
        """Bring about what the action answers to, by the real actions of those who ask for it. Whether anything was."""
        needed = allows(action, self.status) and action in _PREPARE
        if needed:
            _PREPARE[action](self)
        return needed

    def inputs(self, role: Role, action: Action) -> dict[str, Any]:
        match action:
            case Action.DOCKET:
                urgency = Urgency.NORMAL.value
                return {"type": "appeal", "category": self.county.category.code, "urgency": urgency}
            case Action.ACKNOWLEDGE | Action.SUBMIT_PLAN | Action.ANNUL_ALERT:
                return {"alert": self._alert(role), **_INPUTS.get(action, {})}
            case Action.ANSWER_SUPERVISION | Action.SIGN_OFF:
                order = SupervisionOrder.objects.filter(case=self.story.case_id).first()
                return {"order": order.pk if order else 1, **_INPUTS.get(action, {})}
            case Action.RESOLVE_ON_SPOT:
                photo = Attachment.objects.filter(case=None).first()
                return {"reply": "已当场处理", "photos": [str(photo.pk if photo else UUID(int=1))]}
            case Action.MERGE:
                return {"master": self.other.number, "comment": "同一处"}
        named = {"assignment": self._part(action)} if TABLE[action].subject is Subject.ASSIGNMENT else {}
        return named | _INPUTS.get(action, {})

    def _part(self, action: Action) -> int:
        state, unit = {
            Action.FINISH: (AssignmentState.WORKING, self.county.water),
            Action.RELEASE_ASSISTANT: (AssignmentState.WORKING, self.county.water),
            Action.DECIDE_OBJECTION: (AssignmentState.DISPUTED, self.county.housing),
        }.get(action, (AssignmentState.WAITING, self.county.housing))
        found = self.story.case.assignments.filter(state=state, department=unit).first()
        return found.pk if found else 1

    def _alert(self, role: Role) -> int:
        kind = ClockKind.REPORT_IN if role in DEPARTMENT_ROLES else ClockKind.DOCKET
        found = Alert.objects.filter(case=self.story.case_id, clock__kind=kind)
        unit = self.county.water if kind is ClockKind.REPORT_IN else self.county.government
        return found.filter(charged=unit).values_list("pk", flat=True).first() or 1

    def expected(self, role: Role, action: Action) -> type[CaseError] | None:
        """What the table says; None: it happens."""
        if not self._sees(role, action):
            return NotVisible
        if role not in TABLE[action].roles:
            return NotPermitted
        if not allows(action, self.status):
            return Conflict
        # The unit's head decides for petitions alone, see test_extensions.
        return NotPermitted if (role, action) == (Role.DEPARTMENT_HEAD, Action.DECIDE_EXTENSION) else None

    def _sees(self, role: Role, action: Action) -> bool:
        if role in DEPARTMENT_ROLES:
            supervised = action in _SUPERVISED and allows(action, self.status)
            return supervised or self.status not in _UNCALLED
        return role in AREA_CASE_ROLES or role is Role.INTAKE_OFFICER


#: With an open order against water, its people see the case in every status.
_SUPERVISED = frozenset({Action.ANSWER_SUPERVISION, Action.SIGN_OFF})
_INPUTS: dict[Action, dict[str, Any]] = {
    Action.REJECT: {"reason": "unclear", "advice": "请补充"},
    Action.DISPATCH: {"lead": "station-100"},
    Action.FINISH: {"reply": "已修好"},
    Action.VERIFY: {"passed": True},
    Action.RATE: {"grade": str(int(Grade.SATISFIED)), "solved": True, "record": "电话"},
    Action.WITHDRAW: {"proof": "书面"},
    Action.PROPOSE_WHISTLE: {"lead": "water", "assistants": ["police"]},
    Action.REFUSE_WHISTLE: {"comment": "请先自行处置"},
    Action.OBJECT: {"reason": "other_lead", "basis": "三定方案"},
    Action.DECIDE_OBJECTION: {"upheld": True, "department": "station-100", "comment": "改派"},
    Action.REASSIGN: {"department": "station-100", "comment": "改派"},
    Action.ADD_ASSISTANT: {"department": "station-100"},
    Action.RELEASE_ASSISTANT: {"comment": "不再需要"},
    Action.REQUEST_EXTENSION: {"amount": 3, "reason": "管件未到"},
    Action.DECIDE_EXTENSION: {"granted": True},
    Action.SUSPEND: {"reason": "season", "until": "2026-03-16"},
    Action.REOPEN: {"comment": "再次漏水"},
    Action.REMIND: {"comment": "请加快"},
    Action.SUBMIT_PLAN: {"plan": "三日内完成"},
    Action.ANNUL_ALERT: {"comment": "误报"},
    Action.SUPERVISE: {"department": "station-100", "card": Card.LISTED.value, "demand": "三日内办结"},
    Action.ANSWER_SUPERVISION: {"reply": "明日完成"},
}


def _photographed(scene: Scene) -> None:
    """The grid worker's; whoever else names it is refused before it is looked at."""
    worker = scene.county.users[USERNAME_OF[Role.GRID_WORKER]]
    send_photo(worker, now=scene.story.now, client_id=UUID(int=1))


def _proposed(scene: Scene) -> None:
    scene.story.act(Action.PROPOSE_WHISTLE, "township", lead="water")


def _disputed(scene: Scene) -> None:
    object_to(scene.story, scene.county.housing)


def _extension_asked(scene: Scene) -> None:
    user = scene.user(Role.DEPARTMENT_HANDLER, Action.REQUEST_EXTENSION)
    scene.story.act(Action.REQUEST_EXTENSION, user, amount=3, reason="管件未到")


def _yellow(scene: Scene) -> None:
    """What was blue is taken for yellow, which asks for a plan."""
    Alert.objects.filter(case=scene.story.case_id).update(colour=Colour.YELLOW)


def _ordered(scene: Scene) -> None:
    supervise(scene.story, scene.county.water)


def _answered(scene: Scene) -> None:
    order = supervise(scene.story, scene.county.water)
    scene.story.act(Action.ANSWER_SUPERVISION, "depthead", order=order.pk, reply="明日完成")


_PREPARE: dict[Action, Callable[[Scene], None]] = {
    Action.RESOLVE_ON_SPOT: _photographed,
    Action.APPROVE_WHISTLE: _proposed,
    Action.REFUSE_WHISTLE: _proposed,
    Action.DECIDE_OBJECTION: _disputed,
    Action.DECIDE_EXTENSION: _extension_asked,
    Action.SUBMIT_PLAN: _yellow,
    Action.ANSWER_SUPERVISION: _ordered,
    Action.SIGN_OFF: _answered,
}


def scene(county: County, status: Status) -> Scene:
    """Collected by the hotline, blue on the docket clock; blue on water's report-in clock from the next day on."""
    story = Story.begin(county, by="intake", source=Source.HOTLINE).wait(hours=2, minutes=10)
    story.sweep()
    other = Story.begin(county, at=story.now, by="intake", source=Source.HOTLINE)
    _advance(story, county, status)
    if status is Status.SUSPENDED:
        suspend(story, date(2026, 3, 16))
    if status is Status.MERGED:
        story.act(Action.MERGE, "center", master=other.number, comment="同一处")
    assert story.case.status == status
    return Scene(story, other, county, status)


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


Buttons = dict[str, set[Action]]


def buttons(scene: Scene, username: str) -> set[Action]:
    """What that user is offered on the case as it is."""
    actor = scene.county.actor(username, now=scene.story.now)
    case = selectors.case_for(actor, scene.story.number)
    found = selectors.offers_for(actor, case, now=scene.story.now) if case else []
    return {offer.action for offer in found}


def attempt(scene: Scene, role: Role, action: Action) -> type[CaseError] | None:
    """Try it for real. What it did is checked against the table and undone; a refusal is left to have done nothing."""
    inputs = scene.inputs(role, action)
    undo = transaction.savepoint()
    try:
        scene.story.act(action, scene.user(role, action), **inputs)
    except CaseError as error:
        return type(error)
    _check_effects(scene, action)
    transaction.savepoint_rollback(undo)
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


#: Where nearly everything is refused: asked at length by `make slow`.
_ENDED = frozenset({Status.REJECTED, Status.WITHDRAWN, Status.MERGED})
_STATUSES = [pytest.param(status, marks=pytest.mark.slow if status in _ENDED else ()) for status in Status]


@pytest.mark.parametrize("status", _STATUSES)
def test_every_action_by_every_role(county: County, status: Status) -> None:
    played = scene(county, status)
    played.story.now += _LATER
    seen: Buttons = {}
    done = {action for action in CASE_ACTIONS if _try_everybody(played, action, seen)}
    assert done == {action for action in CASE_ACTIONS if allows(action, status)}, "every allowed pair was carried out"


def _try_everybody(played: Scene, action: Action, seen: Buttons) -> bool:
    """Whether anybody could do it; all of it is undone.

    `seen`: the buttons of the scene as it is, which is the same for every action that needs no preparation.
    """
    with transaction.atomic():
        seen = {} if played.prepare(action) else seen
        before = snapshot(played.story.case_id)
        outcomes = {role: attempt(played, role, action) for role in Role}
        assert outcomes == {role: played.expected(role, action) for role in Role}, action
        for username in {played.user(role, action) for role in Role} - seen.keys():
            seen[username] = buttons(played, username)
        offered = {role for role in Role if action in seen[played.user(role, action)]}
        succeeded = {role for role, error in outcomes.items() if error is None}
        assert offered == succeeded, f"the buttons for {action}"
        assert snapshot(played.story.case_id) == before, f"{action} left something behind"
        transaction.set_rollback(True)
    return bool(succeeded)


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
