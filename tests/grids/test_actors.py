"""A person with the posts of that day: what they open and where they end (domain.md, "Roles")."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from grids.actors import SERVICE, ZONE, Actor, HeldPost, actor_for, day_of
from grids.models import Area, Department, Post
from grids.roles import AREA_CASE_ROLES, CASELESS_ROLES, DEPARTMENT_ROLES, Role
from tests.builders import MONDAY, County, add_post, add_user

TOWNSHIP, VILLAGE, GRID, OTHER = "350924100", "350924100001", "35092410000101", "350924101"


def of(*posts: HeldPost) -> Actor:
    return Actor(7, posts)


def test_the_service_holds_no_post() -> None:
    assert (SERVICE.user_id, SERVICE.roles, SERVICE.area_prefixes, SERVICE.department_ids) == (
        None,
        frozenset(),
        frozenset(),
        frozenset(),
    )


def test_an_area_holds_what_lies_inside_and_nothing_beside_it() -> None:
    post = HeldPost(Role.GRID_WORKER, area_code=VILLAGE)
    assert post.covers(VILLAGE)
    assert post.covers(GRID)
    assert not post.covers(TOWNSHIP)
    assert not post.covers(OTHER)
    assert not HeldPost(Role.DEPARTMENT_HANDLER, department_id=1).covers(GRID)


def test_an_inner_area_is_dropped_where_an_outer_one_is_held_too() -> None:
    actor = of(
        HeldPost(Role.GRID_WORKER, area_code=GRID),
        HeldPost(Role.TOWNSHIP_LEADER, area_code=TOWNSHIP),
        HeldPost(Role.GRID_WORKER, area_code=OTHER),
    )
    assert actor.area_prefixes == {TOWNSHIP, OTHER}


def test_only_roles_that_follow_cases_open_an_area() -> None:
    for role in set(Role) - DEPARTMENT_ROLES:
        opened = of(HeldPost(role, area_code=TOWNSHIP)).area_prefixes
        assert opened == ({TOWNSHIP} if role in AREA_CASE_ROLES else frozenset()), role
    assert not AREA_CASE_ROLES & (CASELESS_ROLES | DEPARTMENT_ROLES)


def test_roles_count_where_they_are_held() -> None:
    actor = of(HeldPost(Role.GRID_WORKER, area_code=VILLAGE), HeldPost(Role.DEPARTMENT_HANDLER, department_id=3))
    assert actor.roles_in_area(GRID) == {Role.GRID_WORKER}
    assert actor.roles_in_area(OTHER) == frozenset()
    assert actor.roles_in_department(3) == {Role.DEPARTMENT_HANDLER}
    assert actor.roles_in_department(4) == actor.roles_in_department(None) == frozenset()
    assert actor.department_ids == {3}


codes = st.sampled_from(["350924", TOWNSHIP, VILLAGE, GRID, OTHER, "350924101001"])


@given(held=st.lists(codes, max_size=5), case=codes)
def test_dropping_inner_areas_changes_nothing_that_is_seen(held: list[str], case: str) -> None:
    actor = of(*(HeldPost(Role.GRID_WORKER, area_code=code) for code in held))
    assert any(case.startswith(p) for p in actor.area_prefixes) == any(case.startswith(code) for code in held)


def test_the_day_is_the_countys() -> None:
    assert day_of(datetime(2026, 3, 1, 16, 30, tzinfo=UTC)) == date(2026, 3, 2)
    assert day_of(datetime(2026, 3, 2, 0, 0, tzinfo=ZONE)) == date(2026, 3, 2)


@pytest.mark.django_db
class TestPosts:
    @pytest.mark.parametrize(("offset", "held"), [(-1, False), (0, True), (1, True), (2, True), (3, False)])
    def test_a_post_holds_from_its_first_to_its_last_day(self, county: County, offset: int, held: bool) -> None:
        user = add_user("someone")
        today = MONDAY.date()
        add_post(user, Role.GRID_WORKER, county.village, since=today, until=today + timedelta(days=2))
        actor = actor_for(user, now=MONDAY + timedelta(days=offset))
        assert bool(actor.posts) == held

    def test_whoever_may_not_log_in_holds_nothing(self, county: County) -> None:
        county.users["center"].is_active = False
        county.users["center"].save(update_fields=["is_active"])
        assert county.actor("center").posts == ()

    def test_an_actor_costs_one_query(self, county: County) -> None:
        with CaptureQueriesContext(connection) as queries:
            county.actor("gridworker")
        assert len(queries) == 1

    @pytest.mark.parametrize("role", list(Role))
    def test_a_post_lies_in_its_kind_of_place(self, county: County, role: Role) -> None:
        right: Area | Department = county.water if role in DEPARTMENT_ROLES else county.township
        wrong: Area | Department = county.township if role in DEPARTMENT_ROLES else county.water
        user = add_user("someone")
        add_post(user, role, right)
        with pytest.raises(IntegrityError, match="post_in_its_kind_of_place"), transaction.atomic():
            add_post(user, role, wrong)

    def test_a_post_neither_ends_before_it_begins_nor_is_given_twice(self, county: County) -> None:
        user, today = add_user("someone"), MONDAY.date()
        with pytest.raises(IntegrityError, match="post_ends_after_it_begins"), transaction.atomic():
            add_post(user, Role.GRID_WORKER, county.village, since=today, until=today - timedelta(days=1))
        add_post(user, Role.GRID_WORKER, county.village, since=today)
        with pytest.raises(IntegrityError, match="post_once"), transaction.atomic():
            add_post(user, Role.GRID_WORKER, county.village, since=today)

    def test_whoever_ever_held_a_post_is_not_deleted(self, county: County) -> None:
        """The user is deactivated instead: history names people by their ids."""
        user = add_user("someone")
        add_post(user, Role.GRID_WORKER, county.village)
        with pytest.raises(ProtectedError):
            user.delete()
        assert Post.objects.filter(user=user).exists()
