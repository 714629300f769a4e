"""The workflow table itself: complete, consistent, and shown as it is in docs/workflow.md."""

from itertools import product
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from cases import labels
from cases.actions.inputs import _CLEANERS
from cases.actions.perform import VERBS
from cases.diagram import generated, inserted, mermaid
from cases.terms import BEFORE_ANSWERED, ENDED, OPEN, CaseType, ClockKind, Status
from cases.workflow import (
    ALL_CASE_ACTIONS,
    CASE_ACTIONS,
    DOCKET_TYPES,
    PHASES,
    TABLE,
    Action,
    Subject,
    actions_in,
    allows,
    leads_to,
)
from grids.roles import CASELESS_ROLES, Role


def test_every_action_has_a_row_and_every_button_a_verb() -> None:
    assert set(TABLE) == set(Action)
    assert set(VERBS) == set(ALL_CASE_ACTIONS) == set(Action) - {Action.COLLECT, Action.CLOSE, Action.REVISE_RATING}
    assert set(ALL_CASE_ACTIONS) - set(CASE_ACTIONS) == {Action.CONCLUDE}, "for keepers of sealed cases"


def test_every_code_has_words() -> None:
    assert set(labels.ACTION) == set(Action)
    assert set(labels.STATUS) == set(PHASES) == set(Status)
    assert {field.name for rule in TABLE.values() for field in rule.fields} <= set(labels.FIELD)
    assert {field.kind for rule in TABLE.values() for field in rule.fields} <= set(_CLEANERS)


def test_open_and_ended_are_everything() -> None:
    assert set(Status) == OPEN | ENDED
    assert not OPEN & ENDED
    assert BEFORE_ANSWERED < OPEN


def test_nothing_leaves_an_ended_case() -> None:
    for action, status in product(CASE_ACTIONS, ENDED):
        assert leads_to(action, status) <= {status} or action is Action.REOPEN


def test_what_leads_somewhere_is_exactly_what_is_allowed() -> None:
    for action, status in product(Action, Status):
        assert bool(leads_to(action, status)) == allows(action, status)
        assert leads_to(action, status) <= TABLE[action].targets


def test_while_suspended_little_is_possible() -> None:
    """domain.md: only resume, withdraw, merge and supervision."""
    supervision = {Action.SUPERVISE, Action.ANSWER_SUPERVISION, Action.SIGN_OFF}
    possible = {Action.RESUME, Action.WITHDRAW, Action.MERGE} | supervision
    assert set(actions_in(Status.SUSPENDED, frozenset(Role))) == possible
    assert actions_in(Status.MERGED, frozenset(Role)) == ()


def test_caseless_roles_act_on_nothing() -> None:
    for rule in TABLE.values():
        assert not rule.roles & (CASELESS_ROLES | {Role.PETITION_OFFICER})
        assert not rule.sealed_roles & CASELESS_ROLES


def test_only_what_ends_a_case_stops_every_clock() -> None:
    for rule in TABLE.values():
        if rule.stops == frozenset(ClockKind):
            assert rule.targets & ENDED


def test_a_subject_is_named_by_a_required_field() -> None:
    for rule in TABLE.values():
        required = {field.name for field in rule.fields if field.required}
        assert rule.subject is Subject.CASE or rule.subject.value in required


def test_what_turns_out_to_be_an_accusation_can_be_said_so_when_docketing() -> None:
    assert set(DOCKET_TYPES) == set(CaseType)


def test_every_status_with_a_way_in_can_be_reached_from_the_beginning() -> None:
    reached, frontier = set(TABLE[Action.COLLECT].targets), set(TABLE[Action.COLLECT].targets)
    while frontier:
        frontier = {t for status in frontier for action in Action for t in leads_to(action, status)} - reached
        reached |= frontier
    assert reached == set(Status)


# The page


def test_the_diagram_shows_the_whole_loop() -> None:
    text = mermaid()
    for step in (
        "[*] --> collected: collect",
        "handling --> answered: finish, release_assistant",
        "rating --> handling: rate, close",
        "withdrawn --> [*]",
    ):
        assert f"    {step}\n" in f"{text}\n"
    assert "acknowledge" not in text
    assert "handling --> dispatched: reassign" in text


def test_the_page_is_as_fresh_as_the_table() -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "workflow.md").read_text(encoding="utf-8")
    assert inserted(page) == page, "run: python manage.py workflow_docs --write"
    assert generated() in page


def test_a_page_without_marks_is_not_overwritten() -> None:
    with pytest.raises(ValueError, match="marks"):
        inserted("# Something else")


def test_the_command_prints_what_the_page_holds(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("workflow_docs")
    assert capsys.readouterr().out == f"{generated()}\n"
