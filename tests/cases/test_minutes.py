"""What is kept for a minute."""

from datetime import timedelta

from cases.minutes import KEPT, Minute
from tests.builders import MONDAY


def test_a_value_is_reckoned_once_a_minute_and_says_as_of_when() -> None:
    reckoned: list[int] = []

    def read() -> int:
        reckoned.append(len(reckoned))
        return len(reckoned)

    minute: Minute[str, int] = Minute()
    last = KEPT - timedelta(microseconds=1)
    told = [minute.of("a", now=MONDAY + after, read=read) for after in (timedelta(), last, KEPT, timedelta())]
    assert [one.value for one in told] == [1, 1, 2, 3]  # a clock that was set back is not believed
    assert [one.at - MONDAY for one in told] == [timedelta(), timedelta(), KEPT, timedelta()]
    assert minute.of("b", now=MONDAY, read=read).value == 4
    minute.forget()
    assert minute.of("b", now=MONDAY, read=read).value == 5
