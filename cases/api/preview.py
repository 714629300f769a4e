"""What limits and due times would apply, before anything is saved: of a new matter, and of an action on a case."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api import examples
from cases.api.answers import actor_of, unknown
from cases.api.side_path_shapes import AheadPage, MatterAsked, PreviewAsked, PreviewShape
from cases.previews import Ahead, Moved, foreseen, limits_ahead
from cases.schedule import Moments
from cases.selectors import case_for
from cases.workflow import Action


class PreviewView(APIView):
    @extend_schema(
        operation_id="case_preview",
        summary="What an action would start or move",
        description="Nothing is changed. Empty while the parameters do not say enough; what the action would refuse is "
        "refused here with the same words.",
        tags=["cases"],
        parameters=[PreviewAsked],
        responses={200: PreviewShape},
        examples=[examples.PREVIEW],
    )
    def get(self, request: Request, number: str) -> Response:
        asked = PreviewAsked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        case = case_for(actor_of(request), number)
        if case is None:
            raise unknown()
        told: Mapping[str, Any] = {name: value for name, value in asked.validated_data.items() if value is not None}
        moved = foreseen(Action(told["action"]), case, told, now=timezone.now())
        return Response({"results": [_moved(one) for one in moved]})


class LimitsAheadView(APIView):
    @extend_schema(
        operation_id="preview",
        summary="What limits a new matter would have",
        description="By the policy in force, each as if it started now. Nothing is saved.",
        tags=["cases"],
        request=MatterAsked,
        responses={200: AheadPage},
        examples=[examples.NEW_MATTER, examples.AHEAD],
    )
    def post(self, request: Request) -> Response:
        asked = MatterAsked(data=request.data)
        asked.is_valid(raise_exception=True)
        told = asked.validated_data
        found = limits_ahead(told["type"], told["category"], now=timezone.now())
        return Response({"results": [_ahead(one) for one in found]})


def _moved(one: Moved) -> dict[str, Any]:
    return {
        "clock": one.clock.pk,
        "kind": one.clock.kind,
        "assignment": one.clock.assignment_id,
        "due_at": one.clock.due_at if one.clock.pk else None,
        **{f"new_{name}": moment for name, moment in _moments(one.moments).items()},
    }


def _ahead(one: Ahead) -> dict[str, Any]:
    return {"kind": one.kind.value, "limit": str(one.limit), "rule": one.rule, **_moments(one.moments)}


def _moments(moments: Moments) -> dict[str, Any]:
    return {"due_at": moments.due, "blue_at": moments.blue, "yellow_at": moments.yellow}
