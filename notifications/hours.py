"""When news may go out: quiet hours, and the times of day at which blue news is gathered. Pure: no Django."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """Times of day in Asia/Shanghai. Quiet from 22:00 until 07:00 passes midnight; equal times mean never quiet."""

    quiet_from: time
    quiet_until: time
    digests: tuple[time, ...]

    def first_chance(self, now: datetime) -> datetime:
        """`now`, or the end of the quiet hours that it falls into."""
        local = now.astimezone(ZONE)
        if not self._is_quiet(local.time()):
            return now
        end = local.replace(hour=self.quiet_until.hour, minute=self.quiet_until.minute, second=0, microsecond=0)
        return end if end > local else end + _DAY

    def next_digest(self, now: datetime) -> datetime:
        """The first gathering later than `now`; without any, the first chance."""
        local = now.astimezone(ZONE)
        chances = [
            (local + days).replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
            for days in (timedelta(0), _DAY)
            for at in self.digests
        ]
        return min((chance for chance in chances if chance > local), default=self.first_chance(now))

    def _is_quiet(self, at: time) -> bool:
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= at < self.quiet_until
        return at >= self.quiet_from or at < self.quiet_until


def hours(quiet_from: time, quiet_until: time, digests: Sequence[time]) -> Hours:
    return Hours(quiet_from, quiet_until, tuple(sorted(digests)))
