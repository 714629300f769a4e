"""What the policy says of channels: which must, may and may not carry which colour."""

from collections.abc import Mapping

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import connection, transaction

from notifications.models import Demand
from notifications.states import ChannelName, DemandKind
from notifications.use import channels_in_use

Cell = tuple[int, ChannelName]
Demands = Mapping[Cell, DemandKind]


class Overtaken(Exception):
    """Nothing was changed: others changed these cells meanwhile, and this is what they hold now."""

    def __init__(self, now: Demands) -> None:
        super().__init__(f"{len(now)} cells")
        self.now = now


def demands_now() -> dict[Cell, DemandKind]:
    """By colour and channel; what is not in it is never carried."""
    rows = Demand.objects.values_list("colour", "channel", "demand")
    return {(colour, ChannelName(channel)): DemandKind(demand) for colour, channel, demand in rows}


@transaction.atomic
def demand(demands: Demands, *, seen: Demands, by_id: int) -> None:
    """These demands from now on; what is not named stays as it is.

    `seen`: the table that the editor looked at. Errors: Overtaken for a cell that somebody else has changed since.
    """
    _one_at_a_time()
    now = demands_now()
    changed = {cell: kind for cell, kind in demands.items() if kind != now.get(cell, DemandKind.NEVER)}
    held = {cell: now.get(cell, DemandKind.NEVER) for cell in changed}
    if lost := {cell: kind for cell, kind in held.items() if kind != seen.get(cell)}:
        raise Overtaken(lost)
    rows = Demand.objects.bulk_create(
        [Demand(colour=colour, channel=channel, demand=kind) for (colour, channel), kind in changed.items()],
        update_conflicts=True,
        unique_fields=["colour", "channel"],
        update_fields=["demand"],
    )
    LogEntry.objects.log_actions(by_id, rows, CHANGE, change_message="demand")


def _one_at_a_time() -> None:
    """Of those who change the table; whoever reads it waits for nobody. A cell without a row has none to lock."""
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {Demand._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")  # noqa: SLF001


def required_channels() -> list[ChannelName]:
    """Channels in use that some colour requires: everybody needs an address there."""
    required = set(Demand.objects.filter(demand=DemandKind.REQUIRED).values_list("channel", flat=True))
    return [channel for channel in channels_in_use() if channel in required]
