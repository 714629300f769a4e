"""Cases: take one in, list, look at one, read its journal. Who sees what is decided in `cases.access` alone."""

from django.utils import timezone
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.access import visible_to
from cases.actions.intake import collect
from cases.api import examples, shapes
from cases.api.answers import actor_of, asked_of, case_answer, case_page, next_page, seen_case, taken_in, unknown
from cases.api.filters import filtered, keys_for
from cases.api.history import event
from cases.api.inputs import ListFilters, NewCase, PageFilters, TodoFilters, read_matter
from cases.api.keyset import OF_CASES, OF_STANDINGS, Cursor
from cases.selectors import events_of, texts_of, todo, todo_is_open
from grids.actors import actor_for
from grids.api.people import signed_in

_TAKEN_IN = PolymorphicProxySerializer(
    component_name="TakenIn",
    serializers=[shapes.CollectedCase, shapes.SealedReceipt],
    resource_type_field_name=None,
)


class CasesView(APIView):
    @extend_schema(
        operation_id="cases",
        summary="Cases that I see",
        description=(
            "Without filters: the open ones, nearest due time first. Cases without a due time come last. `next` and "
            "`previous` go on and back; `cursor=last` is the last page, as quick as the first one."
        ),
        tags=["cases"],
        parameters=[ListFilters],
        responses={200: shapes.CasePage},
        examples=[examples.CASE_PAGE],
    )
    def get(self, request: Request) -> Response:
        asked = asked_of(ListFilters, request)
        actor = actor_of(request)
        cases = filtered(visible_to(actor), asked, actor=actor)
        return case_page(request, cases, asked, ordering=asked["ordering"], keys=keys_for(asked))

    @extend_schema(
        operation_id="case_collect",
        summary="Take a matter in (采集)",
        description=(
            "Gives number and query code. The same client_id and body again: 200 with the same case and code; "
            "the same client_id with another body: 409. An accusation is sealed at once: number and code are all "
            "that is answered, unless you keep it yourself."
        ),
        tags=["cases"],
        request=NewCase,
        responses={201: _TAKEN_IN, 200: _TAKEN_IN},
        examples=[examples.NEW_CASE, examples.COLLECTED],
    )
    def post(self, request: Request) -> Response:
        now = timezone.now()
        actor = actor_for(signed_in(request), now=now)
        client_id, matter = read_matter(request.data, actor=actor)
        collected = collect(matter=matter, client_id=client_id, actor=actor, now=now, request=dict(request.data))
        status = 201 if collected.created else 200
        seen = taken_in(actor, collected)
        if seen is None:
            receipt = {"number": collected.case.number, "query_code": collected.query_code, "sealed": True}
            return Response(receipt, status=status)
        headers = {"Location": f"{request.path}{collected.case.number}/"}
        return case_answer(seen, status=status, headers=headers, query_code=collected.query_code)


class CaseView(APIView):
    @extend_schema(
        operation_id="case",
        summary="One case",
        description="With clocks, parts, alerts, rating and what you may do now. The ETag is its version.",
        tags=["cases"],
        responses={200: shapes.CaseDetail},
        examples=[examples.CASE],
    )
    def get(self, request: Request, number: str) -> Response:
        return case_answer(seen_case(actor_of(request), number))


class EventsView(APIView):
    @extend_schema(
        operation_id="case_events",
        summary="The journal of a case, newest first",
        description="Append-only and chained: each hash covers its event and the hash before it.",
        tags=["cases"],
        parameters=[PageFilters],
        responses={200: shapes.EventPage},
    )
    def get(self, request: Request, number: str) -> Response:
        asked = asked_of(PageFilters, request)
        case = visible_to(actor_of(request)).filter(number=number).only("id").first()
        if case is None:
            raise unknown()
        events, size = events_of(case), asked["page_size"]
        if "cursor" in asked:
            events = events.filter(seq__lt=Cursor.read(asked["cursor"], ordering="events").id)
        found = list(events[: size + 1])
        following = Cursor("events", 0, None, found[size - 1].seq) if len(found) > size else None
        texts = texts_of(case, [item.seq for item in found[:size]])
        results = [event(item, texts) for item in found[:size]]
        return Response({"next": next_page(request, following), "results": results})


class TodoView(APIView):
    @extend_schema(
        operation_id="todo",
        summary="What waits for me",
        description="Open cases in which one of my posts has the next move: worst colour first, then nearest due.",
        tags=["cases"],
        parameters=[TodoFilters],
        responses={200: shapes.CasePage},
    )
    def get(self, request: Request) -> Response:
        actor = actor_of(request)
        keys = OF_STANDINGS if todo_is_open(actor) else OF_CASES
        return case_page(request, todo(actor), asked_of(TodoFilters, request), ordering="-colour", keys=keys)
