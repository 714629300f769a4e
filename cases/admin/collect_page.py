"""采集: taking a matter in, by grid workers on their rounds and by officers at the hotline or the window."""

import uuid
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets

from cases import labels
from cases.actions.intake import Collected, Matter, PetitionerInput, collect
from cases.admin import wording
from cases.admin.choices import Choices, category_choices
from cases.admin.choosing import OfficersField, OneOf, SomeOf
from cases.admin.similar_panel import lines_for
from cases.admin.text_field import TextField
from cases.admin.uploads import ALL_KINDS, files_field, with_files
from cases.errors import CaseError, InvalidInput
from cases.models import Category
from cases.terms import CaseType, Disclosure, Source, Urgency
from cases.workflow import TABLE, Action
from grids.actors import Actor
from grids.admin.person import actor_of, now_of
from grids.models import Area, Department, User
from grids.roles import Role

TITLE_LENGTH, TEXT_LENGTH, LINE_LENGTH = 120, 4000, 200
COLLECTORS = TABLE[Action.COLLECT].roles
#: Kept for phones and imports; a person at a desk takes in from one of the others.
_SOURCES = {Role.GRID_WORKER: (Source.GRID,), Role.INTAKE_OFFICER: (Source.HOTLINE, Source.WINDOW, Source.ONLINE)}
_EMPTY = ("", gettext_lazy("Please choose"))
_NOBODY = ("", gettext_lazy("nobody: found on patrol"))


def may_collect(actor: Actor) -> bool:
    return bool(actor.roles & COLLECTORS)


class CollectForm(forms.Form):
    """A matter as a person tells it. Codes are what the API takes too."""

    client_id = forms.UUIDField(widget=forms.HiddenInput())
    source = forms.ChoiceField(label=gettext_lazy("Source"), widget=widgets.UnfoldAdminSelectWidget())
    type = forms.ChoiceField(label=gettext_lazy("Type"), widget=widgets.UnfoldAdminSelectWidget())
    urgency = forms.ChoiceField(
        label=gettext_lazy("Urgency"),
        choices=labels.choices(labels.URGENCY),
        initial=Urgency.NORMAL,
        widget=widgets.UnfoldAdminSelectWidget(),
    )
    title = TextField(label=gettext_lazy("Title"), max_length=TITLE_LENGTH, widget=widgets.UnfoldAdminTextInputWidget())
    description = TextField(
        label=gettext_lazy("Description"),
        max_length=TEXT_LENGTH,
        required=False,
        widget=widgets.UnfoldAdminTextareaWidget({"rows": 4}),
    )
    area = forms.ChoiceField(label=gettext_lazy("Area"), widget=OneOf())
    address = TextField(
        label=gettext_lazy("Address of the matter"),
        max_length=LINE_LENGTH,
        required=False,
        widget=widgets.UnfoldAdminTextInputWidget(),
    )
    category = forms.ChoiceField(
        label=gettext_lazy("Category"),
        required=False,
        widget=OneOf(),
    )
    disclosure = forms.ChoiceField(
        label=gettext_lazy("Petitioner"),
        required=False,
        choices=[_NOBODY, *labels.choices(labels.DISCLOSURE)],
        widget=widgets.UnfoldAdminSelectWidget(),
    )
    name = TextField(
        label=gettext_lazy("Name"),
        max_length=60,
        required=False,
        widget=widgets.UnfoldAdminTextInputWidget({"autocomplete": "off"}),
    )
    phone = TextField(
        label=gettext_lazy("Phone"),
        max_length=30,
        required=False,
        widget=widgets.UnfoldAdminTextInputWidget({"autocomplete": "off", "inputmode": "tel"}),
    )

    accused_units = forms.MultipleChoiceField(
        label=gettext_lazy("Accused units"),
        required=False,
        help_text=gettext_lazy("Of an accusation. It is sealed as soon as it is taken in."),
        widget=SomeOf(),
    )
    accused_persons = OfficersField(
        label=gettext_lazy("Accused persons"),
        required=False,
        help_text=gettext_lazy("By name. Who has no account here is named in the description."),
    )

    attachments = files_field(
        label=gettext_lazy("Photos and papers"),
        required=False,
        kinds=ALL_KINDS,
        help_text=gettext_lazy("Photos, PDF or MP4 of at most 10 MB each. Of an anonymous petitioner photos only."),
    )

    def __init__(self, actor: Actor, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"client_id": uuid.uuid4(), "area": own_area(actor)})
        self._set_choices("source", [(s.value, labels.SOURCE[s]) for s in sources_of(actor)])
        self._set_choices("type", [_EMPTY, *labels.choices(labels.TYPE)])
        units = Department.objects.filter(is_active=True).order_by("kind", "code")
        self._set_choices("accused_units", list(units.values_list("code", "name")))
        self._set_choices("area", [_EMPTY, *area_choices(actor)])
        self._set_choices("category", [_EMPTY, *category_choices()])

    def _set_choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        field.choices = choices  # type: ignore[attr-defined]

    def clean_accused_persons(self) -> list[User]:
        wanted = set(self.cleaned_data["accused_persons"])
        found = list(User.objects.filter(username__in=wanted))
        if unknown := sorted(wanted - {user.username for user in found}):
            raise forms.ValidationError(_("There is no such person: %(name)s") % {"name": unknown[0]})
        return found

    def _check_accused(self, data: dict[str, Any]) -> None:
        accused = data.get("accused_units") or data.get("accused_persons")
        if accused and data.get("type") != CaseType.ACCUSATION:
            self.add_error("type", _("Only an accusation names accused units and persons."))

    def clean(self) -> dict[str, Any]:
        """A named petitioner needs a way to be reached; nothing of an anonymous one may even be typed."""
        data: dict[str, Any] = super().clean() or {}
        self._check_accused(data)
        known = bool(data.get("name") or data.get("phone"))
        disclosure = data.get("disclosure", "")
        if disclosure in {Disclosure.NAMED, Disclosure.CONFIDENTIAL} and not known:
            self.add_error("name", _("Give a name or a phone number, or choose anonymous."))
        if disclosure in {"", Disclosure.ANONYMOUS} and known:
            self.add_error("disclosure", _("A name or phone was given: choose named or confidential, or clear them."))
        return data

    def matter(self) -> Matter:
        data = self.cleaned_data
        return Matter(
            type=CaseType(data["type"]),
            title=data["title"],
            description=data["description"],
            area=Area.objects.get(code=data["area"]),
            category=Category.objects.filter(code=data["category"]).first() if data["category"] else None,
            source=Source(data["source"]),
            urgency=Urgency(data["urgency"]),
            address=data["address"],
            petitioner=self._petitioner(),
            accused_units=tuple(Department.objects.filter(code__in=data["accused_units"])),
            accused_persons=tuple(data["accused_persons"]),
            attachments=tuple(data["attachments"]),
        )

    def _petitioner(self) -> PetitionerInput | None:
        data = self.cleaned_data
        if not data["disclosure"]:
            return None
        return PetitionerInput(Disclosure(data["disclosure"]), name=data["name"], phone=data["phone"])


