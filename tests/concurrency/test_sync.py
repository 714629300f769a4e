"""A phone's copy follows what its owner sees: nothing lost, nothing kept, nothing told that was never seen."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from cases.access import visible_to
from cases.models import Case, Departure, JournalEvent
from cases.syncing import DEPARTURES_KEPT, BadCursor, Cursor, forget_departures, news_for
from cases.terms import CaseType, Grade, Status, Urgency
from cases.workflow import Action
from grids.actors import Actor
from grids.roles import Role
from tests.api_client import Phone
from tests.builders import MONDAY, County, add_post
from tests.concurrency.together import other_session, together
from tests.stories import Story, story_in

WATCHERS = ("gridworker", "township", "center", "handler", "police-handler", "petition", "inspector", "intake")


#: Other databases of the same server have transactions of their own, a test's as long as the test: they hold up nobody
#: here, while a phone in production waits for them too.
HERE_ALONE = """
SELECT coalesce(
    (SELECT min(backend_xid::text::bigint) FROM pg_stat_activity WHERE datname = current_database()),
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint
), 1, 1
"""


@pytest.fixture(autouse=True)
def _transactions_of_this_database_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cases.syncing._HERE", HERE_ALONE)


@dataclass(slots=True)
class Mirror:
    """What a phone keeps: the cases by number, and the cursor. `told` are all numbers that it ever heard of."""

    known: dict[str, Case] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    cursor: Cursor | None = None
    pages: int = 0

    def pull(self, actor: Actor, *, now: datetime, size: int = 3) -> None:
        while True:
            news = news_for(actor, since=self.cursor, size=size, now=now)
            assert len(news.cases) + len(news.gone) <= size
            if news.anew:
                self.known.clear()
            self.known |= {case.number: case for case in news.cases}
            for number in news.gone:
                self.known.pop(number, None)
            self.told |= {case.number for case in news.cases} | set(news.gone)
            self.cursor, self.pages = news.cursor, self.pages + 1
            if not news.more:
                return


@dataclass(slots=True)
class Watch:
    """Everybody's phone, compared with what everybody sees after each step."""

    county: County
    mirrors: dict[str, Mirror] = field(default_factory=dict)
    seen: dict[str, set[str]] = field(default_factory=dict)

    def compare(self, now: datetime) -> None:
        for name in WATCHERS:
            actor = self.county.actor(name, now=now)
            mirror = self.mirrors.setdefault(name, Mirror())
            mirror.pull(actor, now=now)
            there = {case.number: case for case in visible_to(actor)}
            self.seen.setdefault(name, set()).update(there)
            assert set(mirror.known) == set(there), name
            for number, case in there.items():
                kept = mirror.known[number]
                assert (kept.version, kept.event_seq, kept.colour) == (case.version, case.event_seq, case.colour)
            assert mirror.told <= self.seen[name], f"{name} heard of what was never there to see"


def test_everybody_s_copy_follows_what_everybody_sees(county: County) -> None:
    watch = Watch(county)
    story = Story.begin(county, type=CaseType.PETITION)
    accusation = Story.begin(county, by="intake", type=CaseType.ACCUSATION, accused_persons=(county.users["center"],))
    steps: list[Any] = [
        lambda: story.docket(type=CaseType.APPEAL),
        lambda: story.dispatch(assistants=[county.police]),
        lambda: story.report_in().report_in(county.police),
        lambda: story.act(
            Action.REASSIGN, "center", assignment=story.part(county.water).pk, department="housing", comment="转"
        ),
        lambda: story.act(Action.RELEASE_ASSISTANT, "center", assignment=story.part(county.police).pk, comment="不必"),
        lambda: story.wait(days=20).sweep(),
        lambda: story.report_in(county.housing).finish(county.housing).verify().rate(Grade.SATISFIED),
    ]
    watch.compare(story.now)
    for step in steps:
        step()
        watch.compare(story.now)
    accusation.at(story.now).docket("petition", accused_persons=["petition"])
    watch.compare(story.now)
    assert accusation.number not in watch.mirrors["petition"].known


