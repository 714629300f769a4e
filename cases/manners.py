"""The sweep beside people who work: one at a time, resting as long as it has worked (ADR 0019).

On a machine whose cores are shared, two sweeps at full speed make everybody's pages wait for a processor. While
somebody uses the service, and only then, a backlog may take a little longer instead.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings
from django.db import connection

from cases.batches import LEAST

#: Somebody who sent a request in this time is likely to send the next one.
PRESENT: Final = 1.0  # seconds

#: The key of the one seat, among PostgreSQL's advisory locks; "swee" in ASCII.
_SEAT_KEY: Final = 0x73776565

#: The web server's connections bear a name of their own. A CASE, for an OR promises no order: nobody takes the seat
#: who does not need one.
_SEAT = """
SELECT people, CASE WHEN people THEN pg_try_advisory_xact_lock(%(seat)s) ELSE true END
FROM (SELECT EXISTS (
    SELECT FROM pg_stat_get_activity(NULL)
    WHERE application_name = %(web)s AND state_change > clock_timestamp() - make_interval(secs => %(present)s)
) AS people) AS here
"""


@dataclass(slots=True)
class Manners:
    """What one sweep does about others. `unseated`: somebody works, and another sweep is at it already."""

    pause: Callable[[float], None] = time.sleep
    unseated: bool = False
    _people: bool = field(default=False, init=False)

    def take_seat(self) -> bool:
        """Whether this sweep may work on a batch in the transaction that it has begun."""
        web: str = settings.WEB_CONNECTIONS
        with connection.cursor() as cursor:
            cursor.execute(_SEAT, {"seat": _SEAT_KEY, "web": web, "present": PRESENT})
            self._people, seated = cursor.fetchone()
        self.unseated = not seated
        return bool(seated)

    def most(self, size: int) -> int:
        """How many clocks the next batch may hold: beside people few, so that each request meets little of one."""
        return min(LEAST, size) if self._people else size

    def rest(self, seconds: float) -> None:
        """After a batch that took so many seconds."""
        if self._people:
            self.pause(seconds)
