"""What answers of this room look like: read by the schema and by the test that holds real answers against it.

Answers themselves are made in `render.py` without these classes, which is several times faster.
"""

from rest_framework import serializers

from cases import labels
from cases.api.side_path_shapes import (
    ExtensionRequestShape,
    ObjectionShape,
    OrderShape,
    ProposalShape,
    SuspensionShape,
)
from cases.colours import Colour
from cases.terms import ClockKind, Phase
from cases.workflow import ALL_CASE_ACTIONS, Action, FieldKind
from grids.api.shapes import HeldPost, Person, Place, Position

ATTACHING = [Action.COLLECT.value, Action.RESOLVE_ON_SPOT.value]
COLOURS = [(colour.code, label) for colour, label in labels.COLOUR.items()]
LIMIT_HELP = "An amount and a unit: h natural hours, wh working hours, wd working days, cd calendar days"


class CaseRow(serializers.Serializer[None]):
    number = serializers.CharField()
    title = serializers.CharField()
    type = serializers.ChoiceField(choices=labels.choices(labels.TYPE))
    category = Place(allow_null=True)
    area = Place()
    status = serializers.ChoiceField(choices=labels.choices(labels.STATUS))
    phase = serializers.ChoiceField(choices=[p.value for p in Phase], allow_null=True)
    colour = serializers.ChoiceField(choices=COLOURS, help_text="The worst colour of the running clocks")
    due_at = serializers.DateTimeField(allow_null=True, help_text="The nearest due time of the running clocks")
    round = serializers.IntegerField()
    urgency = serializers.ChoiceField(choices=labels.choices(labels.URGENCY))
    source = serializers.ChoiceField(choices=labels.choices(labels.SOURCE))  # type: ignore[assignment]  # a name of the contract, which DRF's fields use too
    lead = Place(allow_null=True, help_text="The department in the lead")
    received_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    version = serializers.IntegerField(help_text="Counts actions; the ETag of the case")


class CasePage(serializers.Serializer[None]):
    next = serializers.URLField(allow_null=True, help_text="The next page; null on the last one")
    previous = serializers.URLField(allow_null=True, help_text="The page before; null on the first one")
    results = CaseRow(many=True)


class PetitionerShape(serializers.Serializer[None]):
    """Masked. Of a confidential petitioner only the pseudonym, in place of the name."""

    id = serializers.IntegerField(help_text="For unsealing and rating")

    disclosure = serializers.ChoiceField(choices=labels.choices(labels.DISCLOSURE))
    name = serializers.CharField()
    phone = serializers.CharField()
    id_number = serializers.CharField()
    address = serializers.CharField()


class ClockShape(serializers.Serializer[None]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=labels.choices(labels.CLOCK))
    assignment = serializers.IntegerField(allow_null=True)
    order = serializers.IntegerField(allow_null=True, help_text="The supervision order that it asks an answer to")
    round = serializers.IntegerField()
    generation = serializers.IntegerField(help_text="Raised by every pause, resume, extension and calendar change")
    limit = serializers.CharField(help_text=LIMIT_HELP)
    charged = Place(allow_null=True, help_text="The unit that is judged by this clock")
    started_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    blue_at = serializers.DateTimeField(allow_null=True)
    yellow_at = serializers.DateTimeField(allow_null=True)
    red_at = serializers.DateTimeField(allow_null=True)
    paused_at = serializers.DateTimeField(allow_null=True, help_text="It stands still since then")
    colour = serializers.ChoiceField(choices=COLOURS)
    stopped_at = serializers.DateTimeField(allow_null=True)
    on_time = serializers.BooleanField(allow_null=True, help_text="null while it runs")


class AssignmentShape(serializers.Serializer[None]):
    id = serializers.IntegerField()
    department = Place()
    role = serializers.ChoiceField(choices=labels.choices(labels.ASSIGNMENT_ROLE))
    state = serializers.ChoiceField(choices=labels.choices(labels.ASSIGNMENT_STATE))
    assigned_at = serializers.DateTimeField()
    reported_in_at = serializers.DateTimeField(allow_null=True)
    reported_in_by = serializers.CharField(allow_null=True)
    on_spot = serializers.BooleanField()
    distance_m = serializers.IntegerField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    objection_due_at = serializers.DateTimeField(allow_null=True, help_text="Until then the department may object")
    objection = ObjectionShape(allow_null=True)


