"""Carrying what was taken up: outside of any transaction, each wait with a limit (house rules 2 and 10).

What a crash costs at each place: before the claim nothing; between the claim and the answer of the other side the
lease runs out and the text goes again under the same key; between the answer and the settling likewise, and the other
side knows the key. So every text arrives at least once, and at most once for each attempt that was acknowledged.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import random

from notifications.channels import carrier_of
from notifications.claiming import Settlement, Taken, claim, free_lapsed, postpone, settle
from notifications.failures import DEFECT
from notifications.models import ChannelTerms
from notifications.pace import pause_after
from notifications.parcels import Carrier, Permanent, Sender, Temporary, Undelivered
from notifications.states import ChannelName, State
from notifications.use import is_used

log = logging.getLogger(__name__)

#: Beyond the time that a batch may take at worst, for the two transactions around it.
MARGIN = timedelta(seconds=30)
#: How long a channel that is out of reach as a whole is left alone. No message dies of that, however long it lasts.
CHANNEL_PAUSE = timedelta(minutes=1)

Clock = Callable[[], datetime]


@dataclass(slots=True)
class Report:
    """What one run did. `failed` counts attempts that will be repeated, `lost` leases that another worker had."""

    sent: int = 0
    failed: int = 0
    dead: int = 0
    spared: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One parcel and how its channel answered; None: accepted. `tried`: False where a neighbour's failure spared it."""

    taken: Taken
    failure: Undelivered | None = None
    tried: bool = True


def deliver(channel: ChannelName, *, clock: Clock, size: int, seconds: float) -> Report:
    """Send what waits on this channel, `size` at a time, until nothing may go or `seconds` have passed.

    `clock` is the door's: a run lasts longer than one moment. A channel that is off or not configured keeps its queue.

    1. Free what dead workers held.
    2. Claim a batch; send it in the channel's lanes, every address in one lane, in order.
    3. Settle: sent, again after a pause, or dead. An address that failed is spared until its pause is over.
    """
    report, began = Report(), clock()
    terms = ChannelTerms.objects.filter(channel=channel).first()
    carrier = carrier_of(channel)
    if terms is None or not is_used(terms) or not carrier.is_configured():
        return report
    free_lapsed(now=began)
    lease = timedelta(seconds=terms.timeout * -(-size // carrier.lanes)) + MARGIN
    while clock() - began < timedelta(seconds=seconds):
        batch = claim(channel, now=clock(), size=size, lease=lease)
        if not batch:
            break
        attempts = _carry(carrier, batch, timeout=float(terms.timeout), clock=clock)
        _write_down(attempts, channel, most=terms.attempts, now=clock(), report=report)
    return report


def _carry(carrier: Carrier, batch: Sequence[Taken], *, timeout: float, clock: Clock) -> list[_Attempt]:
    """All lanes side by side. Threads touch no database."""
    lanes = _lanes(batch, carrier.lanes)
    if len(lanes) == 1:
        return _lane(carrier, lanes[0], timeout, clock)
    with ThreadPoolExecutor(len(lanes)) as pool:
        done = pool.map(lambda lane: _lane(carrier, lane, timeout, clock), lanes)
        return [attempt for lane in done for attempt in lane]


def _lanes(batch: Sequence[Taken], most: int) -> list[list[Taken]]:
    lanes: dict[int, list[Taken]] = defaultdict(list)
    for taken in batch:
        lanes[taken.address_id % most].append(taken)
    return list(lanes.values())


def _lane(carrier: Carrier, lane: Sequence[Taken], timeout: float, clock: Clock) -> list[_Attempt]:
    """One open channel for all of the lane; one that does not open fails its first and spares the others."""
    try:
        with carrier.open(timeout=timeout) as sender:
            return _send_all(sender, lane, clock)
    except Undelivered as failure:
        return [_Attempt(lane[0], failure), *(_Attempt(taken, failure, tried=False) for taken in lane[1:])]


def _send_all(sender: Sender, lane: Sequence[Taken], clock: Clock) -> list[_Attempt]:
    """In order. What failed for now is not asked again in this batch: neither that address nor, if need be, any."""
    done: list[_Attempt] = []
    spared: dict[int | None, Undelivered] = {}
    for taken in lane:
        known = spared.get(taken.address_id) or spared.get(None)
        if known is not None:
            done.append(_Attempt(taken, known, tried=False))
            continue
        failure = _send(sender, taken, clock)
        done.append(_Attempt(taken, failure))
        if isinstance(failure, Temporary):
            spared[None if failure.everybody else taken.address_id] = failure
        elif isinstance(failure, Permanent) and failure.gone:
            spared[taken.address_id] = failure
    return done


def _send(sender: Sender, taken: Taken, clock: Clock) -> Undelivered | None:
    try:
        sender.send(taken.parcel, now=clock())
    except Undelivered as failure:
        return failure
    except Exception as defect:
        # A defect of a channel must not stop the others' messages; it is said in the log and tried again.
        log.exception("the channel %s failed in an unforeseen way", taken.parcel.channel)
        return Temporary(DEFECT.of(type(defect).__name__))
    return None


def _write_down(
    attempts: Sequence[_Attempt], channel: ChannelName, *, most: int, now: datetime, report: Report
) -> None:
    settlements = [_settlement(attempt, most=most, now=now) for attempt in attempts]
    report.lost += len(settlements) - settle(settlements, now=now)
    for attempt, row in zip(attempts, settlements, strict=True):
        report.sent += row.state == State.SENT
        report.dead += row.state == State.DEAD
        report.spared += not attempt.tried
        report.failed += attempt.tried and row.state == State.WAITING
        if row.not_before is not None:
            everybody = isinstance(attempt.failure, Temporary) and attempt.failure.everybody
            postpone(until=row.not_before, channel=channel, address_id=None if everybody else row.taken.address_id)


def _settlement(attempt: _Attempt, *, most: int, now: datetime) -> Settlement:
    taken, failure = attempt.taken, attempt.failure
    if failure is None:
        return Settlement(taken, State.SENT)
    if not attempt.tried:
        return Settlement(taken, State.WAITING, str(failure), tried=False)
    if isinstance(failure, Temporary) and failure.everybody:
        return Settlement(taken, State.WAITING, str(failure), not_before=now + CHANNEL_PAUSE, tried=False)
    gone = isinstance(failure, Permanent) and failure.gone
    if isinstance(failure, Permanent) or taken.attempt >= most:
        return Settlement(taken, State.DEAD, str(failure), gone=gone)
    retry_after = failure.retry_after if isinstance(failure, Temporary) else None
    pause = pause_after(taken.attempt, luck=random(), retry_after=retry_after)  # noqa: S311 — spreads, guards nothing
    return Settlement(taken, State.WAITING, str(failure), not_before=now + pause)
