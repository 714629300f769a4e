"""Deciding what leaves the house: messages become deliveries, by what each person is to be told where.

It runs behind the transactions that told people, so that telling costs them one row. One router at a time, in the order
in which messages were written, so that two pieces of news about one case cannot overtake each other.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, Q

from notifications.hours import Hours, hours
from notifications.models import Delivery, DeliveryItem, Message, OfficeHours
from notifications.reach import Place, reach
from notifications.states import Bundle, State
from notifications.wordings import Book, book

BLUE, RED = 1, 3
#: A storm waits so long for the rest of itself.
GATHERING = timedelta(seconds=30)
#: Of pg_try_advisory_xact_lock: one router at a time.
_LOCK = 350_924_001

_MOVE_ITEMS = """
UPDATE notifications_deliveryitem item SET delivery_id = taken.bundle
FROM unnest(%s::bigint[], %s::bigint[]) AS taken(single, bundle) WHERE item.delivery_id = taken.single
"""


@dataclass(slots=True)
class _Plan:
    """What one pass writes: new deliveries, and which messages go into which delivery (by its key)."""

    now: datetime
    hours: Hours
    storm_from: int
    book: Book
    singles: dict[Place, list[Message]] = field(default_factory=lambda: defaultdict(list))
    digests: dict[Place, list[Message]] = field(default_factory=lambda: defaultdict(list))


def route(*, now: datetime, size: int) -> int:
    """Decide for up to `size` messages, oldest first. Returns how many; 0 also while another router is at work.

    1. Claim messages that nobody decided on.
    2. Blue news that is not urgent joins the digest of its address; all other becomes a delivery of its own.
    3. Where so many wait for one address that they would be a storm, one bundle takes their place; what comes until
       it leaves joins it, so that nothing about one of its cases overtakes it.
    """
    with transaction.atomic():
        if not _alone():
            return 0
        messages = list(Message.objects.filter(routed_at=None).order_by("id")[:size])
        if messages:
            _write(_planned(messages, now))
            Message.objects.filter(pk__in=[message.pk for message in messages]).update(routed_at=now)
    return len(messages)


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _planned(messages: Sequence[Message], now: datetime) -> _Plan:
    row = OfficeHours.objects.first() or OfficeHours()
    plan = _Plan(now, hours(row.quiet_from, row.quiet_until, row.digests), row.storm_from, book(now))
    places = reach({message.recipient_id for message in messages})
    for message in messages:
        waits = message.colour == BLUE and not message.urgent
        for place in places.targets(message.recipient_id, message.colour):
            (plan.digests if waits else plan.singles)[place].append(message)
    return plan


def _write(plan: _Plan) -> None:
    waiting = _waiting(place.address_id for place in plan.singles)
    alone: list[tuple[Place, Message]] = []
    storms: dict[int, list[Message]] = {}
    places: dict[int, Place] = {}
    for place, messages in plan.singles.items():
        singles, gathers = waiting.get(place.address_id, (0, False))
        if gathers or singles + len(messages) >= plan.storm_from:
            storms[place.address_id], places[place.address_id] = messages, place
        else:
            alone += [(place, message) for message in messages]
    alone.sort(key=lambda pair: pair[1].pk)
    _gather_storms(plan, places, storms)
    _write_singles(plan, alone)
    _write_digests(plan)


def _waiting(addresses: Iterable[int]) -> dict[int, tuple[int, bool]]:
    """For each address: how many single messages wait for it, and whether a storm gathers there already."""
    mine = Delivery.objects.filter(address__in=list(addresses), state=State.WAITING).order_by()
    singles = Count("pk", filter=Q(bundle=Bundle.SINGLE))
    gathering = Count("pk", filter=Q(bundle=Bundle.STORM, attempts=0))
    rows = mine.values_list("address").annotate(singles=singles, gathering=gathering)
    return {address: (count, bool(storms)) for address, count, storms in rows}


def _write_singles(plan: _Plan, pairs: Sequence[tuple[Place, Message]]) -> None:
    rows = Delivery.objects.bulk_create([_single(plan, place, message) for place, message in pairs])
    DeliveryItem.objects.bulk_create(
        DeliveryItem(delivery=row, message=message, address_id=place.address_id)
        for row, (place, message) in zip(rows, pairs, strict=True)
    )


def _single(plan: _Plan, place: Place, message: Message) -> Delivery:
    urgent = _is_urgent(message)
    subject, body = plan.book.words_for(message, place.channel)
    return Delivery(
        subject=subject,
        body=body,
        key=f"{message.pk}-{place.address_id}",
        recipient_id=message.recipient_id,
        address_id=place.address_id,
        channel=place.channel,
        colour=message.colour,
        urgent=urgent,
        reference=message.reference,
        language=message.language,
        not_before=plan.now if urgent else plan.hours.first_chance(plan.now),
        created_at=plan.now,
    )


def _write_digests(plan: _Plan) -> None:
    """Into the digests of the next gathering; where that was taken up already, of the one after."""
    left, at = dict(plan.digests), plan.now
    while left:
        at = plan.hours.next_digest(at)
        keys = {_bundle_key(Bundle.DIGEST, place, f"{at:%Y%m%dT%H%M}"): place for place in left}
        Delivery.objects.bulk_create(
            [_bundle(plan, place, left[place][0], Bundle.DIGEST, key, at) for key, place in keys.items()],
            ignore_conflicts=True,
        )
        rows = Delivery.objects.filter(key__in=keys, state=State.WAITING).select_for_update(no_key=True)
        _add_items((row, left.pop(keys[row.key])) for row in rows.order_by("pk"))


def _gather_storms(plan: _Plan, places: Mapping[int, Place], storms: Mapping[int, list[Message]]) -> None:
    """For each address one bundle for what is new and for what waits; one that waits already takes it in.

    A fixed number of statements, however many addresses have a storm.
    """
    if not storms:
        return
    mine = Delivery.objects.filter(address__in=list(storms), state=State.WAITING).exclude(bundle=Bundle.DIGEST)
    waiting = list(mine.select_for_update(no_key=True).order_by("pk"))
    bundles = {_address(row): row for row in waiting if row.bundle == Bundle.STORM and row.attempts == 0}
    singles: dict[int, list[Delivery]] = defaultdict(list)
    for row in waiting:
        if row.bundle == Bundle.SINGLE:
            singles[_address(row)].append(row)
    fresh = {address: _storm(plan, places[address], storms[address][0]) for address in storms if address not in bundles}
    Delivery.objects.bulk_create(fresh.values())
    bundles |= fresh
    for address, messages in storms.items():
        _take_in(plan, bundles[address], messages, singles[address])
    Delivery.objects.bulk_update(bundles.values(), ["colour", "urgent", "not_before"])
    _swallow({row.pk: bundles[address].pk for address, rows in singles.items() for row in rows})
    _add_items((bundles[address], messages) for address, messages in storms.items())


def _address(row: Delivery) -> int:
    """Of a delivery that was found by its address."""
    return row.address_id or 0


def _storm(plan: _Plan, place: Place, first: Message) -> Delivery:
    """An empty one, which waits for the morning as long as nothing in it is urgent."""
    key, begin = _bundle_key(Bundle.STORM, place, str(first.pk)), plan.hours.first_chance(plan.now + GATHERING)
    return _bundle(plan, place, first, Bundle.STORM, key, begin)


def _take_in(plan: _Plan, bundle: Delivery, messages: Sequence[Message], singles: Sequence[Delivery]) -> None:
    """The bundle has the colour of the worst that it takes in; something urgent takes all of it along at once."""
    bundle.colour = max([bundle.colour, *(row.colour for row in singles), *(m.colour for m in messages)])
    bundle.urgent = bundle.urgent or any(map(_is_urgent, messages)) or any(row.urgent for row in singles)
    if bundle.urgent:
        bundle.not_before = min(bundle.not_before, plan.now + GATHERING)


def _swallow(taken_in: Mapping[int, int]) -> None:
    """What these deliveries carried is carried by those bundles."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVE_ITEMS, [list(taken_in), list(taken_in.values())])
    Delivery.objects.filter(pk__in=list(taken_in)).delete()


def _bundle(plan: _Plan, place: Place, first: Message, kind: Bundle, key: str, not_before: datetime) -> Delivery:
    """Its words are made when it is taken up: until then it takes in more."""
    return Delivery(
        key=key,
        recipient_id=first.recipient_id,
        address_id=place.address_id,
        channel=place.channel,
        bundle=kind,
        colour=first.colour,
        language=first.language,
        not_before=not_before,
        created_at=plan.now,
    )


def _bundle_key(kind: Bundle, place: Place, name: str) -> str:
    return f"{kind}-{place.address_id}-{name}"


def _add_items(bundles: Iterable[tuple[Delivery, Sequence[Message]]]) -> None:
    DeliveryItem.objects.bulk_create(
        DeliveryItem(delivery=row, message=message, address_id=row.address_id)
        for row, messages in bundles
        for message in messages
    )


def _is_urgent(message: Message) -> bool:
    return message.urgent or message.colour == RED
