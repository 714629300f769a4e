"""The case, the aggregate that is locked, journaled and scored; its texts and its petitioners."""

from typing import Self

from django.contrib.postgres.indexes import BrinIndex, GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Reverse
from django.utils.translation import gettext_lazy as _

from cases import labels
from cases.colours import Colour
from cases.models.fields import EncryptedTextField
from cases.models.policy import PolicyVersion
from cases.terms import ENDED, KEEPERS, Disclosure, Status, Urgency
from grids.labels import ROLE_CHOICES
from grids.models import Area, Department, User

__all__ = ["Case", "CaseText", "Category", "MatterText", "Petitioner", "matter_text"]


class Category(models.Model):
    """A topic of two levels; it names the department that usually takes the lead."""

    code = models.CharField(_("code"), max_length=40, db_index=False)
    name = models.CharField(_("name"), max_length=60)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    lead_department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("usual lead department"),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["code"], name="category_code_once")]

    def __str__(self) -> str:
        return self.name


#: The order of open cases in which the worst comes first; `standing__case_id` and not the case's own order.
WORST_FIRST = ("-standing__colour", "standing__due_at", "standing__case_id")
#: The same of the few cases among which some have ended: those have no standing (ADR 0017). No index serves it.
ANY_WORST_FIRST = ("-colour", "due_at", "id")