def test_what_is_sealed_leaves_the_phones_that_had_it_and_no_others(county: County) -> None:
    watch, story = Watch(county), story_in(county, Status.DISPATCHED)
    never = Story.begin(county, by="intake", type=CaseType.ACCUSATION)
    watch.compare(story.now)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_case SET sealed = true, keeper = 'inspector', type = 'accusation' WHERE id = %s",
            [story.case_id],
        )
    watch.compare(story.now)
    for name in ("gridworker", "township", "center", "handler"):
        assert story.number not in watch.mirrors[name].known
        assert never.number not in watch.mirrors[name].told
    assert story.number not in watch.mirrors["police-handler"].told


def test_what_moves_to_another_area_leaves_the_old_one(county: County) -> None:
    watch, story = Watch(county), Story.begin(county)
    watch.compare(story.now)
    Case.objects.filter(pk=story.case_id).update(area=county.other_village, area_code=county.other_village.code)
    watch.compare(story.now)
    assert story.number not in watch.mirrors["gridworker"].known
    assert story.number in watch.mirrors["center"].known


def test_what_commits_late_is_heard_of_later_and_not_lost(county: County) -> None:
    early, late = Story.begin(county), Story.begin(county)
    actor, mirror = county.actor("gridworker"), Mirror()
    mirror.pull(actor, now=early.now)
    with other_session() as session:
        session.execute("UPDATE cases_case SET urgency = 'urgent' WHERE id = %s", [late.case_id])
        early.docket()
        mirror.pull(actor, now=early.now)
        assert mirror.known[late.number].urgency == Urgency.NORMAL
        session.commit()
    mirror.pull(actor, now=early.now)
    assert mirror.known[late.number].urgency == Urgency.URGENT
    assert mirror.known[early.number].status == Status.DOCKETED


def test_other_posts_another_database_and_a_long_absence_begin_anew(county: County) -> None:
    story, actor = Story.begin(county), county.actor("gridworker")
    first = news_for(actor, since=None, size=10, now=story.now)
    assert first.anew
    assert not news_for(actor, since=first.cursor, size=10, now=story.now).anew
    assert news_for(actor, since=first.cursor, size=10, now=story.now + DEPARTURES_KEPT + timedelta(days=1)).anew
    add_post(county.users["gridworker"], Role.GRID_WORKER, county.other_village)
    assert news_for(county.actor("gridworker"), since=first.cursor, size=10, now=story.now).anew
    ahead = Cursor(2**62, 0, 0, first.cursor.holder, first.cursor.at)
    assert news_for(actor, since=ahead, size=10, now=story.now).anew


def test_whoever_begins_anew_hears_of_no_case_that_ended_long_ago(county: County) -> None:
    old = story_in(county, Status.CLOSED)
    fresh = Story.begin(county, at=old.now + timedelta(days=120))
    mirror = Mirror()
    mirror.pull(county.actor("gridworker"), now=fresh.now)
    assert set(mirror.known) == {fresh.number}
    old.at(fresh.now).act(Action.REOPEN, "center", comment="又坏了")
    mirror.pull(county.actor("gridworker"), now=fresh.now)
    assert set(mirror.known) == {fresh.number, old.number}


def test_a_page_costs_the_same_for_three_cases_and_for_thirty(county: County) -> None:
    for _number in range(30):
        story = story_in(county, Status.HANDLING)
    phone = Phone(county.users["center"])
    costs = []
    for size in (3, 30):
        phone.get("sync/", page_size=size)
        counter = Counter()
        with connection.execute_wrapper(counter):
            answer = phone.get("sync/", page_size=size)
        costs.append(counter.count)
        assert len(answer.json["cases"]) == size
    assert costs[0] == costs[1] <= 8
    assert story.number


class Counter:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)


@pytest.mark.parametrize("text", ["x", "W10", "WzEsMiwzLDQsNV0", "é", "W" * 300, "bnVsbA"])
def test_what_is_no_cursor_is_refused(county: County, text: str) -> None:
    with pytest.raises(BadCursor):
        Cursor.read(text)
    assert Phone(county.users["center"]).get("sync/", since=text).status == 400


# What the phone did


def operation(action: str, case: str, **fields: Any) -> dict[str, Any]:
    return {"op_id": str(uuid.uuid4()), "action": action, "case": case, **fields}