class AlertShape(serializers.Serializer[None]):
    id = serializers.IntegerField()
    clock = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=labels.choices(labels.CLOCK), help_text="Kind of the clock")
    colour = serializers.ChoiceField(choices=COLOURS[Colour.BLUE :])
    cause = serializers.ChoiceField(choices=labels.choices(labels.CAUSE))
    charged = Place(allow_null=True)
    moment = serializers.DateTimeField(help_text="When the colour was reached")
    raised_at = serializers.DateTimeField(help_text="When the service raised it")
    late = serializers.BooleanField(help_text="The service was held up and raised it late")
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    acknowledged_by = serializers.CharField(allow_null=True)
    plan_at = serializers.DateTimeField(allow_null=True)
    plan_by = serializers.CharField(allow_null=True)
    annulled_at = serializers.DateTimeField(allow_null=True, help_text="It stays in history and charges nobody")
    order = serializers.IntegerField(allow_null=True, help_text="The supervision order that this red belongs to")


class AttachmentShape(serializers.Serializer[None]):
    """A file as it is kept: photos without what the camera wrote into them."""

    id = serializers.UUIDField()
    sha256 = serializers.CharField(help_text="Of the file as it is kept and downloaded, hexadecimal")
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes")
    position = Position(allow_null=True, help_text="Where the photo was taken; of an anonymous matter never")
    taken_at = serializers.DateTimeField(allow_null=True, help_text="By the camera; of an anonymous matter never")


class CaseAttachment(AttachmentShape):
    action = serializers.ChoiceField(choices=ATTACHING, help_text="The action that it came with")


class RatingShape(serializers.Serializer[None]):
    round = serializers.IntegerField()
    grade = serializers.IntegerField(min_value=1, max_value=5, help_text="5 very satisfied … 1 very dissatisfied")
    solved = serializers.BooleanField()
    channel = serializers.ChoiceField(choices=labels.choices(labels.CHANNEL))
    rated_at = serializers.DateTimeField()


class FieldChoice(serializers.Serializer[None]):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a name of the contract, which DRF's fields use too


class FieldShape(serializers.Serializer[None]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a name of the contract, which DRF's fields use too
    kind = serializers.ChoiceField(choices=[k.value for k in FieldKind])
    required = serializers.BooleanField()  # type: ignore[assignment]  # a name of the contract, which DRF's fields use too
    unless = serializers.CharField(
        allow_null=True, help_text="A flag that, when true, makes this field optional; otherwise it is required"
    )
    when = serializers.CharField(allow_null=True, help_text="A flag that, when true, makes this field required")
    max_length = serializers.IntegerField(allow_null=True)
    choices = FieldChoice(many=True)


class AllowedAction(serializers.Serializer[None]):
    action = serializers.ChoiceField(choices=[a.value for a in ALL_CASE_ACTIONS])
    label = serializers.CharField()  # type: ignore[assignment]  # a name of the contract, which DRF's fields use too
    subjects = serializers.ListField(
        child=serializers.IntegerField(), help_text="Ids of the assignments, alerts or orders that it can name"
    )
    fields = FieldShape(many=True)  # type: ignore[assignment]  # the contract's name; DRF keeps its own elsewhere


class AccusedPerson(serializers.Serializer[None]):
    username = serializers.CharField()
    full_name = serializers.CharField()


class CaseDetail(CaseRow):
    description = serializers.CharField()
    disclosure = serializers.ChoiceField(choices=labels.choices(labels.DISCLOSURE), allow_null=True)
    petitioner = PetitionerShape(allow_null=True)
    address = serializers.CharField()
    location = Position(allow_null=True)
    accused_units = Place(many=True, help_text="Of an accusation; only its keepers see the case")
    accused_persons = AccusedPerson(many=True)
    outcome = serializers.ChoiceField(choices=labels.choices(labels.OUTCOME), allow_null=True)
    policy_version = serializers.IntegerField(help_text="The version of the limits that this case keeps")
    captured_at = serializers.DateTimeField(allow_null=True)
    docketed_at = serializers.DateTimeField(allow_null=True)
    dispatched_at = serializers.DateTimeField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    clocks = ClockShape(many=True)
    assignments = AssignmentShape(many=True)
    alerts = AlertShape(many=True)
    attachments = CaseAttachment(many=True)
    rating = RatingShape(allow_null=True, help_text="The latest one")
    master = serializers.CharField(allow_null=True, help_text="Number of the case that this one follows")
    merged = serializers.ListField(child=serializers.CharField(), help_text="Numbers of the cases that follow this one")
    suspension = SuspensionShape(allow_null=True, help_text="While the case stands still")
    whistle_proposal = ProposalShape(allow_null=True, help_text="The latest one")
    extension_requests = ExtensionRequestShape(many=True)
    supervision_orders = OrderShape(many=True)
    allowed_actions = AllowedAction(many=True)


class CollectedCase(CaseDetail):
    query_code = serializers.CharField(help_text="For the petitioner; shown here only and stored as a hash")


class SealedReceipt(serializers.Serializer[None]):
    """All that is left with whoever took an accusation in."""

    number = serializers.CharField()
    query_code = serializers.CharField(help_text="For the petitioner; shown here only and stored as a hash")
    sealed = serializers.BooleanField()


class EventClock(serializers.Serializer[None]):
    clock = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=[k.value for k in ClockKind])


