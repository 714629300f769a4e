"""`GET cases/{number}/preview/`: the moments that a suspension or an extension would move, before it is confirmed."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.answers import actor_of, unknown
from cases.api.side_path_shapes import PreviewAsked, PreviewShape
from cases.previews import Moved, extension_preview, suspension_preview
from cases.selectors import case_for


class PreviewView(APIView):
    @extend_schema(
        operation_id="case_preview",
        summary="What a suspension or an extension would move",
        description="Nothing is changed. Without a parameter: the extension that was asked for.",
        tags=["cases"],
        parameters=[PreviewAsked],
        responses={200: PreviewShape},
    )
    def get(self, request: Request, number: str) -> Response:
        asked = PreviewAsked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        now = timezone.now()
        case = case_for(actor_of(request), number)
        if case is None:
            raise unknown()
        told = asked.validated_data
        if "suspend_until" in told:
            moved = suspension_preview(case, told["suspend_until"], now=now)
        else:
            moved = extension_preview(case, amount=told.get("extension"), now=now)
        return Response({"results": [_moved(one) for one in moved]})


def _moved(one: Moved) -> dict[str, Any]:
    return {
        "clock": one.clock.pk,
        "kind": one.clock.kind,
        "assignment": one.clock.assignment_id,
        "due_at": one.clock.due_at,
        "new_due_at": one.moments.due,
        "new_blue_at": one.moments.blue,
        "new_yellow_at": one.moments.yellow,
    }