def sources_of(actor: Actor) -> list[Source]:
    return [source for role, sources in _SOURCES.items() if role in actor.roles for source in sources]


def own_area(actor: Actor) -> str:
    """Who walks one village or grid need not look for it in a list."""
    codes = {post.area_code for post in actor.posts if post.role == Role.GRID_WORKER and post.area_code}
    return codes.pop() if len(codes) == 1 else ""


def area_choices(actor: Actor) -> Choices:
    """The areas in which this person may collect, under their township, innermost ones included."""
    inside = Q(pk__in=[])
    for post in actor.posts:
        if post.role in COLLECTORS and post.area_code:
            inside |= Q(code__startswith=post.area_code)
    rows = Area.objects.filter(inside, is_active=True).order_by("code").values_list("code", "name")
    names = dict(rows)
    groups: dict[str, list[tuple[str, Any]]] = {}
    for code, name in names.items():
        groups.setdefault(names.get(code[:9], ""), []).append((code, _path(code, name, names)))
    return [choice for group, areas in groups.items() for choice in ([(group, areas)] if group else areas)]


def _path(code: str, name: str, names: dict[str, str]) -> str:
    """A grid is told apart by its village: every village has a first grid."""
    village = names.get(code[:12], "") if len(code) > 12 else ""
    return name if not village or name.startswith(village) else f"{village} {name}"


def collect_view(request: HttpRequest, model_admin: Any) -> HttpResponse:
    actor = actor_of(request)
    if not may_collect(actor):
        return TemplateResponse(request, "403.html", status=403)
    sent = with_files(request, field="attachments", key=request.POST.get("client_id", ""))
    form = CollectForm(actor, sent.data if request.method == "POST" else None)
    if sent.error:
        own = sent.error.errors if isinstance(sent.error, InvalidInput) else {}
        form.add_error("attachments", [str(words) for words in own.get("attachments", [sent.error])])
    if request.method != "POST" or not form.is_valid():
        return _render(request, model_admin, form, status=400 if form.is_bound else 200)
    try:
        collected = _collect(request, form)
    except InvalidInput as error:
        for name, sentences in error.errors.items():
            form.add_error(name if name in form.fields else None, [str(s) for s in sentences])
        return _render(request, model_admin, form, status=400)
    except CaseError as error:
        form.add_error(None, str(error))
        return _render(request, model_admin, form, status=409)
    return _answer(request, model_admin, collected)


def _answer(request: HttpRequest, model_admin: Any, collected: Collected) -> HttpResponse:
    """Number and code, the only time; and what may be the same matter, where the collector still sees the case."""
    case, now = collected.case, now_of(request)
    due = wording.due(case.due_at, now=now, calendar=wording.live_calendar()) if case.due_at else None
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Taken in"),
        "draft": _draft(request),
        "collected": collected,
        "due": due if not case.sealed else None,
        "similar": lines_for(request, case) if not case.sealed else [],
        "now": now,
    }
    return TemplateResponse(request, "cases/collected.html", context)


def _collect(request: HttpRequest, form: CollectForm) -> Collected:
    """Sent again (a second click, a reload), it answers the same case and code."""
    data = form.cleaned_data
    body = {name: value for name, value in data.items() if name != "client_id"}
    body["accused_persons"] = sorted(user.username for user in data["accused_persons"])
    return collect(
        matter=form.matter(),
        client_id=data["client_id"],
        actor=actor_of(request),
        now=now_of(request),
        request={"door": "web", **body},
    )


def _render(request: HttpRequest, model_admin: Any, form: CollectForm, *, status: int) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Take in a matter"),
        "draft": _draft(request),
        "form": form,
        "media": model_admin.media + form.media,
    }
    return TemplateResponse(request, "cases/collect.html", context, status=status)


def _draft(request: HttpRequest) -> str:
    """Under which name the browser keeps what this officer is typing."""
    return f"w-draft {request.user.pk} collect"