class CaseQuerySet(models.QuerySet["Case"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def unsealed(self) -> Self:
        """What statistics, exports and everybody else's figures are made of (domain.md, "Scores")."""
        return self.filter(sealed=False)

    def worst_first(self) -> Self:
        """By colour, then nearest due time (index `standing_worst`). Cases that have ended are left out."""
        return self.filter(standing__isnull=False).order_by(*WORST_FIRST)

    def locked(self) -> Self:
        """Held against other actions and the sweep, not against rows that refer to the case."""
        return self.select_for_update(no_key=True, of=("self",))


class MatterText(models.Func):
    """Title and description as one text: the expression of an index, so it is written in one way only."""

    arg_joiner = " || ' ' || "
    template = "(%(expressions)s)"
    output_field = models.TextField()


def matter_text() -> MatterText:
    return MatterText(F("title"), F("description"))


class Bigrams(models.Func):
    """Every pair of characters that stand beside each other, and the last character alone (migration `search`)."""

    function = "cases_bigrams"
    output_field = SearchVectorField()


def bigrams() -> Bigrams:
    """Of the text of the matter: the expression of an index."""
    return Bigrams(matter_text())


class Case(models.Model):
    """One matter from collection to archive.

    `disclosure` is empty when nobody raised it (a patrol matter): nobody is asked for a rating then.
    `colour` and `due_at` repeat the worst colour and the nearest due time of the running clocks, for lists; lists that
    begin with the worst colour read them from `Standing`.
    `sealed`: an accusation, which nobody but the role in `keeper` sees (docs/privacy.md); `parties` are officers who
    take part in the matter and therefore may not act on it.
    `event_seq` and `event_hash` are the head of the case's journal. `version` counts actions, not alerts.
    """

    number = models.CharField(_("number"), max_length=24, db_index=False)
    query_code_hash = models.CharField(max_length=64, db_index=False)
    client_id = models.UUIDField()
    request_digest = models.CharField(max_length=64)
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("collected by"), db_index=False
    )

    type = models.CharField(_("type"), max_length=24, choices=labels.choices(labels.TYPE))
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("category")
    )
    urgency = models.CharField(
        _("urgency"), max_length=12, choices=labels.choices(labels.URGENCY), default=Urgency.NORMAL
    )
    source = models.CharField(_("source"), max_length=12, choices=labels.choices(labels.SOURCE))
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    text_salt = models.CharField(max_length=32)
    disclosure = models.CharField(
        _("disclosure"), max_length=12, choices=labels.choices(labels.DISCLOSURE), blank=True, default=""
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"), db_index=False)
    area_code = models.CharField(max_length=16, db_index=False)
    address = EncryptedTextField(_("address"), blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=8, decimal_places=5, null=True, blank=True)

    sealed = models.BooleanField(_("sealed"), default=False)
    keeper = models.CharField(_("kept by"), max_length=24, choices=ROLE_CHOICES, blank=True, default="")
    accused_units = models.ManyToManyField(Department, related_name="+", blank=True, verbose_name=_("accused units"))
    accused_persons = models.ManyToManyField(User, related_name="+", blank=True, verbose_name=_("accused persons"))
    parties = models.ManyToManyField(User, related_name="+", blank=True, verbose_name=_("officers concerned"))

    status = models.CharField(_("status"), max_length=12, choices=labels.choices(labels.STATUS))
    outcome = models.CharField(
        _("outcome"), max_length=12, choices=labels.choices(labels.OUTCOME), blank=True, default=""
    )
    colour = models.PositiveSmallIntegerField(_("colour"), choices=labels.choices(labels.COLOUR), default=Colour.NONE)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    master = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        verbose_name=_("master case"),
        db_index=False,
    )
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    dissatisfied = models.PositiveSmallIntegerField(_("dissatisfied ratings"), default=0)
    dispatch_unit = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dispatching unit"),
        db_index=False,
    )
    lead = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("lead department")
    )
    policy = models.ForeignKey(
        PolicyVersion, models.PROTECT, related_name="+", verbose_name=_("policy version"), db_index=False
    )

    captured_at = models.DateTimeField(_("captured at"), null=True, blank=True)
    received_at = models.DateTimeField(_("received at"))
    docketed_at = models.DateTimeField(_("docketed at"), null=True, blank=True)
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    updated_at = models.DateTimeField(_("last event at"))

    source_system = models.CharField(_("source system"), max_length=60, blank=True, default="")
    source_number = models.CharField(_("source number"), max_length=60, null=True, blank=True)  # noqa: DJ001 — null: many have none, and the number is unique

    version = models.PositiveIntegerField(default=0)
    event_seq = models.PositiveIntegerField(default=0)
    event_hash = models.BinaryField(max_length=32, default=bytes)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["-received_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="case_number_once"),
            models.UniqueConstraint(
                fields=["created_by", "client_id"], nulls_distinct=False, name="case_client_id_once"
            ),
            models.UniqueConstraint(
                fields=["source_system", "source_number"],
                condition=Q(source_number__isnull=False),
                name="case_source_number_once",
            ),
            models.UniqueConstraint(fields=["query_code_hash"], name="case_query_code_once"),
            models.CheckConstraint(condition=Q(status__in=[s.value for s in Status]), name="case_status_known"),
            models.CheckConstraint(condition=Q(colour__lte=Colour.RED), name="case_colour_known"),
            models.CheckConstraint(
                condition=Q(closed_at=None) ^ Q(status__in=sorted(ENDED)), name="case_ended_has_its_time"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(colour=Colour.NONE, due_at=None),
                name="case_ended_has_no_colour",
            ),
            models.CheckConstraint(
                condition=Q(sealed=False, keeper="")
                | Q(sealed=True, keeper__in=sorted(role.value for role in KEEPERS)),
                name="case_sealed_has_its_keeper",
            ),
        ]
        # No index may hold `colour`, `event_seq`, `event_hash` or `updated_at`: what a sweep changes of a case stays on
        # its page then and touches none of them. Lists by colour read `Standing` instead (ADR 0017). Nothing that a
        # case refers to is ever deleted, so a foreign key is indexed only where a list asks for it. What an officer
        # took in is read from `case_client_id_once`, which begins with the officer.
        indexes = [
            # Open cases of an area by nearest due time: the hot list of dispatchers and grid workers.
            models.Index(fields=["area_code", "due_at", "id"], condition=Q(closed_at=None), name="case_open_area_due"),
            # The county's open cases by nearest due time.
            models.Index(fields=["due_at", "id"], condition=Q(closed_at=None), name="case_open_due"),
            # All cases in that order: a search among those that have ended too.
            models.Index(fields=["due_at", "id"], name="case_due"),
            # Everything, newest first, whole county and one area.
            models.Index(F("received_at").desc(), F("id").desc(), name="case_received"),
            models.Index("area_code", F("received_at").desc(), F("id").desc(), name="case_area_received"),
            # Open ones newest first, and oldest first: those are rare among all that were received before.
            models.Index(
                F("received_at").desc(), F("id").desc(), condition=Q(closed_at=None), name="case_open_received"
            ),
            # What waits in one status in one area. Of open cases only, so that no other index joins in.
            models.Index(fields=["status", "area_code"], condition=Q(closed_at=None), name="case_open_status_area"),
            # What was merged into a case: its page, its petitioners.
            models.Index(fields=["master"], condition=Q(master__isnull=False), name="case_merged"),
            # What the petition office and the inspection office keep.
            models.Index(fields=["area_code"], condition=Q(sealed=True), name="case_sealed"),
            # What was closed on a day: the desk's trend, and what is new since somebody looked.
            BrinIndex(fields=["closed_at"], pages_per_range=16, autosummarize=True, name="case_closings"),
            # Similar texts: cases.similar.
            GinIndex(OpClass(matter_text(), name="gin_trgm_ops"), name="case_matter_text"),
            # Words of two characters and more, and the last digits of a number: cases.searching.
            GinIndex(bigrams(), name="case_matter_bigrams"),
            models.Index(Reverse("number"), name="case_number_backwards"),
        ]

    def __str__(self) -> str:
        # The number only: this text reaches logs and Django's own history, which may hold no matter of a case.
        return self.number

    @property
    def is_open(self) -> bool:
        return self.status not in ENDED


