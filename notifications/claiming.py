"""Taking deliveries up for sending, and writing down what became of them: the two short transactions around an attempt.

    waiting → sending (leased) → sent | waiting again | dead

A lease that ran out is a worker that died: its deliveries wait again and are sent anew under the same key. `attempts`
is the fence: whoever comes back after its lease ended finds another number and changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from notifications.bundles import Line, bundle_words, in_order
from notifications.failures import ADDRESS_OFF, WORKER_LOST
from notifications.models import Address, ChannelTerms, Delivery, DeliveryItem
from notifications.pace import allowance
from notifications.parcels import Parcel
from notifications.states import Bundle, ChannelName, State
from notifications.wordings import book

ERROR_LENGTH = 300

#: Served by delivery_waiting; the checks of order by delivery_order and delivery_storms. What another worker holds is
#: left to it. News of a case waits for earlier news of it, by itself or in a storm that was tried (one that was not
#: takes in what comes); what has no case waits for nothing. OFFSET 0: asked for one storm alone, never for all at once.
_CLAIM = """
WITH ready AS (
    SELECT mine.id FROM notifications_delivery mine
    WHERE mine.channel = %(channel)s AND mine.state = 'waiting' AND mine.urgent = %(urgent)s
      AND mine.not_before <= %(now)s
      AND NOT EXISTS (
          SELECT FROM notifications_delivery earlier
          WHERE mine.reference <> '' AND earlier.address_id = mine.address_id AND earlier.reference = mine.reference
            AND earlier.id < mine.id AND earlier.state IN ('waiting', 'sending'))
      AND NOT EXISTS (
          SELECT FROM notifications_delivery storm
          WHERE mine.reference <> '' AND storm.address_id = mine.address_id AND storm.id < mine.id
            AND storm.bundle = 'storm' AND storm.attempts > 0 AND storm.state IN ('waiting', 'sending')
            AND EXISTS (
                SELECT FROM notifications_deliveryitem item
                JOIN notifications_message listed ON listed.id = item.message_id
                WHERE item.delivery_id = storm.id AND listed.reference = mine.reference OFFSET 0))
    ORDER BY mine.not_before
    LIMIT %(size)s
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE notifications_delivery taken
SET state = 'sending', lease_until = %(lease)s, attempts = taken.attempts + 1
FROM ready WHERE taken.id = ready.id
RETURNING taken.id
"""
_SETTLE = """
UPDATE notifications_delivery done
SET state = new.state, lease_until = NULL, last_error = new.error,
    not_before = COALESCE(new.not_before, done.not_before),
    finished_at = CASE WHEN new.state = 'waiting' THEN NULL ELSE %s END,
    attempts = done.attempts - CASE WHEN new.tried THEN 0 ELSE 1 END
FROM unnest(%s::bigint[], %s::integer[], %s::text[], %s::text[], %s::timestamptz[], %s::boolean[])
     AS new(id, attempt, state, error, not_before, tried)
WHERE done.id = new.id AND done.state = 'sending' AND done.attempts = new.attempt
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery in this worker's hands: its `attempt`-th, with what the channel carries."""

    delivery_id: int
    address_id: int
    attempt: int
    parcel: Parcel


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of one attempt. `tried`: False where it does not count: spared, or the channel's own fault."""

    taken: Taken
    state: State
    error: str = ""
    not_before: datetime | None = None
    tried: bool = True
    gone: bool = False


def free_lapsed(*, now: datetime) -> int:
    """Let what a dead worker held wait again. Returns how many."""
    lapsed = Delivery.objects.filter(state=State.SENDING, lease_until__lte=now)
    return lapsed.update(state=State.WAITING, lease_until=None, last_error=WORKER_LOST.of())


def claim(channel: ChannelName, *, now: datetime, size: int, lease: timedelta) -> list[Taken]:
    """Take up to `size` deliveries that may go now, what is urgent first, within the channel's rate.

    Of one address and case only the earliest goes. What nobody can receive any more is put back on the way.
    """
    with transaction.atomic():
        room = min(size, _room(channel, now))
        ids: list[int] = []
        for urgent in (True, False):
            if room > len(ids):
                ids += _take(channel, urgent=urgent, now=now, size=room - len(ids), lease=now + lease)
        _spend(channel, len(ids), now)
        return _packed(ids, now)


def _take(channel: ChannelName, *, urgent: bool, now: datetime, size: int, lease: datetime) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"channel": channel, "urgent": urgent, "now": now, "size": size, "lease": lease})
        return [row[0] for row in cursor.fetchall()]


def _limited(channel: ChannelName) -> ChannelTerms | None:
    """The channel's terms, locked, if it has a rate: the bucket is one for all workers."""
    terms = ChannelTerms.objects.filter(channel=channel, per_minute__isnull=False)
    return terms.select_for_update(no_key=True).first()


