"""Whether a channel carries a colour to a person: the policy first, then the person. Pure: no Django."""

from notifications.states import DemandKind

RED = 3
#: The rows of every table of demands, worst first; 0 is ordinary news.
COLOURS = (RED, 2, 1, 0)


def is_fixed(demand: DemandKind, colour: int) -> bool:
    """Whether the person has no choice. Red is never switched off: where the policy has it on, it stays on."""
    return demand in {DemandKind.REQUIRED, DemandKind.NEVER} or (demand is DemandKind.ON and colour == RED)


def by_policy(demand: DemandKind) -> bool:
    """What holds for a person who chose nothing."""
    return demand in {DemandKind.REQUIRED, DemandKind.ON}


def wanted(demand: DemandKind, chosen: bool | None, *, colour: int) -> bool:
    """`chosen`: what the person said, None for nothing."""
    return by_policy(demand) if chosen is None or is_fixed(demand, colour) else chosen