class EventAssignment(serializers.Serializer[None]):
    assignment = serializers.IntegerField()
    department = serializers.CharField(help_text="Code")
    role = serializers.ChoiceField(choices=labels.choices(labels.ASSIGNMENT_ROLE))


class EventTaken(serializers.Serializer[None]):
    assignment = serializers.IntegerField()
    state = serializers.ChoiceField(choices=labels.choices(labels.ASSIGNMENT_STATE))


class EventMoved(serializers.Serializer[None]):
    clock = serializers.IntegerField()
    generation = serializers.IntegerField()
    due_at = serializers.CharField()


class EventAlert(serializers.Serializer[None]):
    clock = serializers.IntegerField()
    colour = serializers.ChoiceField(choices=COLOURS[Colour.BLUE :])
    cause = serializers.ChoiceField(choices=labels.choices(labels.CAUSE))


class EventAttachment(serializers.Serializer[None]):
    attachment = serializers.UUIDField()
    sha256 = serializers.CharField()


class EventText(serializers.Serializer[None]):
    field = serializers.CharField()
    text = serializers.CharField()


class EventShape(serializers.Serializer[None]):
    seq = serializers.IntegerField()
    kind = serializers.CharField(help_text="An action, or `alert` or `archive`")
    label = serializers.CharField()  # type: ignore[assignment]  # a name of the contract, which DRF's fields use too
    at = serializers.DateTimeField()
    actor = serializers.CharField(allow_null=True, help_text="Full name; null is the service itself, or a citizen")
    by_citizen = serializers.BooleanField(help_text="Done by a citizen, through a public address")
    status_from = serializers.CharField(allow_null=True)
    status_to = serializers.CharField(allow_null=True)
    round = serializers.IntegerField(allow_null=True)
    assignment = serializers.IntegerField(allow_null=True, help_text="The part that it was about")
    assigned = EventAssignment(many=True)
    started = EventClock(many=True)
    stopped = EventClock(many=True)
    alert = EventAlert(allow_null=True, help_text="The colour that was raised")
    passed = serializers.BooleanField(allow_null=True)
    grade = serializers.IntegerField(allow_null=True)
    solved = serializers.BooleanField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    upheld = serializers.BooleanField(allow_null=True)
    granted = serializers.BooleanField(allow_null=True)
    approved = serializers.BooleanField(allow_null=True)
    at_once = serializers.BooleanField(allow_null=True, help_text="An emergency whistle, effective without approval")
    ordinal = serializers.IntegerField(allow_null=True, help_text="Which extension it is")
    limit = serializers.CharField(allow_null=True, help_text="How much was asked for")
    until = serializers.CharField(allow_null=True, help_text="When the case resumes by itself")
    card = serializers.ChoiceField(choices=labels.choices(labels.CARD), allow_null=True)
    order = serializers.IntegerField(allow_null=True, help_text="The supervision order that it was about")
    taken = EventTaken(many=True, help_text="Parts that departments lost")
    moved = EventMoved(many=True, help_text="Due times after an extension or a resumption")
    on_spot = serializers.BooleanField(allow_null=True)
    distance_m = serializers.IntegerField(allow_null=True)
    attachments = EventAttachment(many=True, help_text="Files that came with it")
    texts = EventText(many=True)
    hash = serializers.CharField(help_text="SHA-256 link of the case's chain, hexadecimal")