def _room(channel: ChannelName, now: datetime) -> int:
    terms = _limited(channel)
    if terms is None or terms.per_minute is None:
        return 1_000_000
    return int(allowance(terms.allowance, per_minute=terms.per_minute, filled_at=terms.filled_at, now=now))


def _spend(channel: ChannelName, count: int, now: datetime) -> None:
    terms = _limited(channel)
    if terms is None or terms.per_minute is None:
        return
    left = allowance(terms.allowance, per_minute=terms.per_minute, filled_at=terms.filled_at, now=now)
    terms.allowance, terms.filled_at = left - count, now
    terms.save(update_fields=["allowance", "filled_at"])


def _packed(ids: Sequence[int], now: datetime) -> list[Taken]:
    """What was taken, as parcels; a delivery without a living address or without news is put back instead."""
    rows = list(Delivery.objects.filter(pk__in=ids).select_related("address").order_by("-urgent", "pk"))
    lines = _lines([row.pk for row in rows if row.bundle != Bundle.SINGLE])
    taken, frozen = [], []
    void: dict[State, list[int]] = defaultdict(list)
    for row in rows:
        if row.address is None or (row.bundle != Bundle.SINGLE and row.pk not in lines):
            void[State.CANCELLED].append(row.pk)
            continue
        if not row.address.is_active:
            void[State.DEAD].append(row.pk)
            continue
        listed = lines.get(row.pk, [])
        if listed and not row.subject:
            row.subject, row.body = _frozen(row, listed, now)
            frozen.append(row)
        taken.append(_taken(row, row.address, listed))
    Delivery.objects.bulk_update(frozen, ["subject", "body"])
    _put_back(void, now)
    return taken


def _put_back(void: Mapping[State, Sequence[int]], now: datetime) -> None:
    """What was not tried: taken back where nobody is to be told any more, dead where the address failed for good."""
    for state, ids in void.items():
        error = ADDRESS_OFF.of() if state is State.DEAD else ""
        Delivery.objects.filter(pk__in=ids).update(
            state=state, lease_until=None, finished_at=now, attempts=F("attempts") - 1, last_error=error
        )


def _lines(bundles: Sequence[int]) -> dict[int, list[Line]]:
    """What each bundle lists. Blue news that was read meanwhile needs no digest any more."""
    found: dict[int, list[Line]] = {}
    items = DeliveryItem.objects.filter(delivery__in=bundles).order_by("message_id")
    unread = items.exclude(delivery__bundle=Bundle.DIGEST, delivery__subject="", message__read_at__isnull=False)
    for delivery_id, colour, subject, reference in unread.values_list(
        "delivery_id", "message__colour", "message__subject", "message__reference"
    ):
        found.setdefault(delivery_id, []).append(Line(colour, subject, reference))
    return found


def _frozen(row: Delivery, lines: Sequence[Line], now: datetime) -> tuple[str, str]:
    """The words of a bundle, made when it is taken up for the first time."""
    return bundle_words(book(now), Bundle(row.bundle), lines, language=row.language, channel=row.channel)


def _taken(row: Delivery, address: Address, lines: Sequence[Line]) -> Taken:
    references = [line.reference for line in in_order(lines)] if lines else [row.reference]
    parcel = Parcel(
        key=row.key,
        channel=ChannelName(row.channel),
        target=address.target,
        secret=address.secret,
        subject=row.subject,
        body=row.body,
        colour=row.colour,
        urgent=row.urgent,
        language=row.language,
        bundle=Bundle(row.bundle),
        items=tuple(reference for reference in references if reference),
        created_at=row.created_at,
    )
    return Taken(row.pk, address.pk, row.attempts, parcel)


def settle(settlements: Iterable[Settlement], *, now: datetime) -> int:
    """Write down what became of the attempts; how many were still this worker's. Dead addresses are switched off."""
    rows = list(settlements)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _SETTLE,
            [
                now,
                [row.taken.delivery_id for row in rows],
                [row.taken.attempt for row in rows],
                [row.state.value for row in rows],
                [row.error[:ERROR_LENGTH] for row in rows],
                [row.not_before for row in rows],
                [row.tried for row in rows],
            ],
        )
        written: int = cursor.rowcount
        for row in rows:
            if row.gone:
                Address.objects.filter(pk=row.taken.address_id, failed_at=None).update(
                    is_active=False, failed_at=now, failure=row.error[:200]
                )
    return written


def postpone(*, until: datetime, channel: ChannelName, address_id: int | None = None) -> None:
    """Spare an address, or the whole channel, until then: one probe tells as much as thousands."""
    waiting = Delivery.objects.filter(channel=channel, state=State.WAITING, not_before__lt=until)
    if address_id is not None:
        waiting = waiting.filter(address_id=address_id)
    waiting.update(not_before=until)
