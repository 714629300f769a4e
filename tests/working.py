"""What the worker makes of an errand, and what lies in the folder of its files (the fixture `working`)."""

from pathlib import Path

from cases import tasks
from cases.models import Errand


def kept_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def worked() -> Errand:
    """The newest errand after a tick of the worker."""
    tasks.errands()
    return Errand.objects.latest("id")