class EventPage(serializers.Serializer[None]):
    next = serializers.URLField(allow_null=True)
    results = EventShape(many=True)


class TodoCounts(serializers.Serializer[None]):
    none = serializers.IntegerField()
    blue = serializers.IntegerField()
    yellow = serializers.IntegerField()
    red = serializers.IntegerField()
    total = serializers.IntegerField()


class Me(serializers.Serializer[None]):
    user = Person()
    posts = HeldPost(many=True)
    unread = serializers.IntegerField()
    todo = TodoCounts()


class CategoryShape(serializers.Serializer[None]):
    code = serializers.CharField()
    name = serializers.CharField()
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]  # a name of the contract, which DRF's fields use too
    lead_department = serializers.CharField(allow_null=True, help_text="Code of the usual lead")


class CategoryList(serializers.Serializer[None]):
    results = CategoryShape(many=True)


class ReasonShape(serializers.Serializer[None]):
    list = serializers.ChoiceField(choices=labels.choices(labels.REASON_LIST))
    code = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    is_active = serializers.BooleanField(help_text="Whether it may still be chosen")


class ReasonList(serializers.Serializer[None]):
    results = ReasonShape(many=True)


class ThresholdShape(serializers.Serializer[None]):
    """Either a share of the own time between start and due, or so long before due."""

    share = serializers.FloatField(allow_null=True)
    before = serializers.CharField(allow_null=True)


class LimitShape(serializers.Serializer[None]):
    kind = serializers.CharField(help_text="A kind of clock, or `objection`")
    limit = serializers.CharField(help_text=LIMIT_HELP)
    blue = ThresholdShape(allow_null=True, help_text="null: this colour is left out")
    yellow = ThresholdShape(allow_null=True)
    red = serializers.BooleanField(help_text="Whether red rises at the due time")


class ExtensionShape(serializers.Serializer[None]):
    times = serializers.IntegerField()
    limit = serializers.CharField()


class TypeRules(serializers.Serializer[None]):
    type = serializers.CharField()
    limits = LimitShape(many=True)
    extension = ExtensionShape(allow_null=True)


class CategoryRules(serializers.Serializer[None]):
    category = serializers.CharField()
    limits = LimitShape(many=True)


class OversightShape(serializers.Serializer[None]):
    """When an interview is proposed and what comes before a meeting."""

    window_days = serializers.IntegerField()
    reds = serializers.IntegerField(help_text="Reds of a unit within the window that propose an interview")
    standing = serializers.CharField(help_text="A red that stands longer proposes one")
    ratings = serializers.IntegerField(help_text="Satisfaction counts from so many ratings in the window")
    satisfied = serializers.IntegerField(help_text="Per cent; fewer satisfied propose an interview")
    soon_days = serializers.IntegerField(help_text="Due within so many days comes before a meeting")
    suspended_days = serializers.IntegerField(help_text="Suspended for more than so many days does too")


class PolicyShape(serializers.Serializer[None]):
    number = serializers.IntegerField()
    valid_from = serializers.DateTimeField()
    oversight = OversightShape()
    types = TypeRules(many=True)
    categories = CategoryRules(many=True, help_text="What categories narrow")
