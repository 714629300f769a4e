"""Steps aside from the main path for `tests.stories.Story`: the real actions, by the people who usually take them."""

from datetime import date, datetime, timedelta
from typing import Any

from cases.models import Alert, SupervisionOrder
from cases.terms import Status
from cases.workflow import Action
from grids.models import Department
from grids.roles import Role
from tests.builders import MONDAY, County, add_post, add_user
from tests.stories import Story, story_in


def in_hand(county: County, *, assistants: list[Department] | None = None, **changes: Any) -> Story:
    """Water leads and has reported in, five minutes after Monday 09:00."""
    return story_in(county, Status.HANDLING, assistants=assistants or [], **changes)


def called(county: County, *, assistants: list[Department] | None = None, **changes: Any) -> Story:
    """Water was called and has not reported in."""
    return story_in(county, Status.DISPATCHED, assistants=assistants or [], **changes)


def object_to(story: Story, department: Department, by: str | None = None) -> None:
    story.act(
        Action.OBJECT,
        by or story.county.handler_of(department).username,
        assignment=story.part(department).pk,
        reason="other_lead",
        basis="三定方案",
    )


def decide_objection(
    story: Story, department: Department, *, new: Department | None = None, by: str = "center"
) -> None:
    """Upheld when a new department is named."""
    named: dict[str, Any] = {"department": new.code} if new else {}
    story.act(
        Action.DECIDE_OBJECTION,
        by,
        assignment=story.part(department).pk,
        upheld=new is not None,
        comment="裁定",
        **named,
    )


def suspend(story: Story, until: date, *, by: str = "center") -> None:
    story.act(Action.SUSPEND, by, reason="awaiting_material", until=until.isoformat())


def extend(story: Story, amount: int = 3, *, by: str = "center", granted: bool = True) -> None:
    """Asked for by water and decided a minute later."""
    story.act(Action.REQUEST_EXTENSION, "handler", amount=amount, reason="管件未到")
    story.wait(minutes=1)
    story.act(Action.DECIDE_EXTENSION, by, granted=granted, comment="知道了")


def order_of(story: Story, department: Department) -> SupervisionOrder:
    return SupervisionOrder.objects.get(case_id=story.case_id, department=department, signed_off_at=None)


def supervise(story: Story, department: Department, **inputs: Any) -> SupervisionOrder:
    given = {"department": department.code, "card": "listed", "demand": "三日内办结"}
    story.act(Action.SUPERVISE, "inspector", **(given | inputs))
    return order_of(story, department)


def head_of(county: County, department: Department) -> str:
    """A user with the post of that department's head, made when there is none yet."""
    if department == county.water:
        return "depthead"
    name = f"{department.code}-head"
    if name not in county.users:
        county.users[name] = add_user(name)
        add_post(county.users[name], Role.DEPARTMENT_HEAD, department)
    return name


def alert_of(story: Story, department: Department, colour: int) -> Alert:
    return Alert.objects.filter(case_id=story.case_id, charged=department, colour=colour).latest("pk")


def on(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in March 2026: day 2 is the Monday on which stories begin."""
    return MONDAY.replace(day=day, hour=hour, minute=minute)


MINUTE = timedelta(minutes=1)
