"""What the worker makes of an errand, and what lies in the folder of its files (the fixture `working`)."""

from pathlib import Path
from typing import Any

from cases import tasks
from cases.models import Errand


def kept_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def sent(response: Any) -> str:
    """The words of a csv that was sent, without the mark at its start."""
    assert response.status_code == 200, response
    return b"".join(response.streaming_content).decode("utf-8-sig")


def worked() -> Errand:
    """The newest errand after a tick of the worker."""
    tasks.errands()
    return Errand.objects.latest("id")
