"""The lock files answer to pyproject.toml."""

from packaging.version import Version

from tests.locks import all_disagreements, disagreements, locked


def test_the_lock_files_of_this_checkout_agree_with_pyproject() -> None:
    assert all_disagreements() == []


def test_pins_are_read_with_hashes_and_markers_around_them() -> None:
    text = "django==5.2.19 \\\n    --hash=sha256:ab\ncelery-redbeat==2.4.2 ; python_version < '4' \\\n"
    assert locked(text) == {"django": Version("5.2.19"), "celery-redbeat": Version("2.4.2")}


def test_missing_and_unfitting_pins_are_named() -> None:
    found = disagreements(["django~=5.2.19", "Celery_RedBeat~=2.4"], {"django": Version("5.1")}, file="lock")
    assert len(found) == 2
    assert "django 5.1" in found[0]
    assert "lacks Celery_RedBeat" in found[1]
