"""Carrying out what officers asked for (`cases.actions.errands`): one errand at a time, told as it goes on."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import override

from cases.actions import errands
from cases.actions.errands import Overtaken
from cases.actions.exporting import noted
from cases.bringing import FORMS, Tally, fates, heads_of, is_rehearsal, opened, result_lines
from cases.errors import CaseError
from cases.exporting import Sheet
from cases.models import Errand
from cases.sheet_files import SheetError
from cases.table_files import WRITERS, XLSX
from cases.terms import ErrandKind, ErrandState
from grids.actors import Actor, actor_for

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
Sheets = Callable[[Errand, Actor, datetime], Sheet]
#: How often the row hears how far it is.
_TOLD_EVERY: Final = timedelta(seconds=1)
#: Of the first columns of a result: outcome, number, explanation, row.
_RESULT_WIDTHS: Final = (14, 23, 44, 8)


def carry_out(errand: Errand, clock: Clock, sheet_of: Sheets) -> None:
    """Do it in the language of whoever asked. What goes wrong is told on the errand; nothing is raised.

    `sheet_of` makes an export's lines: what lists show, their doors know, and whoever calls hands it in.
    """
    with override(errand.user.language):
        try:
            actor = actor_for(errand.user, now=clock())
            if errand.kind == ErrandKind.EXPORT:
                _export(errand, actor, clock, sheet_of)
            else:
                _bring(errand, actor, clock)
        except Overtaken:
            log.info("errand %s was taken back or begun anew while it was under way", errand.pk)
        except (CaseError, SheetError) as error:
            errands.fail(errand, str(error), now=clock())
        except Exception as error:  # whatever it is, the next errand must have its turn
            log.error("errand %s failed: %s", errand.pk, type(error).__name__)  # noqa: TRY400 — no words of a row
            errands.fail(
                errand, _("The service failed while it worked on this. Try again, or ask for help."), now=clock()
            )


def _export(errand: Errand, actor: Actor, clock: Clock, sheet_of: Sheets) -> None:
    if errand.note is None:  # never: the note is written with the errand
        return
    sheet = sheet_of(errand, actor, clock())
    told = noted(_told(sheet.lines, errand, clock), errand.note, clock)
    with TemporaryFile() as file:
        WRITERS[errand.options["format"]](told, file, sheet.name, sheet.widths)
        errand.note.refresh_from_db(fields=["rows"])
        rows = errand.note.rows
        posts = posts_of(actor)
        errands.finish(errand, file, now=clock(), state=ErrandState.DONE, done=rows, total=rows, posts=posts)


def _bring(errand: Errand, actor: Actor, clock: Clock) -> None:
    """Rehearse a list, or take it in: with the same words, and the same file of what became of each row."""
    now, tally = clock(), Tally(FORMS[ErrandKind(errand.kind)])
    with opened(errand) as path, TemporaryFile() as file:
        heads = heads_of(errand)
        lines = result_lines(fates(errand, path, actor, now=now), heads["headings"], tally)
        WRITERS[XLSX](_told(lines, errand, clock), file, _("Result"), _RESULT_WIDTHS)
        rows, state = tally.counts.total(), ErrandState.CHECKED if is_rehearsal(errand) else ErrandState.DONE
        told = {"done": rows, "total": rows, "counts": dict(tally.counts), "shown": tally.shown(heads)}
        if not rows:
            raise SheetError(_("There is no row below the headings."))
        errands.finish(errand, file, now=clock(), state=state, **told)
    if state is ErrandState.DONE:
        errands.drop_source(errand)


def _told(lines: Iterable[Any], errand: Errand, clock: Clock) -> Iterator[Any]:
    """The lines, telling on the way how many have gone."""
    next_at = clock()
    for count, line in enumerate(lines):
        if (now := clock()) >= next_at:
            errands.tell(errand, now=now, done=count)
            next_at = now + _TOLD_EVERY
        yield line


def posts_of(actor: Actor) -> list[list[Any]]:
    """The posts as a file remembers them."""
    return sorted([post.role.value, post.area_code or "", post.department_id or 0] for post in actor.posts)
