"""What citizens do without a login: bring a matter in, follow it, rate it, take it back (api.md, "Public").

Number and code are sent in the body, never in an address. A number without its code is answered like one that was
never given, whoever asks and however often: by the same statement, the same words and the same status.
"""

from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import citizens, codes, labels
from cases.actions.citizens import bring_in, rate_by_link, take_back
from cases.api import public_examples as examples
from cases.api.inputs import validated
from cases.api.public_shapes import (
    NewPublicCase,
    NewVerdict,
    ProgressShape,
    ReceiptShape,
    Slip,
    VerdictShape,
    Withdrawal,
    read_public_matter,
)
from cases.citizens import Progress, Rater, Verdict
from cases.errors import NotVisible
from cases.models import Case
from cases.workflow import PHASES
from grids.api.throttles import AddressThrottle

_NO_STORE: Final = {"Cache-Control": "no-store"}


class PublicView(APIView):
    """A token that comes along is not looked at: nobody is told more for having one."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (AddressThrottle,)


class PublicCasesView(PublicView):
    throttle_scope = "public_cases"

    @extend_schema(
        operation_id="public_collect",
        summary="Bring a matter in",
        description=(
            "Answers number and query code, whatever the type. The same client_id and body again: 200 with the same "
            "number and code; another body: 409. Files are not taken here."
        ),
        tags=["public"],
        request=NewPublicCase,
        responses={201: ReceiptShape, 200: ReceiptShape},
        examples=[examples.NEW, examples.RECEIPT],
    )
    def post(self, request: Request) -> Response:
        client_id, matter = read_public_matter(request.data)
        collected = bring_in(matter=matter, client_id=client_id, now=timezone.now(), request=dict(request.data))
        case = collected.case
        receipt = {"number": case.number, "query_code": collected.query_code, "received_at": case.received_at}
        return Response(receipt, status=201 if collected.created else 200, headers=_NO_STORE)


class PublicLookupView(PublicView):
    throttle_scope = "public_lookup"

    @extend_schema(
        operation_id="public_lookup",
        summary="What became of my matter",
        description=(
            "Status, times and answers. `rating` holds the token with which the matter can be rated. A wrong code, a "
            "wrong number and a number that was never given are answered alike: 404."
        ),
        tags=["public"],
        request=Slip,
        responses={200: ProgressShape},
        examples=[examples.SLIP, examples.PROGRESS],
    )
    def post(self, request: Request) -> Response:
        return _progress(_found(validated(Slip, request.data)))


class PublicWithdrawView(PublicView):
    throttle_scope = "public_withdraw"

    @extend_schema(
        operation_id="public_withdraw",
        summary="Take my matter back (撤回)",
        description="Before it is answered; afterwards 409. Sent again, it changes nothing.",
        tags=["public"],
        request=Withdrawal,
        responses={200: ProgressShape},
        examples=[examples.WITHDRAWAL],
    )
    def post(self, request: Request) -> Response:
        told = validated(Withdrawal, request.data)
        take_back(case=_found(told), now=timezone.now(), reason=told["reason"])
        return _progress(_found(told))


class PublicRatingView(PublicView):
    throttle_scope = "public_rating"

    @extend_schema(
        operation_id="public_rating",
        summary="Am I asked, and what did I say",
        description="Changes nothing, so that whatever opens links in messages may open this one.",
        tags=["public"],
        responses={200: VerdictShape},
        examples=[examples.VERDICT],
    )
    def get(self, request: Request, token: str) -> Response:
        rater, link = _asked(token)
        return _verdict(rater, link)

    @extend_schema(
        operation_id="public_rate",
        summary="Rate (评价)",
        description=(
            "Once for each round, until the period is over. It replaces what was written down in a call-back. The same "
            "verdict again changes nothing; another one: 409."
        ),
        tags=["public"],
        request=NewVerdict,
        responses={200: VerdictShape},
        examples=[examples.NEW_VERDICT, examples.VERDICT],
    )
    def post(self, request: Request, token: str) -> Response:
        rater, link = _asked(token)
        told = validated(NewVerdict, request.data)
        rate_by_link(
            link=link, now=timezone.now(), grade=str(told["grade"]), solved=told["solved"], record=told["record"]
        )
        rater.asked.refresh_from_db(fields=["status", "round"])
        return _verdict(rater, link)


def _found(slip: dict[str, Any]) -> Case:
    case = citizens.find(number=slip["number"], code=slip["code"])
    if case is None:
        raise NotVisible(_("There is no matter with this number and this code."))
    return case


def _asked(token: str) -> tuple[Rater, codes.RatingLink]:
    link = codes.read_rating_token(token)
    rater = citizens.rater_by(link) if link else None
    if link is None or rater is None:
        raise NotVisible(_("This link leads nowhere, or no longer."))
    return rater, link


def _verdict(rater: Rater, link: codes.RatingLink) -> Response:
    found = citizens.verdict(rater, now=timezone.now(), nth=link.round)
    if found is None:
        raise NotVisible(_("This link leads nowhere, or no longer."))
    return Response(_shown(found), headers=_NO_STORE)


def _progress(case: Case) -> Response:
    return Response(_rendered(citizens.progress(case, now=timezone.now())), headers=_NO_STORE)


def _rendered(told: Progress) -> dict[str, Any]:
    phase = PHASES[told.status]
    return {
        "number": told.number,
        "status": told.status.value,
        "status_name": labels.STATUS[told.status],
        "phase": phase.value if phase else None,
        "received_at": told.received_at,
        "answered_at": told.answered_at,
        "closed_at": told.closed_at,
        "answers": [{"text": answer.text, "reason": answer.reason, "at": answer.at} for answer in told.answers],
        "rating": _shown(told.verdict) if told.verdict else None,
    }


def _shown(verdict: Verdict) -> dict[str, Any]:
    return {name: getattr(verdict, name) for name in ("number", "round", "until", "token", "grade", "solved")}
