"""What stands in the sidebar for whom: only what that person's posts open."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.bringing import CASE_IMPORTERS
from config.engine_page import ENGINE_READERS
from grids.admin.person import actor_of, roles_of
from grids.roles import CASELESS_ROLES, Role
from notifications.inbox import unread_count

_COLLECTORS = frozenset({Role.GRID_WORKER, Role.INTAKE_OFFICER})
_CONVENERS = frozenset({Role.CENTER_DISPATCHER, Role.INSPECTOR})
_BOARD_READERS = _CONVENERS | {Role.TOWNSHIP_LEADER, Role.DEPARTMENT_HEAD, Role.DEPARTMENT_DEPUTY}


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    roles = roles_of(request)
    groups: list[dict[str, Any]] = [
        {"items": _everyday(request, roles)},
        {"title": _("Supervision"), "separator": True, "items": _supervision(roles)},
        {"title": _("Engine"), "separator": True, "items": _engine(roles)},
        {"title": _("Settings"), "separator": True, "items": _settings(roles)},
        {"title": _("Telling people"), "separator": True, "items": _telling(roles)},
        {"title": _("Security"), "separator": True, "items": _security(roles)},
        {"title": _("Audit"), "separator": True, "items": _audit(roles)},
    ]
    return [group for group in groups if group["items"]]


def _everyday(request: HttpRequest, roles: frozenset[Role]) -> list[dict[str, Any]]:
    unread = unread_count(actor_of(request).user_id or 0)
    items = [_item(_("Desk"), "index", "space_dashboard")]
    taking_in = _item(_("Take in a matter"), "cases_case_add", "add_circle")
    if roles - CASELESS_ROLES:
        cases = _item(_("Cases"), "cases_case_changelist", "list_alt")
        here = request.path.startswith(cases["link"]) and request.path != taking_in["link"]
        items.append(cases | {"active": here})
    if roles & _COLLECTORS:
        items.append(taking_in)
    if roles & CASE_IMPORTERS:
        items.append(_item(_("Import cases"), "bring_cases", "upload_file"))
    inbox = _item(_("Inbox"), "notifications_message_changelist", "inbox")
    if unread:
        inbox |= {"badge": str(unread), "badge_variant": "primary"}
    return [*items, inbox]


def _supervision(roles: frozenset[Role]) -> list[dict[str, Any]]:
    items = []
    if roles & _BOARD_READERS:
        items.append(_item(_("Supervision board"), "board", "view_kanban"))
    if roles & _CONVENERS:
        items.append(_item(_("Dispatch meetings"), "meetings", "groups"))
    if Role.PETITION_OFFICER in roles:
        items.append(_item(_("Looks at petitioners"), "looks", "visibility"))
    return items


def _engine(roles: frozenset[Role]) -> list[dict[str, Any]]:
    if not roles & ENGINE_READERS:
        return []
    return [
        _item(_("State of the engine"), "engine", "monitor_heart"),
        _item(_("Reconciliations"), "cases_reconciliation_changelist", "fact_check"),
    ]


def _settings(roles: frozenset[Role]) -> list[dict[str, Any]]:
    if Role.SYSTEM_ADMIN not in roles:
        return []
    return [
        _item(_("Areas"), "grids_area_changelist", "map"),
        _item(_("Departments"), "grids_department_changelist", "domain"),
        _item(_("Users"), "grids_user_changelist", "person"),
        _item(_("Posts"), "grids_post_changelist", "badge"),
        _item(_("Import users and posts"), "bring_posts", "upload_file"),
        _item(_("Categories"), "cases_category_changelist", "category"),
        _item(_("Reasons"), "cases_reason_changelist", "rule"),
        _item(_("Stock phrases"), "cases_phrase_changelist", "format_quote"),
        _item(_("Edit limits"), "policy", "timer"),
        _item(_("Policy versions"), "cases_policyversion_changelist", "history"),
        _item(_("Edit the calendar"), "calendar", "calendar_month"),
        _item(_("Calendar versions"), "cases_calendarversion_changelist", "history"),
        _item(_("Clocks set aside"), "cases_clock_changelist", "report"),
    ]


def _telling(roles: frozenset[Role]) -> list[dict[str, Any]]:
    if Role.SYSTEM_ADMIN not in roles:
        return []
    return [
        _item(_("Who is told of what"), "demands", "campaign"),
        _item(_("Wordings"), "wordings", "edit_note"),
        _item(_("Channels"), "notifications_channelterms_changelist", "hub"),
        _item(_("Hours of delivery"), "notifications_officehours_changelist", "bedtime"),
        _item(_("Deliveries"), "notifications_delivery_changelist", "outgoing_mail"),
    ]


def _security(roles: frozenset[Role]) -> list[dict[str, Any]]:
    if Role.SECURITY_ADMIN not in roles:
        return []
    users = [] if Role.SYSTEM_ADMIN in roles else [_item(_("Users"), "grids_user_changelist", "person")]
    return [
        *users,
        _item(_("Lock-outs"), "axes_accessattempt_changelist", "lock"),
        _item(_("Failed logins"), "axes_accessfailurelog_changelist", "lock_open"),
        _item(_("Logins"), "axes_accesslog_changelist", "login"),
        _item(_("Tokens"), "knox_authtoken_changelist", "key"),
    ]


def _audit(roles: frozenset[Role]) -> list[dict[str, Any]]:
    if Role.AUDITOR not in roles:
        return []
    return [
        _item(_("Logins, looks, exports"), "audit", "policy"),
        _item(_("Journal events"), "cases_journalevent_changelist", "history"),
        _item(_("Journal maintenance"), "cases_journalmaintenance_changelist", "build"),
        _item(_("Exports"), "cases_exportnote_changelist", "download"),
    ]


def _item(title: str, page: str, icon: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse(f"admin:{page}")}
