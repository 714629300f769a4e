"""The addresses of pages that belong to no one table: desk, supervision, meetings, looks, limits, calendar,
files that are made and read."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from cases.admin import (
    audit_page,
    behind_page,
    board,
    bring_page,
    calendar_page,
    choosing,
    demands_page,
    errand_page,
    exports_page,
    looks_page,
    meetings,
    policy_page,
    preferences_page,
    receipt_page,
    wordings_page,
)
from cases.admin.desk import page as desk


def addresses(wrap: Callable[..., Any]) -> list[URLPattern]:
    """For the officers' site; `wrap` lets nobody in who is not logged in."""
    return [
        path("desk/seen/", wrap(desk.seen), name="desk_seen"),
        path("behind/<str:kind>/", wrap(behind_page.behind), name="behind"),
        path("supervision/", wrap(board.board), name="board"),
        path("supervision/orders/<int:order_id>/<str:action>/", wrap(board.act), name="order_act"),
        path("supervision/interviews/<int:proposal_id>/", wrap(board.decide), name="interview_decide"),
        path("meetings/", wrap(meetings.meetings), name="meetings"),
        path("meetings/draw-up/", wrap(meetings.draw_up_now), name="meeting_draw_up"),
        path("meetings/<int:meeting_id>/", wrap(meetings.meeting), name="meeting"),
        path("meetings/<int:meeting_id>/print/", wrap(meetings.print_meeting), name="meeting_print"),
        path("meetings/<int:meeting_id>/export/", wrap(meetings.export_meeting), name="meeting_export"),
        path("meetings/<int:meeting_id>/items/<int:item_id>/", wrap(meetings.decide), name="meeting_decide"),
        path("preferences/", wrap(preferences_page.preferences), name="preferences"),
        path("wordings/", wrap(wordings_page.wordings), name="wordings"),
        path("wordings/<str:kind>/<int:colour>/", wrap(wordings_page.wording), name="wording"),
        path("demands/", wrap(demands_page.demands), name="demands"),
        path("officers/", wrap(choosing.officers), name="officers"),
        *_exports(wrap),
        path("errands/<int:errand_id>/", wrap(errand_page.errand), name="errand"),
        path("errands/<int:errand_id>/file/", wrap(errand_page.fetch), name="errand_file"),
        path("errands/<int:errand_id>/again/", wrap(errand_page.again), name="errand_again"),
        path("errands/<int:errand_id>/take-back/", wrap(errand_page.take_back), name="errand_take_back"),
        path("errands/<int:errand_id>/carry/", wrap(bring_page.carry), name="bring_carry"),
        path("errands/<int:errand_id>/columns/", wrap(bring_page.columns), name="bring_columns"),
        path("errands/<int:errand_id>/columns/anew/", wrap(bring_page.columns_anew), name="bring_columns_anew"),
        path("imports/cases/", wrap(bring_page.bring_cases), name="bring_cases"),
        path("imports/posts/", wrap(bring_page.bring_posts), name="bring_posts"),
        path("audit/", wrap(audit_page.audit), name="audit"),
        path("looks/", wrap(looks_page.looks), name="looks"),
        path("looks/<int:petitioner_id>/", wrap(looks_page.told), name="looks_told"),
        path("limits/", wrap(policy_page.policy), name="policy"),
        path("calendar/", wrap(calendar_page.calendar), name="calendar"),
        path("cases/<str:number>/clocks/<int:clock_id>/receipt/", wrap(receipt_page.receipt), name="clock_receipt"),
    ]


def _exports(wrap: Callable[..., Any]) -> list[URLPattern]:
    """Lists as files: cases, those of pages, and last those of tables, whose address would take in the others."""
    return [
        path("exports/", wrap(exports_page.exports), name="exports"),
        path("exports/audit/<str:kind>/", wrap(exports_page.audit_export), name="audit_export"),
        path("exports/looks/", wrap(exports_page.looks_export), name="looks_export"),
        path("exports/orders/<str:column>/", wrap(exports_page.orders_export), name="orders_export"),
        path("exports/behind/<str:kind>/", wrap(exports_page.behind_export), name="behind_export"),
        path("exports/<str:app>/<str:table>/", wrap(exports_page.list_export), name="list_export"),
    ]
