"""Lists with a search field, in the reader's language; of people only those are loaded whom somebody looks for."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import get_language
from unfold import widgets

from cases.admin.pages import open_to
from cases.workflow import TABLE, Action
from grids.models import Post, User

#: Whoever takes in or dockets an accusation names the accused.
NAMERS = TABLE[Action.COLLECT].roles | TABLE[Action.DOCKET].roles | TABLE[Action.DOCKET].sealed_roles
FOUND = 20
_LONGEST_TERM = 60


class _InChinese:
    """select2 speaks English unless its words are loaded and named."""

    class Media:
        js = (
            "admin/js/vendor/select2/select2.full.js",
            "admin/js/vendor/select2/i18n/zh-CN.js",
            "admin/js/jquery.init.js",
        )

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        attrs: dict[str, Any] = super().build_attrs(base_attrs, extra_attrs)  # type: ignore[misc]
        chinese = (get_language() or "").startswith("zh")
        return {"style": "width: 100%", **attrs, **({"data-language": "zh-CN"} if chinese else {})}


class OneOf(_InChinese, widgets.UnfoldAdminSelect2Widget):
    """One choice."""


class SomeOf(_InChinese, widgets.UnfoldAdminSelect2MultipleWidget):
    """Any number of choices."""


class Officers(SomeOf):
    """Accounts, found by name; only those already chosen are in the page."""

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        attrs = super().build_attrs(base_attrs, extra_attrs)
        return {**attrs, "data-ajax--url": reverse("admin:officers"), "data-minimum-input-length": "1"}

    def optgroups(self, name: str, value: list[Any], attrs: Any = None) -> Any:
        self.choices = officer_choices(User.objects.filter(username__in=[*map(str, value)]))
        return super().optgroups(name, value, attrs)


class OfficersField(forms.Field):
    """User names of accounts. What there is no account for is refused by whoever takes them."""

    widget = Officers

    def to_python(self, value: Any) -> list[str]:
        return [str(name) for name in value or []]


@open_to(NAMERS)
def officers(request: HttpRequest) -> HttpResponse:
    """What select2 asks for while somebody types: name or user name."""
    term = request.GET.get("term", "").replace("\x00", "").strip()[:_LONGEST_TERM]
    found = User.objects.filter(Q(full_name__contains=term) | Q(username__istartswith=term), is_active=True)
    rows = officer_choices(found.order_by("username")[:FOUND]) if term else []
    return JsonResponse({"results": [{"id": username, "text": words} for username, words in rows]})


def officer_choices(users: Iterable[User]) -> list[tuple[str, str]]:
    """`林世柏 · 水利局 主要领导`: two people of one name are told apart by where they are. Two queries."""
    rows = list(users)
    posts: dict[int, str] = {}
    for post in Post.objects.filter(user__in=rows).select_related("department", "area").order_by("-valid_from", "-pk"):
        place = post.department.short_name if post.department else post.area.name if post.area else ""
        posts[post.user_id] = f"{place} {post.get_role_display()}"
    return [
        (user.username, " · ".join(filter(None, [user.full_name or user.username, posts.get(user.pk)])))
        for user in rows
    ]