def collected(county: County, client_id: str, **fields: Any) -> dict[str, Any]:
    told = {"type": "appeal", "title": "路灯不亮", "area": county.grid.code}
    return operation("collect", client_id, **(told | fields))


def sent(phone: Phone, *operations: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    answer = phone.post("sync/", {"operations": list(operations), **more})
    assert answer.status == 200, answer.content
    results: list[dict[str, Any]] = answer.json["results"]
    assert [result["op_id"] for result in results] == [step["op_id"] for step in operations]
    return results


def collecting_dispatcher(county: County) -> Phone:
    """Somebody with two posts, as in small townships."""
    add_post(county.users["township"], Role.GRID_WORKER, county.grid)
    return Phone(county.users["township"])


def statuses(results: list[dict[str, Any]]) -> list[str]:
    return [result["status"] for result in results]


def test_a_morning_offline_is_carried_out_in_order_and_once(county: County) -> None:
    phone, client_id = collecting_dispatcher(county), str(uuid.uuid4())
    first = collected(county, client_id)
    docket = operation(
        "docket", client_id, after=first["op_id"], type="appeal", category="urban-supply", urgency="normal"
    )
    results = sent(phone, first, docket)
    assert statuses(results) == ["applied", "applied"]
    assert results[1]["case"]["status"] == "docketed"
    assert results[0]["query_code"]
    again = sent(phone, first, docket)
    assert statuses(again) == ["replayed", "replayed"]
    assert again[0]["query_code"] == results[0]["query_code"]
    assert Case.objects.count() == 1
    assert statuses(sent(phone, docket)) == ["replayed"]


def test_what_follows_something_that_was_not_done_is_refused_and_the_rest_is_done(county: County) -> None:
    story, phone = Story.begin(county), Phone(county.users["township"])
    docket = operation("docket", story.number, type="appeal", category="urban-supply", urgency="normal")
    early = operation("dispatch", story.number, after=docket["op_id"], lead="station-100")
    results = sent(phone, early, docket, operation("fly", story.number), operation("docket", "350924-2026-9999999"))
    assert statuses(results) == ["rejected", "applied", "rejected", "rejected"]
    assert "after" in results[0]["problem"]["errors"]
    assert results[3]["problem"]["status"] == 404
    assert statuses(sent(phone, early)) == ["applied"]


def test_a_conflict_returns_both_sides(county: County) -> None:
    story, phone = Story.begin(county), Phone(county.users["township"])
    version = story.case.version
    story.docket("center")
    mine = operation("reject", story.number, base_version=version, reason="unclear", advice="请补充")
    (result,) = sent(phone, mine)
    assert result["status"] == "conflict"
    assert result["problem"]["status"] == 412
    assert result["case"]["status"] == "docketed"
    assert result["case"]["version"] == version + 1
    assert story.case.status == Status.DOCKETED


def test_the_same_batch_twice_at_once_happens_once(county: County) -> None:
    phone, story = collecting_dispatcher(county), Story.begin(county)
    client_id = str(uuid.uuid4())
    batch = [
        collected(county, client_id),
        operation("docket", story.number, type="appeal", category="urban-supply", urgency="normal"),
    ]
    first, second = together(lambda: sent(phone, *batch), lambda: sent(phone, *batch))
    assert not isinstance(first, BaseException)
    assert not isinstance(second, BaseException)
    for one, other in zip(first, second, strict=True):
        assert sorted((one["status"], other["status"])) == ["applied", "replayed"]
    assert Case.objects.filter(client_id=client_id).count() == 1
    assert JournalEvent.objects.filter(case=story.case_id, kind="docket").count() == 1


def test_the_same_operation_with_another_body_changes_nothing(county: County) -> None:
    phone, client_id = collecting_dispatcher(county), str(uuid.uuid4())
    first = collected(county, client_id)
    sent(phone, first)
    (result,) = sent(phone, first | {"title": "别的"})
    assert result["status"] == "conflict"
    assert Case.objects.get().title == "路灯不亮"


def test_a_wrong_clock_is_noticed_and_recorded_and_moves_nothing(county: County) -> None:
    phone, client_id = Phone(county.users["gridworker"]), str(uuid.uuid4())
    answer = phone.post(
        "sync/",
        {
            "sent_at": "2020-01-01T08:00:00+08:00",
            "operations": [collected(county, client_id, capture_time="2020-01-01T07:00:00+08:00")],
        },
    )
    assert answer.json["clock_skew"] < -(6 * 365 * 86400)
    case = Case.objects.get()
    facts = JournalEvent.objects.get(case=case).payload
    assert facts["skew"] == answer.json["clock_skew"]
    assert facts["captured"].startswith("2019-12-31T23:00")
    assert case.captured_at is not None
    assert case.captured_at.year == 2019
    assert case.received_at > datetime.now(case.received_at.tzinfo) - timedelta(minutes=1)
    assert case.due_at is not None
    assert case.due_at > case.received_at


def test_who_sees_the_case_no_more_after_the_own_act_is_told_so(county: County) -> None:
    story = story_in(county, Status.DISPATCHED, assistants=[county.police])
    part = story.part(county.police)
    story.act(Action.RELEASE_ASSISTANT, "center", assignment=part.pk, comment="不必")
    (result,) = sent(Phone(county.users["police-handler"]), operation("report_in", story.number, assignment=part.pk))
    assert (result["status"], result["problem"]["status"]) == ("rejected", 404)
    assert result["case"] is None
    assert result["number"] is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"operations": {}},
        {"operations": [1]},
        {"operations": [{}]},
        {"operations": [{"op_id": "x", "action": "collect", "case": "y"}]},
        {"operations": [], "sent_at": "then"},
        {"operations": [{"op_id": str(uuid.uuid4()), "action": "verify", "case": "a", "base_version": -1}]},
        {"operations": [{}] * 101},
    ],
)
def test_a_batch_that_cannot_be_read_is_refused_whole(county: County, body: Any) -> None:
    assert Phone(county.users["center"]).post("sync/", body).status == 400


