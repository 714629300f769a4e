"""How many clocks the sweep takes into one transaction. Pure.

A batch holds its cases until it is written: an officer who presses a button on one of them waits that long, and not
longer (architecture.md, "The engine"). So the size follows the time that batches take on this machine at this hour.
"""

from typing import Final

#: What an officer may have to wait, in seconds; batches aim at three quarters of it.
LONGEST: Final = 0.06
_AIM: Final = 0.75 * LONGEST

#: The first batch of a sweep, before anything was measured.
FIRST: Final = 100
#: Smaller ones would cost more in statements than in rows, on any machine.
LEAST: Final = 50


def first_size(*, most: int) -> int:
    return min(FIRST, most)


def next_size(size: int, seconds: float, *, most: int) -> int:
    """The size of the batch after a full one of `size` that took `seconds`; `most` is the operator's bound.

    It shrinks at once to what would have been fast enough, and grows to no more than the double.
    """
    fitting = int(size * _AIM / seconds) if seconds > 0 else most
    return max(min(fitting, 2 * size, most), min(LEAST, most))
