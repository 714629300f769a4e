"""Recomputes every chain of the journal: `manage.py verify_journal` (docs/journal.md)."""

import sys
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cases import journal
from cases.models import Case


class Command(BaseCommand):
    help = gettext_lazy(  # type: ignore[assignment]  # the stubs know no lazy help
        "Recomputes the chain of every case and names the first broken link of each broken one."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        cases = events = 0
        broken: set[str] = set()
        for links, found in _with_progress(shown=options["verbosity"] > 0):
            cases += 1
            events += links
            if found:
                self._name(found, broken)
        for found in journal.verify_texts():
            self._name(found, broken)
        # Read by scripts: the same in every language.
        self.stdout.write(f"{cases} cases, {events} events checked, {len(broken)} broken")
        if broken:
            sys.exit(1)

    def _name(self, found: journal.Break, broken: set[str]) -> None:
        """Only the first broken link of a case is named: what follows it proves nothing."""
        if found.number not in broken:
            broken.add(found.number)
            self.stdout.write(_sentence(found))


def _sentence(found: journal.Break) -> str:
    sentences = {
        "missing": _("%(number)s: event %(seq)d is missing"),
        "changed": _("%(number)s: event %(seq)d was changed"),
        "text": _("%(number)s: a text of event %(seq)d was changed"),
    }
    return sentences[found.why] % {"number": found.number, "seq": found.seq}


def _with_progress(*, shown: bool) -> Iterator[tuple[int, journal.Break | None]]:
    """The chains themselves, with a bar on standard error where a person looks at it."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not (shown and console.is_terminal)) as progress:
        yield from progress.track(journal.verify_all(), total=Case.objects.count(), description=_("Verifying"))