@pytest.mark.parametrize(
    "fields",
    [{"passed": "perhaps"}, {"nonsense": 1}, {"case": "\x00"}, {"attachments": [1, None, "x"]}, {"passed": {}}],
)
def test_an_operation_may_hold_anything_and_is_answered(county: County, fields: dict[str, Any]) -> None:
    story = story_in(county, Status.ANSWERED)
    answer = Phone(county.users["gridworker"]).post(
        "sync/", {"operations": [operation("verify", story.number) | fields]}
    )
    assert answer.status in (200, 400)
    assert story.case.status == Status.ANSWERED


def test_departures_are_forgotten_when_nobody_can_ask_for_them_any_more(county: County) -> None:
    story = story_in(county, Status.DISPATCHED, assistants=[county.police])
    story.act(Action.RELEASE_ASSISTANT, "center", assignment=story.part(county.police).pk, comment="不必")
    (left,) = Departure.objects.all()
    assert forget_departures(now=left.at + DEPARTURES_KEPT) == 0
    assert forget_departures(now=left.at + DEPARTURES_KEPT + timedelta(days=2)) == 1


def test_nothing_is_told_that_a_crash_could_still_take(county: County) -> None:
    """The servers of tests wait for no disk by themselves; that of a county does."""
    story = Story.begin(county)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
    with other_session() as session:
        session.execute("SET synchronous_commit = off")
        session.execute("UPDATE cases_case SET urgency = 'urgent' WHERE id = %s", [story.case_id])
        session.commit()
        (written,) = session.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone() or ("",)
        session.rollback()
        news_for(county.actor("center"), since=None, size=10, now=story.now)
        (durable,) = session.execute("SELECT pg_current_wal_flush_lsn() >= %s::pg_lsn", [written]).fetchone() or (None,)
    with connection.cursor() as cursor:
        cursor.execute("RESET synchronous_commit")
    assert durable


def test_the_server_itself_tells_how_far_it_has_got(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the statement of production, whatever runs beside this test."""
    monkeypatch.undo()
    news = news_for(county.actor("center"), since=None, size=10, now=MONDAY)
    assert news.anew
    assert news.cursor.xid > 0
    assert news_for(county.actor("center"), since=news.cursor, size=10, now=MONDAY).anew is False
