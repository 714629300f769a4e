"""Walking a state machine for some weeks from a seed."""

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test


def walk(machine: type[RuleBasedStateMachine], number: int, *, weeks: int, steps: int, shrink: bool) -> None:
    """`weeks` examples of at most `steps` steps each. `shrink`: look for the shortest history that fails."""
    run_state_machine_as_test(
        seed(number)(machine),
        settings=settings(
            max_examples=weeks,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
