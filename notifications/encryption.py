"""Texts that are encrypted before they reach the database (domain.md, "Privacy").

It stands in this room because it is the lowest one that keeps secrets: addresses here, petitioners in `cases`.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField  # generic in its stubs only


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    """Writes with the newest of `FIELD_KEYS`, reads with any."""
    return _cipher(tuple(settings.FIELD_KEYS))


class EncryptedTextField(_TextField):
    """A text that the database only ever sees encrypted. The empty text stays empty: it says nothing."""

    def get_prep_value(self, value: Any) -> str | None:
        text = super().get_prep_value(value)
        return cipher().encrypt(text.encode()).decode() if text else text

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> str | None:
        return cipher().decrypt(value.encode()).decode() if value else value
