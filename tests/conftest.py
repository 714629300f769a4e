"""What every test may rely on; the servers of the run come from tests/plugin.py."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation
from whitenoise.middleware import WhiteNoiseMiddleware

from cases import phrasebook, reasons
from cases.admin.choices import LOADS
from cases.admin.desk.watch import MONTHS
from cases.categories import CATEGORIES
from grids import atlas, book
from grids.atlas import ATLAS
from grids.book import AREAS, DEPARTMENTS
from notifications import wordings
from tests.builders import County, build_county

JOURNAL_SWITCH = "SET LOCAL whistle.journal_maintenance = 'test reset'"


@pytest.fixture(autouse=True, scope="session")
def _flush_may_empty_the_journal() -> Iterator[None]:
    """Tests with real transactions are reset by TRUNCATE, which the journal refuses without its switch.

    Django runs the statements of a flush in one transaction, so the switch is off again behind it.
    """
    original = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, *args: Any, **kwargs: Any) -> list[str]:
        statements = original(self, *args, **kwargs)
        return [JOURNAL_SWITCH, *statements] if statements else []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield


@pytest.fixture(autouse=True, scope="session")
def _static_files_are_looked_for_once() -> Iterator[None]:
    """Every test client loads the middleware anew, which reads the folders of all applications: a fifth of a run."""
    found: dict[str, Any] = {}
    original = WhiteNoiseMiddleware.add_files_from_finders

    def add_files(self: WhiteNoiseMiddleware) -> None:
        if not found:
            original(self)
            found.update(self.files)
        self.files = found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add_files)
        yield


@pytest.fixture(autouse=True)
def _language_of_the_settings() -> Iterator[None]:
    """A request in another language leaves its thread in that language; the next test must not read it."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _books_of_this_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process keeps what it read of words and places for a while; those of another test are gone with its rows.

    The half minute never ends within a test: on a slow machine it did between a warm-up and the count of statements.
    """
    for module in (book, atlas, reasons, phrasebook):
        monkeypatch.setattr(module, "KEPT", 3600.0)
    kept = (wordings, reasons, phrasebook, AREAS, DEPARTMENTS, CATEGORIES, ATLAS, MONTHS, LOADS)
    for one in kept:
        one.forget()
    yield
    for one in kept:
        one.forget()


@pytest.fixture
def county(db: None) -> County:
    """The small county of tests/builders.py: areas, departments, a user for each role, policy and calendar."""
    return build_county()


@pytest.fixture
def working(tmp_path: Path, settings: Any) -> Path:
    """A folder of this test's own for the files of errands (cases/working_files.py)."""
    given = settings.STORAGES["working"]
    own = given | {"OPTIONS": given["OPTIONS"] | {"location": tmp_path / "working"}}
    settings.STORAGES = settings.STORAGES | {"working": own}
    return tmp_path / "working"
