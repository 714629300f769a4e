"""`make bench`: figures as JSON lines on standard output, what a person wants to know beside them on standard error."""

import argparse
import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.bench.figures import say, show
from tests.bench.house import house

if TYPE_CHECKING:
    from tests.bench.load import Load

SMALL = 10_000
GROUPS = ("sweep", "watch", "api", "outbox", "time", "storm", "files", "growth", "lists", "pages")
#: Each fills the tables in its own way: growth with a million closed cases, lists and pages with a hundred thousand.
ALONE = ("growth", "lists", "pages")


def main() -> None:
    options = _options()
    say(_conditions())
    with house():
        _measure(options, now=datetime.now(UTC))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "groups", nargs="*", type=_group, help=f"of {', '.join(GROUPS)}; without it all but growth, lists and pages"
    )
    parser.add_argument("--clocks", type=int, default=1_000_000, help="running clocks (default: %(default)s)")
    parser.add_argument("--due", type=int, default=100_000, help="clocks due at once (default: %(default)s)")
    parser.add_argument("--red", type=int, default=100_000, help="clocks red for long (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=2, help="sweeps of so many clocks (default: %(default)s)")
    parser.add_argument("--turns", type=int, default=10, help="turns of each endpoint (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of one turn (default: %(default)s)")
    parser.add_argument(
        "--outbox", type=int, default=1_000_000, help="deliveries while watching (default: %(default)s)"
    )
    parser.add_argument("--cases", type=int, default=1_000_000, help="cases of growth (default: %(default)s)")
    parser.add_argument(
        "--listed", type=int, default=100_000, help="cases of lists and of pages (default: %(default)s)"
    )
    parser.add_argument("--phones", type=int, default=500, help="phones of the storm (default: %(default)s)")
    parser.add_argument("--messages", type=int, default=50_000, help="to be delivered (default: %(default)s)")
    return parser.parse_args()


def _group(name: str) -> str:
    if name not in GROUPS:
        msg = f"{name!r} is none of {', '.join(GROUPS)}"
        raise argparse.ArgumentTypeError(msg)
    return name


def _measure(options: argparse.Namespace, *, now: datetime) -> None:
    """The service is only there once the house has set Django up."""
    from tests.bench.county import make_county, vacuum
    from tests.bench.load import Load
    from tests.bench.sweeps import check_chains, idle

    groups = set(options.groups) or set(GROUPS) - set(ALONE)
    load = Load(make_county(now=now), now)
    for name, measure_alone in (("growth", _measure_growth), ("lists", _measure_lists), ("pages", _measure_pages)):
        if groups == {name}:
            measure_alone(load, options)
            return
    load.add(SMALL)
    vacuum()
    if "sweep" in groups:
        show(idle("sweep_idle_10k", now=now))
    if groups != {"time"}:
        _fill(load, options)
        for name, measure in _MEASURES.items():
            if name in groups:
                measure(load, options)
        check_chains()
    if "time" in groups:
        _measure_time()


def _fill(load: "Load", options: argparse.Namespace) -> None:
    from tests.bench.county import vacuum

    began = time.perf_counter()
    load.add(options.clocks - SMALL, windows=2 * options.rounds + 1, per_window=options.due)
    vacuum()
    say(f"loaded {options.clocks} running clocks in {time.perf_counter() - began:.0f} s")


def _measure_sweep(load: "Load", options: argparse.Namespace) -> None:
    from tests.bench import sweeps, under_sweep
    from tests.bench.county import vacuum

    show(sweeps.idle("sweep_idle", now=load.now))
    load.add(options.red, red=options.red)
    vacuum()
    show(sweeps.idle("sweep_idle_red", now=load.now))
    for figure in sweeps.due(load, rounds=options.rounds, per_window=options.due):
        show(figure)
    show(under_sweep.intake(load, window=2 * options.rounds, per_window=options.due))
    vacuum()


def _measure_api(load: "Load", options: argparse.Namespace) -> None:
    from tests.bench import endpoints

    for figure in endpoints.measure(load.county, rounds=options.turns, seconds=options.seconds):
        show(figure)


def _measure_outbox(load: "Load", options: argparse.Namespace) -> None:
    from tests.bench import outbox

    show(outbox.delivery(options.messages, now=load.now))


def _measure_watching(load: "Load", options: argparse.Namespace) -> None:
    from tests.bench import watching

    for figure in (*watching.scrapes(options.outbox, now=load.now), *watching.reconcile(now=load.now)):
        show(figure)


def _measure_growth(load: "Load", options: argparse.Namespace) -> None:
    from tests.bench import growth
    from tests.bench.sweeps import check_chains

    for figure in growth.measure(load, cases=options.cases, rounds=options.rounds):
        show(figure)
    check_chains()


def _measure_files(load: "Load", _options: argparse.Namespace) -> None:
    from tests.bench import files

    for figure in files.export(load):
        show(figure)


def _measure_lists(load: "Load", options: argparse.Namespace) -> None:
    from tests.bench import lists

    for figure in lists.measure(load, cases=options.listed):
        show(figure)


def _measure_pages(load: "Load", options: argparse.Namespace) -> None:
    from tests.bench import lists, pages

    lists.fill(load, options.listed)
    for figure in pages.measure(load, pages.officers(load)):
        show(figure)


def _measure_storm(load: "Load", options: argparse.Namespace) -> None:
    from tests.bench import storm

    show(storm.sync(load.county, phones=options.phones))


#: In this order: the sweep leaves alerts behind that are walked over; the outbox decides on every message.
_MEASURES = {
    "sweep": _measure_sweep,
    "watch": _measure_watching,
    "api": _measure_api,
    "storm": _measure_storm,
    "files": _measure_files,
    "outbox": _measure_outbox,
}


def _measure_time() -> None:
    """Last: it fills the tables with cases that have no journal."""
    from tests.bench import times

    for figure in times.measure():
        show(figure)


def _conditions() -> str:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{os.cpu_count()} cores, load averages {load} before the run; one run, durable PostgreSQL (fsync on)"


if __name__ == "__main__":
    main()
