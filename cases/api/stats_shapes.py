"""What the statistics look like, and how they are asked for."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cases.api.shapes import COLOURS
from cases.scores import Period

_NO_PERIOD = _("Name a month like 2026-11 or a week like 2026-W48.")


class PeriodAsked(serializers.Serializer[None]):
    period = serializers.RegexField(
        r"^20\d\d-(0[1-9]|1[0-2]|W[0-5]\d)$",
        required=False,
        error_messages={"invalid": _NO_PERIOD},
        help_text="A month, 2026-11, or an ISO week, 2026-W48, of the county's own time. Without it: this month",
    )

    def validate_period(self, text: str) -> Period:
        try:
            return Period.parse(text)
        except ValueError as error:
            raise serializers.ValidationError(_NO_PERIOD) from error


_PLACE_CODE = r"^\d{6}(\d{3}(\d{3}(\d{2})?)?)?$"


class AreasAsked(PeriodAsked):
    parent = serializers.RegexField(  # type: ignore[assignment]  # a name of the contract, which DRF's fields use too
        r"^\d{6}(\d{3}(\d{3}(\d{2})?)?)?$",
        required=False,
        help_text="Code: the areas directly inside. Without it: the county",
    )


class Figure(serializers.Serializer[None]):
    numerator = serializers.IntegerField()
    denominator = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True, help_text="null where the denominator is 0")
    small_sample = serializers.BooleanField(help_text="Fewer than 5 counted")


class CommonFigures(serializers.Serializer[None]):
    closure = Figure(help_text="Closed of those docketed in the period")
    on_time = Figure(help_text="Done in time of what was due in the period, round 1")
    report_in = Figure(help_text="Reported in in time of the whistles of the period")
    satisfaction = Figure(help_text="The three better grades of the ratings of the period")
    solved = Figure(help_text="Says solved of those asked in the period")
    participation = Figure(help_text="Rated of those invited in the period")
    returned = Figure(help_text="Objections upheld of the whistles of the period")
    rework = Figure(help_text="With more than one round, of those answered in the period")


class PlaceFigures(CommonFigures):
    repeat = Figure(help_text="Merged into an earlier matter, of those received in the period")


class HandlingTime(serializers.Serializer[None]):
    """Of parts finished in the period, pauses taken out."""

    kind = serializers.ChoiceField(choices=["natural", "office"], help_text="Which hours: the clock's own time")
    count = serializers.IntegerField()
    median_hours = serializers.FloatField()
    mean_hours = serializers.FloatField()


class Beside(serializers.Serializer[None]):
    """Shown beside on-time, so that they cannot hide it."""

    extensions_asked = serializers.IntegerField()
    extensions_granted = serializers.IntegerField()
    suspensions = serializers.IntegerField()


class LeftOut(serializers.Serializer[None]):
    """Received in the period and in no other figure."""

    rejected = serializers.IntegerField()
    withdrawn = serializers.IntegerField()
    merged = serializers.IntegerField()


class Group(serializers.Serializer[None]):
    beside = Beside()
    left_out = LeftOut()
    handling = HandlingTime(many=True)


class PlaceGroup(Group):
    figures = PlaceFigures()


class UnitRow(Group):
    code = serializers.CharField()
    name = serializers.CharField()
    figures = CommonFigures()
    score = serializers.FloatField(
        allow_null=True,
        help_text="30 % report-in, 35 % solved, 35 % satisfaction; null as long as one of them counts nothing",
    )


class AreaRow(PlaceGroup):
    code = serializers.CharField()
    name = serializers.CharField()


class OfPeriod(serializers.Serializer[None]):
    period = serializers.CharField()
    begins_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(help_text="The first moment after it")


class Overview(OfPeriod, PlaceGroup):
    pass


class UnitList(OfPeriod):
    results = UnitRow(many=True)


class AreaStats(OfPeriod):
    results = AreaRow(many=True)


class AlertRow(serializers.Serializer[None]):
    colour = serializers.ChoiceField(choices=COLOURS)
    raised = serializers.IntegerField()
    annulled = Figure(help_text="Of those raised")
    late = Figure(help_text="Raised more than five minutes after their moment")
    acknowledged = Figure(help_text="Of those not annulled, like the next two")
    planned = Figure(help_text="With a plan: the duty of yellow")
    signed_off = Figure(help_text="Their order was signed off: the duty of red")


class AlertStats(OfPeriod):
    results = AlertRow(many=True)
