"""Phones that were offline: what changed since they last asked, and what they did meanwhile (docs/mobile.md)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api import sync_shapes as shapes
from cases.api.answers import actor_of, taken_in
from cases.api.inputs import Moment, validated
from cases.api.queue import Operation, Outcome, carry_out
from cases.api.render import Whole, detail, whole
from cases.errors import Busy
from cases.selectors import case_for, name_related
from cases.syncing import BadCursor, Cursor, news_for
from grids.actors import Actor, actor_for
from grids.api.people import signed_in

#: Operations of one batch.
MOST_OPERATIONS: Final = 100
#: A phone's clock that is wrong by more than that, in seconds, is told so.
TOLERATED_SKEW: Final = 120


class Since(serializers.Serializer[None]):
    since = serializers.CharField(max_length=200, required=False, help_text="`cursor` of the answer before")
    page_size = serializers.IntegerField(required=False, default=50, min_value=1, max_value=100)


class Step(serializers.Serializer[None]):
    """The fields of the action stand beside these."""

    op_id = serializers.UUIDField(help_text="Made by the phone; sent again it changes nothing")
    action = serializers.CharField(max_length=40, help_text="`collect` or an action of the workflow table")
    case = serializers.CharField(max_length=40, help_text="Its number, or the client_id under which it is collected")
    after = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="The operation that it follows, instead of a version"
    )
    base_version = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=2**31 - 1, help_text="What was looked at"
    )
    capture_time = Moment(
        required=False, allow_null=True, default=None, help_text="By the phone's clock; evidence, moves no deadline"
    )


class Batch(serializers.Serializer[None]):
    operations = serializers.ListField(child=serializers.DictField(), max_length=MOST_OPERATIONS)
    sent_at = Moment(
        required=False, allow_null=True, default=None, help_text="The phone's clock at sending: shows how wrong it is"
    )


class SyncView(APIView):
    @extend_schema(
        operation_id="sync",
        summary="What changed since I last asked",
        description=(
            "Changed cases that you see, and the numbers of those that you see no more, in bounded pages. `anew`: "
            "forget what you have, this is a fresh start (the first time, after other posts, after 90 days)."
        ),
        tags=["sync"],
        parameters=[Since],
        responses={200: shapes.NewsShape},
        examples=[shapes.NEWS],
    )
    def get(self, request: Request) -> Response:
        asked = validated(Since, request.query_params)
        now = timezone.now()
        actor = actor_of(request)
        try:
            since = Cursor.read(asked["since"]) if "since" in asked else None
        except BadCursor:
            raise ValidationError({"since": [_("This is no cursor of this list.")]}) from None
        news = news_for(actor, since=since, size=asked["page_size"], now=now)
        name_related(actor, news.cases)
        told = {
            "anew": news.anew,
            "cases": [detail(whole(actor, case, now=now)) for case in news.cases],
            "gone": news.gone,
            "cursor": news.cursor.write(),
            "more": news.more,
        }
        return Response(told, headers={"Cache-Control": "private, no-store"})

    @extend_schema(
        operation_id="sync_send",
        summary="What I did without a network",
        description=(
            "Operations in order, each answered on its own: `applied`, `replayed` (done before, nothing happened "
            "now), `conflict` (with the case as the server has it) or `rejected` (with the problem). A batch may be "
            "sent again at any time. Receipt counts for deadlines; the phone's times are kept as evidence."
        ),
        tags=["sync"],
        request=shapes.BatchShape,
        responses={200: shapes.ResultsShape},
        examples=[shapes.BATCH, shapes.RESULTS],
    )
    def post(self, request: Request) -> Response:
        told = validated(Batch, request.data)
        now = timezone.now()
        skew = None if told["sent_at"] is None else round((told["sent_at"] - now).total_seconds())
        if skew is not None and abs(skew) <= TOLERATED_SKEW:
            skew = 0
        actor = actor_for(signed_in(request), now=now)
        operations = [_operation(index, step) for index, step in enumerate(told["operations"])]
        outcomes = carry_out(operations, actor=actor, clock=timezone.now, skew=skew)
        results = [self._result(outcome, actor, now) for outcome in outcomes]
        return Response({"results": results, "server_time": now, "clock_skew": skew})

    def _result(self, outcome: Outcome, actor: Actor, now: datetime) -> dict[str, Any]:
        """With the case as this person sees it now; `gone` when it is seen no more."""
        case = _as_it_is(outcome, actor, now)
        problem = self._problem(outcome.error) if outcome.error else None
        code = outcome.collected.query_code if outcome.collected else None
        return {
            "op_id": outcome.operation.op_id,
            "status": outcome.status,
            "number": outcome.number if case is not None or outcome.done else None,
            "query_code": code,
            "case": detail(case) if case is not None else None,
            "gone": outcome.done and case is None,
            "problem": problem,
            "retry": isinstance(outcome.error, Busy),
        }

    def _problem(self, error: Exception) -> dict[str, Any]:
        """The same that a single request would be answered with."""
        answer = self.get_exception_handler()(error, self.get_exception_handler_context())
        told: dict[str, Any] = orjson.loads(answer.content)
        return told


def _as_it_is(outcome: Outcome, actor: Actor, now: datetime) -> Whole | None:
    """The case as this person sees it now; what was taken in just now, from memory."""
    if outcome.collected is not None:
        return taken_in(actor, outcome.collected)
    case = case_for(actor, outcome.number) if outcome.number else None
    return None if case is None else whole(actor, case, now=now)


def _operation(index: int, step: Mapping[str, Any]) -> Operation:
    """ValidationError names the place of a step that cannot even be answered on its own."""
    try:
        known = validated(Step, step)
    except ValidationError as error:
        raise ValidationError({f"operations.{index}": error.detail}) from error
    inputs = {name: value for name, value in step.items() if name not in known}
    return Operation(**known, inputs=inputs)
