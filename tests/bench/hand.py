"""`python -m tests.bench.hand sweep|plain UNTIL COUNT`: one worker of the bench; it begins when a line comes in.

`sweep` is the service's own sweep at that time; `plain` only claims and moves on COUNT rows as any engine must.
"""

import json
import os
import sys
import time
from datetime import datetime
from pathlib import Path

BATCH = 200  # rows of a plain claim; the sweep finds its own size
MOST = 500  # clocks in one transaction: the service's own default
SETTLED = 20  # batches after which a worker's memory is what it is
PAGE_KB = 4

#: The least that any engine has to do: find the due rows under a lock and move them on.
PLAIN_CLAIM = """
WITH due AS (
    SELECT id FROM cases_clock WHERE next_moment <= %s
    ORDER BY next_moment LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE cases_clock clock SET colour = LEAST(colour + 1, 3),
    next_moment = CASE WHEN clock.next_moment < yellow_at THEN yellow_at
                       WHEN clock.next_moment < red_at THEN red_at END
FROM due WHERE clock.id = due.id
"""


def main() -> None:
    import django
    from django.db import connection

    django.setup()
    way, until, count = sys.argv[1], datetime.fromisoformat(sys.argv[2]), int(sys.argv[3])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (server_pid,) = cursor.fetchone()
    own, server = time.process_time(), processor_seconds(server_pid)
    print("ready", flush=True)  # noqa: T201 — the bench waits for it
    sys.stdin.readline()
    done = _sweep(until) if way == "sweep" else _plain(until, count)
    done |= {"own_cpu": time.process_time() - own, "server_cpu": processor_seconds(server_pid) - server}
    print(json.dumps(done), flush=True)  # noqa: T201


def _sweep(until: datetime) -> dict[str, object]:
    from cases.escalation import Report, sweep

    seconds: list[float] = []
    settled = memory_kb()

    def batch_took(_report: Report, took: float) -> None:
        nonlocal settled
        seconds.append(took)
        if len(seconds) == SETTLED:
            settled = memory_kb()

    setattr(Report, "batch_took", batch_took)  # noqa: B010 — every batch by itself, which a report only sums up
    report = sweep(now=until, size=MOST)
    return {
        "rows": report.clocks,
        "alerts": report.alerts,
        "held": report.held + report.busy,
        "batches": seconds,
        "settled_kb": settled,
        "end_kb": memory_kb(),
    }


def _plain(until: datetime, count: int) -> dict[str, object]:
    from django.db import connection, transaction

    moved, seconds = 0, []
    while moved < count:
        began = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(PLAIN_CLAIM, [until, BATCH])
            found = cursor.rowcount
        seconds.append(time.perf_counter() - began)
        moved += found
        if not found:
            break
    return {"rows": moved, "batches": seconds}


def processor_seconds(pid: int) -> float:
    """What a process has used of the processors: the database's one is on the same machine."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_kb() -> int:
    """What of this process lies in memory now."""
    resident = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(resident) * PAGE_KB


if __name__ == "__main__":
    main()
