"""Area codes, the unit that dispatches in an area, and who holds which post there."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from grids.area_codes import LEVEL_DIGITS, containing, level_of
from grids.book import DEPARTMENTS
from grids.holders import Holder, Roster
from grids.labels import AreaLevel, DepartmentKind
from grids.models import Area, Department
from grids.roles import Role
from grids.roster import roster_for
from grids.units import center_unit, dispatching_unit
from tests.builders import MONDAY, County, add_post

GRID = "35092410000101"


def test_a_code_lists_what_contains_it() -> None:
    assert containing(GRID) == ["350924", "350924100", "350924100001", GRID]
    assert containing("350924") == ["350924"]
    assert containing("") == []


@pytest.mark.parametrize(("level", "digits"), LEVEL_DIGITS.items())
def test_the_length_of_a_code_is_its_level(level: str, digits: int) -> None:
    assert level_of("1" * digits) == level
    assert AreaLevel(level)


@pytest.mark.parametrize("digits", [0, 1, 7, 15, 17])
def test_another_length_is_no_code(digits: int) -> None:
    with pytest.raises(ValueError, match="digits"):
        level_of("1" * digits)


def test_a_roster_finds_area_roles_in_every_containing_area() -> None:
    here, above = Holder(1, Role.GRID_WORKER, GRID, "en"), Holder(2, Role.GRID_WORKER, "350924100", "en")
    roster = Roster(
        [above, here, Holder(3, Role.GRID_WORKER, "350924101", "en"), Holder(4, Role.INSPECTOR, GRID, "en")]
    )
    assert roster.holders(Role.GRID_WORKER, area_code=GRID) == (above, here)
    assert roster.holders(Role.GRID_WORKER, area_code="350924100") == (above,)


def test_a_roster_finds_department_roles_in_that_department_alone() -> None:
    mine = Holder(1, Role.DEPARTMENT_HANDLER, 5, "en")
    roster = Roster([mine, Holder(2, Role.DEPARTMENT_HANDLER, 6, "en"), Holder(3, Role.DEPARTMENT_HEAD, 5, "en")])
    assert roster.holders(Role.DEPARTMENT_HANDLER, department_id=5, area_code=GRID) == (mine,)
    assert roster.holders(Role.DEPARTMENT_HANDLER, department_id=None) == ()


@pytest.mark.django_db
class TestCounty:
    def test_a_township_dispatches_in_its_villages_and_the_center_where_there_is_none(self, county: County) -> None:
        assert dispatching_unit(county.grid.code) == county.government
        assert dispatching_unit(county.township.code) == county.government
        assert dispatching_unit(county.other_village.code) == county.other_government
        assert dispatching_unit(county.county.code) == county.center
        assert center_unit() == county.center

    def test_a_closed_township_office_leaves_its_area_to_the_center(self, county: County) -> None:
        Department.objects.filter(pk=county.government.pk).update(is_active=False)
        DEPARTMENTS.forget()
        assert dispatching_unit(county.grid.code) == county.center
        Department.objects.filter(pk=county.center.pk).update(is_active=False)
        DEPARTMENTS.forget()
        assert dispatching_unit(county.grid.code) is None
        assert center_unit() is None

    def test_one_area_has_one_dispatching_unit(self, county: County) -> None:
        with pytest.raises(IntegrityError, match="one_dispatching_unit"), transaction.atomic():
            Department.objects.create(
                code="x", name="x", short_name="x", kind=DepartmentKind.TOWNSHIP, area=county.township
            )

    @pytest.mark.parametrize("code", ["35092", "3509241", "35092410x", "350924100001011", ""])
    def test_an_area_has_a_code_of_the_national_shape(self, county: County, code: str) -> None:
        with pytest.raises(IntegrityError, match="area_code_shape"), transaction.atomic():
            Area.objects.create(code=code, name="x", level=AreaLevel.VILLAGE)

    def test_one_query_finds_everybody_to_tell(self, county: County) -> None:
        add_post(county.users["leader"], Role.DEPARTMENT_HEAD, county.police)
        with CaptureQueriesContext(connection) as queries:
            roster = roster_for(department_ids=[county.police.pk], area_roles=[Role.INSPECTOR], now=MONDAY)
        assert len(queries) == 1
        found = roster.holders(Role.DEPARTMENT_HEAD, department_id=county.police.pk)
        assert [holder.user_id for holder in found] == [county.users["leader"].pk]
        assert [h.user_id for h in roster.holders(Role.INSPECTOR, area_code=GRID)] == [county.users["inspector"].pk]
        assert roster.holders(Role.TOWNSHIP_LEADER, area_code=GRID) == (), "was not asked for"
        assert roster.holders(Role.DEPARTMENT_HANDLER, department_id=county.water.pk) == ()