class CaseText(models.Model):
    """One free text of one event. The journal holds only its salted digest, so the text can be erased."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="texts", db_index=False)
    event_seq = models.PositiveIntegerField()
    field = models.CharField(max_length=20)
    salt = models.CharField(max_length=32)
    body = models.TextField()

    class Meta:
        verbose_name = _("text of a case")
        verbose_name_plural = _("texts of cases")
        constraints = [
            models.UniqueConstraint(fields=["case", "event_seq", "field"], name="case_text_once"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.event_seq}/{self.field}"


class Petitioner(models.Model):
    """Who raised the matter. Anonymous petitioners have no row: nothing about them is stored.

    `name_index` and `phone_index` find a whole name and an exact phone number without showing them (`cases.blind`).
    `erased_at`: nothing of the person is left but the pseudonym.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="petitioners", verbose_name=_("case"))
    disclosure = models.CharField(_("disclosure"), max_length=12, choices=labels.choices(labels.DISCLOSURE))
    pseudonym = models.CharField(_("pseudonym"), max_length=20)
    name = EncryptedTextField(_("name"), blank=True)
    phone = EncryptedTextField(_("phone"), blank=True)
    id_number = EncryptedTextField(_("identity number"), blank=True)
    address = EncryptedTextField(_("address"), blank=True)
    name_index = models.CharField(max_length=64, blank=True, default="", db_default="", db_index=False)
    phone_index = models.CharField(max_length=64, blank=True, default="", db_index=False)
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)

    class Meta:
        verbose_name = _("petitioner")
        verbose_name_plural = _("petitioners")
        constraints = [
            models.CheckConstraint(
                condition=Q(disclosure__in=[Disclosure.NAMED, Disclosure.CONFIDENTIAL]),
                name="petitioner_anonymous_has_no_row",
            ),
        ]
        indexes = [
            # The cases of one phone number.
            models.Index(fields=["phone_index"], condition=~Q(phone_index=""), name="petitioner_phone"),
            # The newest cases of one name: many people may bear it.
            models.Index(fields=["name_index", "case"], condition=~Q(name_index=""), name="petitioner_name"),
        ]

    def __str__(self) -> str:
        return self.pseudonym
