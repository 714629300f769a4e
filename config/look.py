"""How the officers' pages look: unfold's settings (desk.md, "Looks").

One neutral ground and one accent, a deep teal. Blue, yellow and red belong to the three colours alone, so unfold's own
uses of them are turned neutral in `cases/office.css`.
"""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _style(_request: HttpRequest) -> str:
    return static("cases/office.css")


def _script(_request: HttpRequest) -> str:
    return static("cases/office.js")


def _drafts(_request: HttpRequest) -> str:
    return static("cases/drafts.js")


def _icon(_request: HttpRequest) -> str:
    return static("cases/icon.svg")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Whistle and report in"),
    "SITE_HEADER": _("Whistle"),
    "SITE_ICON": _icon,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _icon}],
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "LANGUAGES": {"action": reverse_lazy("admin:language")},
    "BORDER_RADIUS": "4px",
    "DASHBOARD_CALLBACK": "cases.admin.desk.page.fill_desk",
    "STYLES": [_style],
    "SCRIPTS": [_script, _drafts],
    "ACCOUNT": {
        "navigation": [
            {"title": _("How I am told"), "link": reverse_lazy("admin:preferences")},
            {"title": _("Change password"), "link": reverse_lazy("admin:password_change")},
        ],
    },
    "SIDEBAR": {"navigation": "config.navigation.sidebar"},
    "COLORS": {
        "base": {
            "50": "#f8f9f8",
            "100": "#f1f3f2",
            "200": "#e3e6e5",
            "300": "#cfd4d2",
            "400": "#98a19e",
            "500": "#66706d",
            "600": "#4a5350",
            "700": "#39413f",
            "800": "#262d2b",
            "900": "#171d1c",
            "950": "#0e1312",
        },
        "primary": {
            "50": "#effaf8",
            "100": "#d6f1ed",
            "200": "#b0e2db",
            "300": "#7dccc3",
            "400": "#47b0a6",
            "500": "#2b958c",
            "600": "#147a72",
            "700": "#12625c",
            "800": "#134f4b",
            "900": "#13423f",
            "950": "#042725",
        },
    },
}
