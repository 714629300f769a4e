"""Values that stand in a statement itself, where the planner has to know them.

Statements are prepared (ADR 0020), and a prepared one is planned without its values. Where they decide which index is
worth asking, a value that stands in the text is known. Each value is then a statement of its own: for terms and
townships, of which there are few at a time, not for keys.
"""

from typing import Any

from django.db.models import Expression, TextField
from psycopg.sql import Literal


class Literally(Expression):
    """A text, quoted by psycopg."""

    output_field = TextField()

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return Literal(self.text).as_string(None).replace("%", "%%"), ()
