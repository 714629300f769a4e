"""A petitioner's plain data, for a reason; and the petition office's list of who looked at whom."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.access import visible_to
from cases.actions.unsealing import unseal
from cases.api.answers import actor_of, asked_of, next_page, unknown
from cases.api.inputs import PageFilters
from cases.api.keyset import Cursor
from cases.people import as_looks, looks_for
from cases.workflow import REASON_LENGTH


class UnsealIn(serializers.Serializer[None]):
    reason = serializers.CharField(
        max_length=REASON_LENGTH, help_text="Why you must know. The petition office reads it"
    )


class PlainPetitioner(serializers.Serializer[None]):
    name = serializers.CharField()
    phone = serializers.CharField()
    id_number = serializers.CharField()
    address = serializers.CharField()


class LookOut(serializers.Serializer[None]):
    number = serializers.CharField()
    pseudonym = serializers.CharField()
    who = serializers.CharField()
    at = serializers.DateTimeField()
    reason = serializers.CharField()


class LookPage(serializers.Serializer[None]):
    next = serializers.URLField(allow_null=True)
    results = LookOut(many=True)


class UnsealView(APIView):
    @extend_schema(
        operation_id="petitioner_unseal",
        summary="Look at a petitioner's plain data",
        description=(
            "Journaled with the reason and shown to the petition office. For dispatchers, the centre and the petition "
            "office; for handlers at work only where the petitioner is named, never a confidential one."
        ),
        tags=["privacy"],
        request=UnsealIn,
        responses={200: PlainPetitioner},
    )
    def post(self, request: Request, number: str, petitioner: int) -> Response:
        told = UnsealIn(data=request.data)
        told.is_valid(raise_exception=True)
        actor = actor_of(request)
        case_id = visible_to(actor).filter(number=number).values_list("pk", flat=True).first()
        if case_id is None:
            raise unknown()
        plain = unseal(
            case_id=case_id,
            petitioner_id=petitioner,
            actor=actor,
            reason=told.validated_data["reason"],
            now=timezone.now(),
        )
        fields: dict[str, Any] = {name: getattr(plain, name) for name in ("name", "phone", "id_number", "address")}
        return Response(fields, headers={"Cache-Control": "private, no-store"})


class LooksView(APIView):
    @extend_schema(
        operation_id="looks",
        summary="Who looked at whom, newest first",
        description="For the petition office of the area. Empty for everybody else.",
        tags=["privacy"],
        parameters=[PageFilters],
        responses={200: LookPage},
    )
    def get(self, request: Request) -> Response:
        asked = asked_of(PageFilters, request)
        events, size = looks_for(actor_of(request)), asked["page_size"]
        if "cursor" in asked:
            events = events.filter(pk__lt=Cursor.read(asked["cursor"], ordering="looks").id)
        found = list(events[: size + 1])
        following = Cursor("looks", 0, None, found[size - 1].pk) if len(found) > size else None
        results = [
            {"number": x.number, "pseudonym": x.pseudonym, "who": x.who, "at": x.at, "reason": x.reason}
            for x in as_looks(found[:size])
        ]
        return Response({"next": next_page(request, following), "results": results})
