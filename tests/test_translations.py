"""The Chinese catalogue says everything that the code says, and nothing else."""

import re

import polib
import pytest
from django.utils import translation

from tests import messages

PLACES = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(messages.CATALOGUE))


def key(entry: polib.POEntry | polib.MOEntry) -> tuple[str | None, str]:
    return entry.msgctxt, entry.msgid


def test_the_catalogue_follows_the_code(catalogue: polib.POFile) -> None:
    """When this fails: `make messages`, then translate what it lists."""
    wanted = {(said.context, said.msgid) for said in messages.wanted()}
    assert {key(entry) for entry in catalogue} == wanted


def test_everything_has_its_chinese(catalogue: polib.POFile) -> None:
    assert [entry.msgid for entry in catalogue if not entry.translated() or entry.fuzzy] == []


def test_no_translation_loses_or_invents_a_place_holder(catalogue: polib.POFile) -> None:
    for entry in catalogue:
        chinese = entry.msgstr or entry.msgstr_plural[0]
        english = {*PLACES.findall(entry.msgid), *PLACES.findall(entry.msgid_plural or "")}
        assert set(PLACES.findall(chinese)) == english, entry.msgid


def test_the_compiled_catalogue_is_that_of_the_source(catalogue: polib.POFile) -> None:
    compiled = polib.mofile(str(messages.CATALOGUE.with_suffix(".mo")))
    assert {key(e): (e.msgstr, e.msgstr_plural) for e in compiled} == {
        key(e): (e.msgstr, e.msgstr_plural) for e in catalogue
    }


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("Blow the whistle", "吹哨"),
        ("Report in", "报到"),
        ("Answer", "反馈"),
        ("Verify", "核查"),
        ("Docket", "立项"),
        ("Blue notice", "蓝色提示"),
        ("Yellow warning", "黄色预警"),
        ("Red alert", "红色警示"),
        ("Close", "关闭"),
    ],
)
def test_the_words_of_the_loop(english: str, chinese: str) -> None:
    with translation.override("zh-hans"):
        assert translation.gettext(english) == chinese


def test_finds_what_templates_and_code_say() -> None:
    template = messages.ROOT / "cases" / "templates" / "cases" / "case_page.html"
    found = {said.msgid: said for said in messages.texts_of(template)}
    assert found["Next step"].context is None
    assert found["%(count)s earlier event is in the journal."].plural == (
        "%(count)s earlier events are in the journal."
    )
    code = messages.ROOT / "cases" / "admin" / "wording.py"
    assert messages.Said("colour", "Warning", None) in set(messages.texts_of(code))
