"""The main path of the loop: 采集 — 立项 — 受理 — 反馈 — 评价, and the ways out of it (domain.md, "The loop")."""

from cases.terms import BEFORE_ANSWERED, KEEPERS, ClockKind, Grade, ReasonList, Status, Urgency
from cases.workflow.rule import (
    ACCUSED,
    ASSIGNMENT,
    DISPATCHERS,
    DOCKET_TYPES,
    REPLY_LENGTH,
    Action,
    Field,
    FieldKind,
    Rule,
    Subject,
    reason_of,
    text,
)
from grids.roles import Role

#: What the verdicts of a rating lead to, and the clocks of a further round.
_DECIDED = frozenset({Status.CLOSED, Status.HANDLING, Status.DOCKETED})
#: Where a case can stand once somebody rated in one of its rounds.
_RATED_ONCE = frozenset(Status) - {Status.COLLECTED}
_NEXT_ROUND = frozenset({ClockKind.HANDLE, ClockKind.RESOLVE, ClockKind.DISPATCH, ClockKind.SUPERVISION})

MAIN_PATH = (
    Rule(
        Action.COLLECT,
        sources=frozenset(),
        targets=frozenset({Status.COLLECTED}),
        roles=frozenset({Role.GRID_WORKER, Role.INTAKE_OFFICER}),
        starts=frozenset({ClockKind.DOCKET}),
        petitioner=True,
    ),
    Rule(
        Action.RESOLVE_ON_SPOT,
        sources=frozenset({Status.COLLECTED}),
        targets=frozenset({Status.RATING, Status.CLOSED}),
        roles=frozenset({Role.GRID_WORKER}),
        fields=(text("reply", longest=REPLY_LENGTH), Field("photos", FieldKind.PHOTOS)),
        stops=frozenset({ClockKind.DOCKET}),
        starts=frozenset({ClockKind.RATE}),
    ),
    Rule(
        Action.DOCKET,
        sources=frozenset({Status.COLLECTED}),
        targets=frozenset({Status.DOCKETED}),
        roles=DISPATCHERS,
        fields=(
            Field("type", FieldKind.CHOICE, choices=DOCKET_TYPES),
            Field("category", FieldKind.CATEGORY),
            Field("urgency", FieldKind.CHOICE, choices=tuple(Urgency)),
            text("note", required=False),
            *ACCUSED,
        ),
        stops=frozenset({ClockKind.DOCKET}),
        starts=frozenset({ClockKind.RESOLVE, ClockKind.DISPATCH}),
        sealed_roles=KEEPERS,
    ),
    Rule(
        Action.REJECT,
        sources=frozenset({Status.COLLECTED, Status.DOCKETED}),
        targets=frozenset({Status.REJECTED}),
        roles=DISPATCHERS,
        fields=(
            reason_of(ReasonList.REJECT),
            text("advice"),
        ),
        stops=frozenset(ClockKind),
        sealed_roles=KEEPERS,
    ),
    Rule(
        Action.DISPATCH,
        sources=frozenset({Status.DOCKETED}),
        targets=frozenset({Status.DISPATCHED}),
        roles=DISPATCHERS,
        fields=(
            Field("lead", FieldKind.DEPARTMENT),
            Field("assistants", FieldKind.DEPARTMENTS, required=False),
            text("instruction", required=False),
        ),
        stops=frozenset({ClockKind.DISPATCH}),
        starts=frozenset({ClockKind.REPORT_IN}),
    ),
    Rule(
        Action.REPORT_IN,
        sources=frozenset({Status.DISPATCHED, Status.HANDLING}),
        targets=frozenset({Status.DISPATCHED, Status.HANDLING}),
        roles=frozenset({Role.DEPARTMENT_HANDLER}),
        subject=Subject.ASSIGNMENT,
        fields=(
            ASSIGNMENT,
            Field("on_spot", FieldKind.FLAG, required=False),
            Field("latitude", FieldKind.LATITUDE, required=False),
            Field("longitude", FieldKind.LONGITUDE, required=False),
        ),
        stops=frozenset({ClockKind.REPORT_IN}),
        starts=frozenset({ClockKind.HANDLE}),
        never=frozenset({(Status.HANDLING, Status.DISPATCHED)}),
    ),
    Rule(
        Action.FINISH,
        sources=frozenset({Status.DISPATCHED, Status.HANDLING}),
        targets=frozenset({Status.DISPATCHED, Status.HANDLING, Status.ANSWERED}),
        roles=frozenset({Role.DEPARTMENT_HANDLER}),
        subject=Subject.ASSIGNMENT,
        fields=(ASSIGNMENT, text("reply", longest=REPLY_LENGTH)),
        stops=frozenset({ClockKind.HANDLE, ClockKind.RESOLVE}),
        starts=frozenset({ClockKind.VERIFY}),
        # While the lead has not reported in, an assistant that finishes leaves the case where it is.
        never=frozenset(
            {
                (Status.DISPATCHED, Status.HANDLING),
                (Status.DISPATCHED, Status.ANSWERED),
                (Status.HANDLING, Status.DISPATCHED),
            }
        ),
    ),
    Rule(
        Action.VERIFY,
        sources=frozenset({Status.ANSWERED}),
        targets=frozenset({Status.RATING, Status.HANDLING, Status.CLOSED}),
        roles=DISPATCHERS | {Role.GRID_WORKER},
        fields=(
            Field("passed", FieldKind.FLAG),
            text("comment", required=False, unless="passed"),
        ),
        stops=frozenset({ClockKind.VERIFY}),
        starts=frozenset({ClockKind.RATE, ClockKind.HANDLE, ClockKind.RESOLVE}),
    ),
    Rule(
        Action.RATE,
        sources=frozenset({Status.RATING}),
        targets=frozenset({Status.RATING, *_DECIDED}),
        roles=frozenset({Role.CENTER_DISPATCHER}),
        fields=(
            Field("petitioner", FieldKind.PETITIONER, required=False),
            Field("grade", FieldKind.CHOICE, choices=tuple(str(int(g)) for g in Grade)),
            Field("solved", FieldKind.FLAG),
            text("record"),
        ),
        stops=frozenset({ClockKind.RATE}),
        starts=_NEXT_ROUND,
        petitioner=True,
    ),
    Rule(
        Action.REVISE_RATING,
        sources=_RATED_ONCE,
        targets=_RATED_ONCE,
        roles=frozenset(),
        starts=_NEXT_ROUND,
        # What a call-back closed goes on when the petitioner says otherwise. Wherever else the case stands, it stays.
        never=frozenset(
            (source, target)
            for source in _RATED_ONCE
            for target in _RATED_ONCE
            if source != target and (source != Status.CLOSED or target not in _DECIDED)
        ),
        petitioner=True,
    ),
    Rule(
        Action.CLOSE,
        sources=frozenset({Status.RATING}),
        targets=_DECIDED,
        roles=frozenset(),
        stops=frozenset(ClockKind),
        starts=_NEXT_ROUND,
    ),
    Rule(
        Action.CONCLUDE,
        sources=frozenset({Status.DOCKETED}),
        targets=frozenset({Status.CLOSED}),
        roles=frozenset(),
        fields=(text("reply", longest=REPLY_LENGTH),),
        stops=frozenset(ClockKind),
        sealed_roles=KEEPERS,
    ),
    Rule(
        Action.WITHDRAW,
        sources=BEFORE_ANSWERED,
        targets=frozenset({Status.WITHDRAWN}),
        roles=DISPATCHERS | {Role.GRID_WORKER, Role.INTAKE_OFFICER},
        fields=(text("proof"),),
        stops=frozenset(ClockKind),
        petitioner=True,
    ),
)
