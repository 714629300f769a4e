"""Cases that may be about the same matter: a proposal, never a merge (domain.md, `merge`)."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import labels
from cases.access import visible_to
from cases.api.answers import actor_of, unknown
from cases.similar import Proposal, Reason, Similar, similar_cases


class SimilarCase(serializers.Serializer[None]):
    number = serializers.CharField()
    title = serializers.CharField()
    area = serializers.CharField(help_text="Name")
    status = serializers.ChoiceField(choices=labels.choices(labels.STATUS))
    received_at = serializers.DateTimeField()
    proposal = serializers.ChoiceField(
        choices=[p.value for p in Proposal], help_text="duplicate: it still runs; repeat: it has ended"
    )
    reasons = serializers.ListField(child=serializers.ChoiceField(choices=[r.value for r in Reason]))
    score = serializers.FloatField(help_text="Share of common trigrams of the two texts, 0 to 1")


class SimilarCases(serializers.Serializer[None]):
    results = SimilarCase(many=True)


class SimilarView(APIView):
    @extend_schema(
        operation_id="case_similar",
        summary="Cases that may be about the same matter",
        description=(
            "Of those that I see, received within a year: the same petitioner first, then the most similar text. "
            "Nothing is ever merged by itself."
        ),
        tags=["cases"],
        responses={200: SimilarCases},
    )
    def get(self, request: Request, number: str) -> Response:
        actor = actor_of(request)
        case = visible_to(actor).filter(number=number).first()
        if case is None:
            raise unknown()
        return Response({"results": [_shape(found) for found in similar_cases(case, actor=actor, now=timezone.now())]})


def _shape(found: Similar) -> dict[str, Any]:
    case = found.case
    return {
        "number": case.number,
        "title": case.title,
        "area": case.area.name,
        "status": case.status,
        "received_at": case.received_at,
        "proposal": found.proposal.value,
        "reasons": [reason.value for reason in found.reasons],
        "score": found.score,
    }
