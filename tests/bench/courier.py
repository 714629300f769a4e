"""`python -m tests.bench.courier deliver|bare PORT COUNT`: one courier of the bench; it begins when a line comes in.

`deliver` empties the outbox as the service does; `bare` only signs and sends COUNT texts over the same channel.
"""

import json
import resource
import sys
from datetime import UTC, datetime
from typing import Any

SIZE = 200


def main() -> None:
    import django

    django.setup()
    way, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    print("ready", flush=True)  # noqa: T201 — the bench waits for it
    sys.stdin.readline()
    sent = _deliver() if way == "deliver" else _bare(port, count)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"sent": sent, "peak_kb": peak}), flush=True)  # noqa: T201


def _deliver() -> int:
    from notifications.delivery import deliver
    from notifications.states import ChannelName

    return deliver(ChannelName.WEBHOOK, clock=_now, size=SIZE, seconds=600).sent


def _bare(port: int, count: int) -> int:
    """In as many lanes as the channel has: each with its own connection, nothing but the sending itself."""
    from concurrent.futures import ThreadPoolExecutor

    from notifications.channels.webhook import WebhookChannel

    channel = WebhookChannel()
    with ThreadPoolExecutor(channel.lanes) as pool:
        return sum(pool.map(lambda _: _send_many(channel, port, count // channel.lanes), range(channel.lanes)))


def _send_many(channel: Any, port: int, count: int) -> int:
    from notifications.channels.webhook import new_secret
    from notifications.parcels import Parcel
    from notifications.states import Bundle, ChannelName

    url, secret = f"http://127.0.0.1:{port}/", new_secret()
    with channel.open(timeout=10) as sender:
        for number in range(count):
            parcel = Parcel(
                key=str(number),
                channel=ChannelName.WEBHOOK,
                target=url,
                secret=secret,
                subject="红色警示 · 350924-2026-0000001 · 办理",
                body="水利局：应于 2026-11-22 17:30 办结，已超期。",
                colour=3,
                urgent=True,
                language="zh-hans",
                bundle=Bundle.SINGLE,
                items=("350924-2026-0000001",),
                created_at=_now(),
            )
            sender.send(parcel, now=_now())
    return count


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
