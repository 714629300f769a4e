"""The loaders call the same actions as everyone: what they leave behind must hold like any other week."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import F, Q

from cases import journal
from cases.calendar import ZONE
from cases.escalation import sweep
from cases.models import Alert, Case, Category, Clock, InterviewProposal, Meeting, PolicyVersion, SupervisionOrder
from grids.models import Area, Department, Post, User
from notifications.models import ChannelTerms, Demand, OfficeHours
from notifications.states import ChannelName
from notifications.use import channels_in_use
from seeds import demo, reference
from seeds.accounts import load_accounts
from seeds.reference import load_reference

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
ENDS = {
    "collected": "collected",
    "docketed": "docketed",
    "rejected": "rejected",
    "withdrawn": "withdrawn",
    "dispatched": "dispatched",
    "handling": "handling",
    "answered": "answered",
    "rating": "rating",
    "closed": "closed",
    "closed_unrated": "closed",
    "second_round": "handling",
}


@pytest.fixture
def shouning(db: None) -> None:
    load_reference(valid_from=datetime(2000, 1, 1, tzinfo=ZONE), now=NOW)
    load_accounts()


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """One story of each path and three live ones."""
    everything = list(demo.entries())
    stories = {entry["path"]: entry for entry in everything if not entry.get("live")}
    chosen = [*stories.values(), *[entry for entry in everything if entry.get("live")][:3]]

    def entries() -> Iterator[dict[str, Any]]:
        return iter(chosen)

    monkeypatch.setattr(demo, "entries", entries)
    return chosen


def load(now: datetime = NOW) -> int:
    return demo.load_demo_cases(clock=lambda: now, progress=lambda _line: None)


def test_reference_data_is_there_once_however_often_it_is_loaded(shouning: None) -> None:
    counts = [model.objects.count() for model in (Area, Department, Category, PolicyVersion, User, Post)]
    load_reference(valid_from=NOW, now=NOW)
    load_accounts()
    assert counts == [model.objects.count() for model in (Area, Department, Category, PolicyVersion, User, Post)]
    assert Area.objects.filter(level="township").count() == 14
    assert Area.objects.filter(level="village").count() == 205
    assert Department.objects.count() == 108


def test_what_an_administrator_changed_of_a_channel_stays(shouning: None) -> None:
    ChannelTerms.objects.filter(channel="sms").update(is_on=False, per_minute=7)
    Demand.objects.filter(channel="email", colour=1).update(demand="never")
    reference.load_channels()
    assert ChannelTerms.objects.get(channel="sms").per_minute == 7
    assert Demand.objects.get(channel="email", colour=1).demand == "never"
    assert (ChannelTerms.objects.count(), Demand.objects.count(), OfficeHours.objects.count()) == (6, 24, 1)
    red = dict(Demand.objects.filter(colour=3).values_list("channel", "demand"))
    assert {channel for channel, demand in red.items() if demand == "required"} == {"email", "sms"}
    assert set(red.values()) == {"required", "on"}, "red cannot be switched off anywhere"


def test_channels_are_in_use_as_far_as_they_have_what_they_need(shouning: None, settings: Any) -> None:
    """Neither a mail server nor a gateway is named in tests. One that is named later needs nobody's hand."""
    assert set(ChannelName) - set(channels_in_use()) == {ChannelName.EMAIL, ChannelName.SMS}
    settings.EMAIL_HOST = "mail.example.org"
    assert set(ChannelName) - set(channels_in_use()) == {ChannelName.SMS}
    ChannelTerms.objects.filter(channel="email").update(is_on=False)
    reference.load_channels()
    assert ChannelName.EMAIL not in channels_in_use(), "what somebody switched off stays off"


def test_every_path_ends_where_it_says(shouning: None, few: list[dict[str, Any]]) -> None:
    assert load() == len(few)
    for entry in few:
        case = Case.objects.get(client_id=demo.client_id(entry))
        assert case.status == ENDS[entry["path"]], entry["key"]
    assert {why for _, why in journal.verify_all()} == {None}


def test_loading_again_tells_no_story_twice(shouning: None, few: list[dict[str, Any]]) -> None:
    load()
    before = (Case.objects.count(), Alert.objects.count())
    assert load(NOW + timedelta(minutes=1)) == 0
    assert (Case.objects.count(), Alert.objects.count()) == before


def test_history_is_raised_at_its_own_moments(shouning: None, few: list[dict[str, Any]]) -> None:
    load()
    assert all(alert.raised_at - alert.moment < timedelta(seconds=1) for alert in Alert.objects.all())
    assert not Clock.objects.filter(next_moment__lt=NOW).exists()


def test_live_stories_cross_a_colour_within_the_first_minutes(shouning: None, few: list[dict[str, Any]]) -> None:
    load()
    before = Alert.objects.count()
    sweep(now=NOW + demo.FIRST_COLOUR + 3 * demo.BETWEEN_COLOURS, size=200)
    fresh = Alert.objects.order_by("-id")[: Alert.objects.count() - before]
    assert {alert.colour for alert in fresh} == {1, 2, 3}


def test_demo_accounts_are_never_loaded_in_production(db: None, settings: Any) -> None:
    settings.MODE = "production"
    with pytest.raises(CommandError, match="production"):
        call_command("load_seeds", "--demo")
    assert not User.objects.exists()


def test_some_units_answer_their_orders_and_the_inspector_signs_some_off(
    shouning: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The board has something in each column, and every answer lies between the order and the present."""
    late = [entry for entry in demo.entries() if entry["tempo"] == "late" and entry["path"] == "handling"]
    monkeypatch.setattr(demo, "entries", lambda: iter(late))
    load()
    orders = SupervisionOrder.objects.all()
    waiting, answered = orders.filter(answered_at=None), orders.filter(signed_off_at=None).exclude(answered_at=None)
    signed_off = orders.exclude(signed_off_at=None)
    assert min(waiting.count(), answered.count(), signed_off.count()) >= 3
    in_order = Q(opened_at__lt=F("answered_at"), answered_at__lt=F("signed_off_at"), signed_off_at__lt=NOW)
    assert not signed_off.exclude(in_order).exists()
    assert InterviewProposal.objects.exists()
    assert Meeting.objects.get(kind="weekly").items.exists()
    assert {why for _, why in journal.verify_all()} == {None}
