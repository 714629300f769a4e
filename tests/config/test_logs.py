"""The log is one readable line for each event and holds no personal data."""

import io
import logging
import logging.config
from collections.abc import Iterator

import pytest
import structlog

from config.logs import logging_settings


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The handler of the settings, writing into memory under a logger of its own."""
    stream = io.StringIO()
    settings = logging_settings(level="INFO")
    settings["handlers"]["stderr"]["stream"] = stream
    settings["loggers"] = {"trial": {"handlers": ["stderr"], "level": "INFO", "propagate": False}}
    del settings["root"]
    logging.config.dictConfig(settings)
    yield stream
    logging.getLogger("trial").handlers.clear()


def test_one_line_with_names_and_values(log: io.StringIO) -> None:
    structlog.get_logger("trial").info("swept", alerts=12)
    (line,) = log.getvalue().splitlines()
    assert line.split()[1:] == ["[info", "]", "swept", "[trial]", "alerts=12"]


def test_plain_logging_takes_the_same_way(log: io.StringIO) -> None:
    logging.getLogger("trial").warning("late by %d s", 3)
    assert "late by 3 s" in log.getvalue()


def test_fields_about_people_are_struck_out(log: io.StringIO) -> None:
    structlog.get_logger("trial").info("called", phone="13800000000", full_name="张三", case_id=7)
    assert "13800000000" not in log.getvalue()
    assert "张三" not in log.getvalue()
    assert "case_id=7" in log.getvalue()


def test_the_row_that_postgresql_quotes_is_left_out(log: io.StringIO) -> None:
    message = "duplicate key value violates unique constraint\nDETAIL:  Key (phone)=(13800000000) already exists."
    logging.getLogger("trial").error("failed", exc_info=ValueError(message))
    assert "duplicate key" in log.getvalue()
    assert "13800000000" not in log.getvalue()
