"""Why a message was not delivered, in the reader's language."""

import pytest
from django.utils.translation import override

from notifications import failures
from notifications.failures import KINDS, Failure, told


def test_every_kind_is_told() -> None:
    assert {kind for kind in vars(failures).values() if isinstance(kind, Failure)} == set(KINDS)
    assert len({kind.words for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.words)
def test_a_kind_is_kept_in_one_language_and_told_in_that_of_the_reader(kind: Failure) -> None:
    kept = kind.of("503")
    with override("en"):
        assert told(kept) == kept
    with override("zh-hans"):
        words = told(kept)
    assert not any(letter.isascii() and letter.isalpha() for letter in words.replace("Webhook", "")), words
    assert ("503" in words) is ("503" in kept)


@pytest.mark.parametrize("kept", ["", "answered", "550 5.1.1 no such user", "a defect: of another kind"])
def test_what_is_no_kind_stays_as_it_was_said(kept: str) -> None:
    with override("zh-hans"):
        assert told(kept) == kept
