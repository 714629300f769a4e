"""A figure as it is written: one JSON line beside its baseline of the same run."""

import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`ratio` is value / baseline; of times the smaller is the better, of rates the larger."""

    name: str
    value: float
    unit: str
    baseline: float

    @property
    def ratio(self) -> float:
        return self.value / self.baseline if self.baseline else 0.0

    def line(self) -> str:
        return json.dumps(
            {
                "name": self.name,
                "value": round(self.value, 3),
                "unit": self.unit,
                "baseline": round(self.baseline, 3),
                "ratio": round(self.ratio, 3),
            }
        )


def say(text: str) -> None:
    """What a person wants to know beside the figures; standard output holds nothing but JSON lines."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def show(figure: Figure) -> None:
    print(figure.line(), flush=True)  # noqa: T201


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of all is not above."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def spread(values: Sequence[float]) -> str:
    """All rounds at a glance."""
    return (
        f"best {max(values):,.1f}, median {statistics.median(values):,.1f}, worst {min(values):,.1f} "
        f"of {len(values)} rounds"
    )
