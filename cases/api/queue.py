"""What a phone did without a network: a queue of operations, carried out in order, each answered on its own."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ValidationError

from cases import chain, codes
from cases.actions.intake import Collected, collect
from cases.actions.perform import perform
from cases.api.inputs import read_matter
from cases.errors import CaseError, Conflict, InvalidInput, NotVisible, StaleVersion
from cases.models import Attachment, Case, Request
from cases.workflow import ALL_CASE_ACTIONS, TABLE, Action, FieldKind
from grids.actors import Actor

#: Fields of actions that name files, besides those of a new case.
_FILES: Final = {field.name for rule in TABLE.values() for field in rule.fields if field.kind is FieldKind.PHOTOS}
#: How keys of operations are told from the `Idempotency-Key` of a single request.
_KEY: Final = "sync:"


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that was done on the phone. `case`: its number, or the client_id under which it was collected.

    `inputs` are the fields of the action; a file is named by its id or by the client_id under which it was sent.
    """

    op_id: UUID
    action: str
    case: str
    after: UUID | None = None
    base_version: int | None = None
    capture_time: datetime | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{_KEY}{self.op_id}"

    @property
    def digest(self) -> str:
        """Tells the same operation from another one under its op_id."""
        return codes.request_digest({"action": self.action, "case": self.case, "inputs": dict(self.inputs)})


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status`: applied, replayed, conflict or rejected. `retry`: only somebody else was in the way."""

    operation: Operation
    status: str
    number: str | None = None
    error: Exception | None = None
    collected: Collected | None = None

    @property
    def done(self) -> bool:
        return self.status in {"applied", "replayed"}


def carry_out(
    operations: list[Operation], *, actor: Actor, clock: Callable[[], datetime], skew: int | None
) -> Iterator[Outcome]:
    """In order. What was done before changes nothing; what cannot be done leaves the others to be tried."""
    done: set[UUID] = set()
    for operation in operations:
        outcome = _carry_out(operation, done=done, actor=actor, now=clock(), skew=skew)
        if outcome.done:
            done.add(operation.op_id)
        yield outcome


def _carry_out(operation: Operation, *, done: set[UUID], actor: Actor, now: datetime, skew: int | None) -> Outcome:
    number = None
    try:
        _check_order(operation, done=done, actor=actor)
        if operation.action == Action.COLLECT.value:
            return _collect(operation, actor=actor, now=now, skew=skew)
        number = _number(operation, actor)
        performed = perform(
            _action(operation),
            number=number,
            actor=actor,
            now=now,
            inputs=_with_files(operation.inputs, actor),
            expected_version=None if operation.after else operation.base_version,
            key=operation.key,
            evidence=_evidence(operation, skew),
        )
        return Outcome(operation, "replayed" if performed.replayed else "applied", number)
    except (StaleVersion, Conflict) as error:
        return Outcome(operation, "conflict", number, error)
    except (CaseError, APIException) as error:
        return Outcome(operation, "rejected", number, error)


def _check_order(operation: Operation, *, done: set[UUID], actor: Actor) -> None:
    """The operation that this one follows was carried out, now or in an earlier batch."""
    if operation.after is None or operation.after in done:
        return
    if not Request.objects.filter(user=actor.user_id, key=f"{_KEY}{operation.after}").exists():
        sentence = _("The operation that this one follows was not carried out.")
        raise InvalidInput(sentence, {"after": [sentence]})


def _collect(operation: Operation, *, actor: Actor, now: datetime, skew: int | None) -> Outcome:
    client_id = _uuid(operation.case)
    if client_id is None:
        sentence = _("A new case is named by its client_id.")
        raise ValidationError({"case": [sentence]})
    if (repeated := _repeated(operation, actor)) is not None:
        return repeated
    body = dict(_with_files(operation.inputs, actor)) | {"client_id": operation.case}
    if operation.capture_time is not None:
        body.setdefault("captured_at", operation.capture_time.isoformat())
    client_id, matter = read_matter(body, actor=actor, evidence=_evidence(operation, skew))
    collected = collect(matter=matter, client_id=client_id, actor=actor, now=now, request=body)
    _remember(operation, collected.case, actor=actor, now=now)
    status = "applied" if collected.created else "replayed"
    return Outcome(operation, status, collected.case.number, collected=collected)


def _repeated(operation: Operation, actor: Actor) -> Outcome | None:
    """What was collected before is answered again without trying. Conflict when it said something else."""
    earlier = Request.objects.filter(user=actor.user_id, key=operation.key).select_related("case").first()
    if earlier is None:
        return None
    if earlier.digest != operation.digest:
        raise Conflict(_("This op_id was already used for another operation. Nothing was changed."))
    collected = Collected(earlier.case, codes.matching_code(earlier.case), created=False)
    return Outcome(operation, "replayed", earlier.case.number, collected=collected)


def _remember(operation: Operation, case: Case, *, actor: Actor, now: datetime) -> None:
    """So that a later operation may follow this one. The client_id of the case already makes it unrepeatable."""
    if actor.user_id is None:
        return
    try:
        with transaction.atomic():
            Request.objects.create(
                user_id=actor.user_id,
                key=operation.key,
                digest=operation.digest,
                case=case,
                action=Action.COLLECT.value,
                at=now,
            )
    except IntegrityError:
        return  # it was carried out before


def _action(operation: Operation) -> Action:
    action = next((action for action in ALL_CASE_ACTIONS if action.value == operation.action), None)
    if action is None:
        sentence = _("There is no such action.")
        raise ValidationError({"action": [sentence]})
    return action


def _number(operation: Operation, actor: Actor) -> str:
    """The number of the case, also of one that this person collected under a client_id."""
    client_id = _uuid(operation.case)
    if client_id is None:
        return operation.case
    mine = Case.objects.filter(created_by=actor.user_id, client_id=client_id)
    number = mine.values_list("number", flat=True).first()
    if number is None:
        raise NotVisible(_("There is no such case."))
    return number


def _with_files(inputs: Mapping[str, Any], actor: Actor) -> Mapping[str, Any]:
    """Files that the phone names by the client_id under which it sent them, by their ids. One query, or none."""
    naming = {name: ids for name, ids in inputs.items() if name in {*_FILES, "attachments"} and isinstance(ids, list)}
    wanted = [client_id for ids in naming.values() for one in ids if (client_id := _uuid(one)) is not None]
    if not wanted:
        return inputs
    mine = Attachment.objects.filter(uploaded_by=actor.user_id).filter(Q(client_id__in=wanted))
    known = {str(client_id): str(pk) for client_id, pk in mine.values_list("client_id", "pk")}
    named = {name: [known.get(str(_uuid(one) or one), one) for one in ids] for name, ids in naming.items()}
    return {**inputs, **named}


def _evidence(operation: Operation, skew: int | None) -> dict[str, Any]:
    """When it was done by the phone's clock, and by how many seconds that clock was wrong when it was sent."""
    captured = {} if operation.capture_time is None else {"captured": chain.stamp(operation.capture_time)}
    return captured | ({} if skew is None else {"skew": skew})


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None
