"""`make messages`: the Chinese catalogue follows the code.

Everything marked for translation in the rooms goes into config/locale, with what the packages around us left without
Chinese (unfold has no catalogues at all). Translations that exist are kept, what nobody says any more goes, and the
.mo is compiled beside it. No gettext programs are needed. What is still without Chinese is listed; exit code 1 then.
"""

import io
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import polib
from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "config" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
ROOMS = ("config", "cases", "grids", "notifications", "seeds")
#: Packages whose words our pages show and who bring no Chinese.
BORROWED = ("unfold", "axes", "knox")
#: Parts of unfold that are not installed here.
UNUSED = (
    "contrib/constance",
    "contrib/guardian",
    "contrib/import_export",
    "contrib/location_field",
    "contrib/simple_history",
    "unfold_crispy",
)
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
HEADER = {
    "Project-Id-Version": "whistle",
    "Language": "zh_Hans",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}


class Said(NamedTuple):
    """One text of the code: what gettext looks it up by."""

    context: str | None
    msgid: str
    plural: str | None


def said_here() -> dict[Said, set[str]]:
    """Every text that our own code and templates mark, with the files that say it."""
    found: dict[Said, set[str]] = defaultdict(set)
    for room in ROOMS:
        for file in sources(ROOT / room):
            for said in texts_of(file):
                found[said].add(str(file.relative_to(ROOT)))
    return found


def said_around() -> dict[Said, set[str]]:
    """What the borrowed packages say and Django's own catalogues do not know in Chinese."""
    found: dict[Said, set[str]] = defaultdict(set)
    for package in BORROWED:
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        for file in sources(Path(spec.origin).parent):
            if not any(part in file.as_posix() for part in UNUSED):
                for said in texts_of(file):
                    if (said.context, said.msgid) not in django_knows():
                        found[said].add(package)
    return found


def sources(folder: Path) -> Iterator[Path]:
    for pattern in ("*.py", "*.html", "*.txt"):
        yield from sorted(folder.rglob(pattern))


def texts_of(file: Path) -> Iterator[Said]:
    source = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        # What is left of a template is calls between blanks; its indentation would not be Python.
        source = "\n".join(line.strip() for line in templatize(source).split("\n"))
    calls: Any = extract_python(io.BytesIO(source.encode()), KEYWORDS, (), {"encoding": "utf-8"})
    for _line, function, words, _comments in calls:
        said = _said(function or "", words)
        if said is not None and said.msgid:
            yield said


def _said(function: str, words: str | tuple[str | None, ...]) -> Said | None:
    parts = (words,) if isinstance(words, str) else words
    wanted = KEYWORDS.get(function)
    context = parts[0] if wanted and isinstance(wanted[0], tuple) else None
    texts = parts[1:] if context is not None else parts
    plural = texts[1] if wanted and function[0] == "n" and len(texts) > 1 else None
    return Said(context, texts[0], plural) if texts and texts[0] else None


@lru_cache(maxsize=1)
def django_knows() -> frozenset[tuple[str | None, str]]:
    spec = find_spec("django")
    assert spec is not None
    assert spec.origin is not None
    catalogues = Path(spec.origin).parent.rglob("locale/zh_Hans/LC_MESSAGES/django.mo")
    return frozenset((entry.msgctxt, entry.msgid) for file in catalogues for entry in polib.mofile(str(file)))


def wanted() -> dict[Said, set[str]]:
    found = said_around()
    for said, files in said_here().items():
        found[said] = files
    return found


def renewed(old: polib.POFile) -> polib.POFile:
    """The catalogue as the code wants it now, with the translations that it had."""
    known: dict[tuple[str | None, str], polib.POEntry] = {(entry.msgctxt, entry.msgid): entry for entry in old}
    new = polib.POFile(wrapwidth=110)
    new.metadata = HEADER
    for said, files in sorted(wanted().items(), key=lambda item: (item[0].msgid, item[0].context or "")):
        before = known.get((said.context, said.msgid))
        entry = polib.POEntry(
            msgctxt=said.context, msgid=said.msgid, occurrences=[(file, "") for file in sorted(files)]
        )
        if said.plural is not None:
            entry.msgid_plural = said.plural
            entry.msgstr_plural = {0: _kept(before)}
        else:
            entry.msgstr = _kept(before)
        new.append(entry)
    return new


def _kept(before: polib.POEntry | None) -> str:
    if before is None:
        return ""
    return before.msgstr or before.msgstr_plural.get(0, "")


def main() -> int:
    old = polib.pofile(str(CATALOGUE)) if CATALOGUE.exists() else polib.POFile()
    new = renewed(old)
    new.save(str(CATALOGUE))
    new.save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
    missing = new.untranslated_entries()
    for entry in missing:
        sys.stdout.write(f"not translated: {entry.msgid!r}\n")
    sys.stdout.write(f"{len(new)} texts, {len(missing)} without Chinese\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
