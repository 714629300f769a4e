"""Addresses of this room under /api/v1/."""

from django.urls import path, register_converter

from cases.api.actions import action_view
from cases.api.attachments import AttachmentsView, AttachmentView
from cases.api.me import MeView
from cases.api.preview import LimitsAheadView, PreviewView
from cases.api.privacy import LooksView, UnsealView
from cases.api.public import PublicCasesView, PublicLookupView, PublicRatingView, PublicWithdrawView
from cases.api.receipts import ReceiptView
from cases.api.reference import CategoriesView, PolicyView, ReasonsView
from cases.api.similar import SimilarView
from cases.api.stats import AlertStatsView, AreaStatsView, DepartmentStatsView, OverviewView
from cases.api.sync import SyncView
from cases.api.views import CasesView, CaseView, EventsView, TodoView
from cases.workflow import ALL_CASE_ACTIONS


class CaseNumber:
    """`350924-2026-0000001`; anything else is no address of a case."""

    regex = r"[0-9]{6}-[0-9]{4}-[0-9]{7,12}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CaseNumber, "case_number")

urlpatterns = [
    path("me/", MeView.as_view()),
    path("categories/", CategoriesView.as_view()),
    path("reasons/", ReasonsView.as_view()),
    path("policy/", PolicyView.as_view()),
    path("attachments/", AttachmentsView.as_view()),
    path("attachments/<uuid:attachment_id>/", AttachmentView.as_view()),
    path("todo/", TodoView.as_view()),
    path("sync/", SyncView.as_view()),
    path("cases/", CasesView.as_view()),
    path("cases/preview/", LimitsAheadView.as_view()),
    path("cases/<case_number:number>/", CaseView.as_view()),
    path("cases/<case_number:number>/events/", EventsView.as_view()),
    path("cases/<case_number:number>/preview/", PreviewView.as_view()),
    path("cases/<case_number:number>/similar/", SimilarView.as_view()),
    path("cases/<case_number:number>/petitioners/<int:petitioner>/unseal/", UnsealView.as_view()),
    path("looks/", LooksView.as_view()),
    path("cases/<case_number:number>/clocks/<int:clock_id>/receipt/", ReceiptView.as_view()),
    path("stats/overview/", OverviewView.as_view()),
    path("stats/departments/", DepartmentStatsView.as_view()),
    path("stats/areas/", AreaStatsView.as_view()),
    path("stats/alerts/", AlertStatsView.as_view()),
    path("public/cases/", PublicCasesView.as_view()),
    path("public/lookup/", PublicLookupView.as_view()),
    path("public/ratings/<str:token>/", PublicRatingView.as_view()),
    path("public/withdraw/", PublicWithdrawView.as_view()),
    *[path(f"cases/<case_number:number>/actions/{action}/", action_view(action)) for action in ALL_CASE_ACTIONS],
]
