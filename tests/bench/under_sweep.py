"""What people feel while two workers sweep: matters that phones send in, at the pace at which they come."""

import time
from collections.abc import Callable

from tests.bench.client import latencies
from tests.bench.endpoints import intakes
from tests.bench.figures import Figure, quantile, say
from tests.bench.load import Load
from tests.bench.server import served
from tests.bench.sweeps import check, workers, written

EVERY = 0.1  # seconds between two matters: ten a second are more than a county sends
IDLE_SECONDS, WARM_UP_SECONDS = 20.0, 3.0
SEED = 77


def intake(load: Load, *, window: int, per_window: int) -> Figure:
    """The 95th percentile of `POST cases/` in milliseconds while the clocks of that window are swept.

    Baseline: the same in the same run while nothing is due.
    """
    until, calls = load.window_end(window), intakes(load.county, seed=SEED)
    with served() as port:
        latencies(port, calls, every=EVERY, ended=_after(WARM_UP_SECONDS))
        idle = latencies(port, calls, every=EVERY, ended=_after(IDLE_SECONDS))
        before = written()
        with workers("sweep", until, per_window) as crew:
            crew.start()
            busy = latencies(port, calls, every=EVERY, ended=lambda: not crew.running())
            race = crew.result()
    check(race, load, window, before, per_window)
    _tell("while nothing is due", idle)
    _tell("under the sweep", busy)
    return Figure("intake_under_sweep", 1000 * quantile(busy, 0.95), "ms", 1000 * quantile(idle, 0.95))


def _tell(when: str, taken: list[float]) -> None:
    p50, p95, p99 = (1000 * quantile(taken, share) for share in (0.5, 0.95, 0.99))
    say(f"intake {when}: p50 {p50:.1f}, p95 {p95:.1f}, p99 {p99:.1f}, longest {1000 * max(taken):.1f} ms")


def _after(seconds: float) -> Callable[[], bool]:
    end = time.perf_counter() + seconds
    return lambda: time.perf_counter() > end
