"""Looking for cases by what was written: Chinese has no spaces, so two characters are a word already.

An index of bigrams (migration `search`) finds texts that hold a term's pairs of characters, and a look at the text
makes sure that they stand in a row. Trigrams, which PostgreSQL brings along, begin at three characters.
"""

import re
import unicodedata
from typing import Final

from django.db.models import BooleanField, Func, Q, Value
from django.db.models.functions import Reverse, StrIndex, Upper
from django.db.models.lookups import GreaterThan

from cases.literals import Literally
from cases.models.case import CaseQuerySet, bigrams, matter_text
from cases.people import cases_of
from grids.actors import Actor

__all__ = ["search"]

_NUMBER: Final = re.compile(r"[\d-]+", re.ASCII)
#: A whole number with something else, or nothing, between its parts.
_WHOLE: Final = re.compile(r"(\d{6})[\s-]*(\d{4})[\s-]*(\d{7})", re.ASCII)


def search(cases: CaseQuerySet, text: str, *, actor: Actor | None = None) -> CaseQuerySet:
    """Cases that hold every term of the text, in any case of letters: in title or description, or at the beginning or
    the end of the number.

    With the `actor` who searches, a whole phone number or name also finds its petitioner's cases, by a query of its own
    and by their keys: nothing is added where there are none, and the words keep their index.
    """
    found = Q()
    for term in _numbers_whole(text).split():
        found &= _holding(term)
    if actor is not None and (own := cases_of(text, cases, actor=actor)):
        found |= Q(pk__in=own)
    return cases.alias(matter=Upper(matter_text()), backwards=Reverse("number")).filter(found)


def _numbers_whole(text: str) -> str:
    """A case number as it is kept: copied from a paper or typed in full-width digits it may stand apart."""
    typed = _WHOLE.fullmatch(_narrow(text).strip())
    return "-".join(typed.groups()) if typed else text


def _narrow(text: str) -> str:
    """Full-width digits as those of numbers: ２０２６."""
    return unicodedata.normalize("NFKC", text)


def _holding(term: str) -> Q:
    # STRPOS and not LIKE: of LIKE PostgreSQL believes that next to nothing will be left, and then reads every case that
    # holds a frequent word instead of the first page of them.
    # The text first: beside keys or numbers both are asked in this order, and to take a text apart takes long.
    written = Q(GreaterThan(StrIndex("matter", Upper(Value(term))), 0), _Matches(bigrams(), _Pairs(term)))
    number = _narrow(term)
    if not _NUMBER.fullmatch(number):
        return written
    return written | Q(number__startswith=number) | Q(backwards__startswith=number[::-1])


class _Pairs(Func):
    """The pairs of characters of a term. How many cases hold them decides whether their index is worth asking."""

    function = "cases_bigram_query"

    def __init__(self, term: str) -> None:
        super().__init__(Literally(term))


class _Matches(Func):
    arg_joiner = " @@ "
    template = "(%(expressions)s)"
    output_field = BooleanField()
