"""The receipt of a clock: why it is due when it is due (api.md, "Cases")."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import labels
from cases.access import visible_to
from cases.api.answers import actor_of, unknown
from cases.api.shapes import LIMIT_HELP
from cases.calendar import DayKind
from cases.receipt import DayNote, Grant
from cases.receipt_words import day_words, sentences
from cases.receipts import Cause, Receipt, clocks_of, differences, receipt_of
from grids.api.shapes import Place

_SECONDS: Final = "Seconds of own time: natural for h and cd, office time for wh and wd"


class ReceiptGrant(serializers.Serializer[None]):
    limit = serializers.CharField(help_text=LIMIT_HELP)
    extension = serializers.BooleanField(help_text="false: the limit itself")
    since = serializers.DateTimeField(help_text="From the start; an extension from the due time then in force")
    until = serializers.DateTimeField(help_text="Before the pauses that came later")
    days = serializers.ListField(child=serializers.DateField(), help_text="The days that were counted one by one")


class ReceiptSegment(serializers.Serializer[None]):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    seconds = serializers.FloatField(help_text=_SECONDS)


class ReceiptDay(serializers.Serializer[None]):
    day = serializers.DateField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in DayKind])
    name = serializers.CharField(help_text="The festival, where it is one")
    counted = serializers.BooleanField()
    provisional = serializers.BooleanField(help_text="The official days of this year are not announced yet")
    why = serializers.CharField()


class ReceiptPause(serializers.Serializer[None]):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField(allow_null=True, help_text="null while it lasts")
    reason = serializers.CharField(max_length=20)
    text = serializers.CharField()
    by = serializers.CharField()
    ended_by = serializers.CharField(help_text="Empty when its date had come")
    seconds = serializers.FloatField(allow_null=True, help_text="Own time that it took; null: it moved nothing (yet)")


class ReceiptExtension(serializers.Serializer[None]):
    at = serializers.DateTimeField()
    limit = serializers.CharField(help_text=LIMIT_HELP)
    ordinal = serializers.IntegerField()
    text = serializers.CharField()
    by = serializers.CharField()
    granted_by = serializers.CharField()


class ClockReceipt(serializers.Serializer[None]):
    clock = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=labels.choices(labels.CLOCK))
    charged = Place(allow_null=True, help_text="The unit that is judged by this clock")
    round = serializers.IntegerField()
    generation = serializers.IntegerField(help_text="Raised by each pause, resume, extension, calendar change")
    started_at = serializers.DateTimeField()
    limit = serializers.CharField(allow_null=True, help_text=LIMIT_HELP)
    rule = serializers.CharField(help_text="The cell of the policy that gave the limit")
    policy_version = serializers.IntegerField()
    calendar_version = serializers.IntegerField()
    grants = ReceiptGrant(many=True)
    segments = ReceiptSegment(many=True, help_text="The time that was counted; its sum is counted_seconds")
    counted_seconds = serializers.FloatField(help_text=_SECONDS)
    days = ReceiptDay(many=True, help_text="Days that do not count as their weekday says, or may still change")
    pauses = ReceiptPause(many=True)
    extensions = ReceiptExtension(many=True)
    rolled_from = serializers.DateTimeField(allow_null=True, help_text="The exact due time, where it fell on a day off")
    blue_at = serializers.DateTimeField(allow_null=True)
    yellow_at = serializers.DateTimeField(allow_null=True)
    red_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField()
    paused_at = serializers.DateTimeField(allow_null=True)
    stopped_at = serializers.DateTimeField(allow_null=True)
    on_time = serializers.BooleanField(allow_null=True, help_text="null while it runs")
    agrees = serializers.BooleanField(help_text="Whether the stored moments are those that were added up here")
    sentences = serializers.ListField(child=serializers.CharField(), help_text="The same in words")


EXAMPLE: Final = OpenApiExample(
    "Receipt",
    response_only=True,
    status_codes=["200"],
    value={
        "clock": 7,
        "kind": "handle",
        "charged": {"code": "water", "name": "水利局"},
        "round": 1,
        "generation": 1,
        "started_at": "2026-02-12T10:00:00+08:00",
        "limit": "3 wd",
        "rule": "types.appeal.handle",
        "policy_version": 1,
        "calendar_version": 1,
        "grants": [
            {
                "limit": "3 wd",
                "extension": False,
                "since": "2026-02-12T10:00:00+08:00",
                "until": "2026-02-24T17:30:00+08:00",
                "days": ["2026-02-13", "2026-02-14", "2026-02-24"],
            }
        ],
        "segments": [
            {"start": "2026-02-12T10:00:00+08:00", "end": "2026-02-12T12:00:00+08:00", "seconds": 7200.0},
            {"start": "2026-02-12T14:30:00+08:00", "end": "2026-02-12T17:30:00+08:00", "seconds": 10800.0},
        ],
        "counted_seconds": 93600.0,
        "days": [
            {
                "day": "2026-02-14",
                "kind": "make_up",
                "name": "春节调休",
                "counted": True,
                "provisional": False,
                "why": "make-up workday (春节调休)",
            }
        ],
        "pauses": [],
        "extensions": [],
        "rolled_from": None,
        "blue_at": "2026-02-13T16:30:00+08:00",
        "yellow_at": "2026-02-24T08:48:00+08:00",
        "red_at": "2026-02-24T17:30:00+08:00",
        "due_at": "2026-02-24T17:30:00+08:00",
        "paused_at": None,
        "stopped_at": None,
        "on_time": None,
        "agrees": True,
        "sentences": ["So it is due 24 Feb 17:30."],
    },
)


class ReceiptView(APIView):
    @extend_schema(
        operation_id="clock_receipt",
        summary="Why a clock is due when it is due",
        description=(
            "Adds the due time up from the calendar: limit, counted time, days left out with their reasons, pauses "
            "and extensions with who and why. For whoever sees the case."
        ),
        tags=["cases"],
        responses={200: ClockReceipt},
        examples=[EXAMPLE],
    )
    def get(self, request: Request, number: str, clock_id: int) -> Response:
        case = visible_to(actor_of(request)).filter(number=number).first()
        clock = clocks_of(case).filter(pk=clock_id).first() if case else None
        if clock is None:
            raise unknown()
        return Response(render(receipt_of(clock), now=timezone.now()), headers={"Cache-Control": "private, no-store"})


def render(receipt: Receipt, *, now: datetime) -> dict[str, Any]:
    clock, course, moments = receipt.clock, receipt.course, receipt.moments
    charged = clock.charged
    return {
        "clock": clock.pk,
        "kind": clock.kind,
        "charged": {"code": charged.code, "name": charged.short_name} if charged else None,
        "round": clock.round,
        "generation": clock.generation,
        "started_at": clock.started_at,
        "limit": clock.limit or None,
        "rule": clock.rule,
        "policy_version": clock.policy.number,
        "calendar_version": clock.calendar.number,
        "grants": [_grant(grant) for grant in (course.grants if course else ())],
        "segments": [
            {"start": part.start, "end": part.end, "seconds": part.counted.total_seconds()}
            for part in (course.segments if course else ())
        ],
        "counted_seconds": _seconds(course.counted if course else timedelta()),
        "days": [_day(note) for note in (course.days if course else ())],
        "pauses": [_pause(cause) for cause in receipt.causes if cause.kind == "pause"],
        "extensions": [_extension(cause) for cause in receipt.causes if cause.kind == "extension"],
        "rolled_from": course.rolled_from if course else None,
        "blue_at": moments.blue,
        "yellow_at": moments.yellow,
        "red_at": moments.red,
        "due_at": moments.due,
        "paused_at": clock.paused_at,
        "stopped_at": clock.stopped_at,
        "on_time": clock.on_time,
        "agrees": not any(differences(clock)),
        "sentences": sentences(receipt, now=now),
    }


def _grant(grant: Grant) -> Mapping[str, Any]:
    return {
        "limit": str(grant.limit),
        "extension": grant.extension,
        "since": grant.since,
        "until": grant.until,
        "days": grant.days,
    }


def _day(note: DayNote) -> Mapping[str, Any]:
    return {
        "day": note.day,
        "kind": note.kind.value,
        "name": note.name,
        "counted": note.counted,
        "provisional": note.provisional,
        "why": day_words(note),
    }


def _pause(cause: Cause) -> Mapping[str, Any]:
    return {
        "start": cause.start,
        "end": cause.end,
        "reason": cause.reason,
        "text": cause.text,
        "by": cause.by,
        "ended_by": cause.ended_by,
        "seconds": None if cause.lost is None else _seconds(cause.lost),
    }


def _extension(cause: Cause) -> Mapping[str, Any]:
    return {
        "at": cause.start,
        "limit": cause.limit,
        "ordinal": cause.ordinal,
        "text": cause.text,
        "by": cause.by,
        "granted_by": cause.ended_by,
    }


def _seconds(span: timedelta) -> float:
    return span.total_seconds()
