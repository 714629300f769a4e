"""A page of one row that was opened before somebody else saved takes nothing back, and says what holds now."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Category, Phrase
from grids.models import Area, AreaOutline, Department, Post, User
from tests.builders import County
from tests.cases.admin.web import Web, filled, text_of

pytestmark = pytest.mark.django_db

SQUARE = '{"type": "Polygon", "coordinates": [[[119, 27], [120, 27], [120, 28], [119, 27]]]}'

#: Rows that can be put out of use, with a field that the other tab changes.
ROWS: list[tuple[str, str, Callable[[County], Any]]] = [
    ("grids/user", "full_name", lambda county: county.users["handler"]),
    ("grids/area", "name", lambda county: county.village),
    ("grids/department", "short_name", lambda county: county.water),
    ("cases/category", "name", lambda county: Category.objects.create(code="x1", name="路灯")),
    ("cases/phrase", "text", lambda county: Phrase.objects.create(action="finish", position=1, text="已修好")),
]


def without(sent: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in sent.items() if name not in names}


@pytest.mark.parametrize(("page", "field", "row_of"), ROWS)
def test_what_was_put_out_of_use_stays_so(county: County, page: str, field: str, row_of: Any) -> None:
    web, row = Web.of(county.users["admin"]), row_of(county)
    address = f"/admin/{page}/{row.pk}/change/"
    one, other = filled(web.get(address)), filled(web.get(address))
    assert web.client.post(address, without(one, "is_active")).status_code == 302
    refused = web.client.post(address, other | {field: "改过的名"})
    assert refused.status_code == 200
    words = text_of(refused)
    assert "打开本页后，他人已修改其内容，本次未保存。" in words
    assert "现为：否" in words
    assert 'value="改过的名"' in words or "改过的名</textarea>" in words
    row.refresh_from_db()
    assert (row.is_active, getattr(row, field) == "改过的名") == (False, False)
    assert web.client.post(address, filled(refused)).status_code == 302, "looked at, and saved again"
    row.refresh_from_db()
    assert (row.is_active, getattr(row, field)) == (False, "改过的名")


def test_a_post_that_was_ended_is_not_opened_again(county: County) -> None:
    """Neither by an older page of the post nor by an older page of its user."""
    web, user = Web.of(county.users["admin"]), county.users["handler"]
    post = Post.objects.get(user=user)
    own, of_user = f"/admin/grids/post/{post.pk}/change/", f"/admin/grids/user/{user.pk}/change/"
    older = [(address, filled(web.get(address))) for address in (own, of_user)]
    assert web.client.post(own, filled(web.get(own)) | {"valid_to": "2030-02-01"}).status_code == 302
    for address, sent in older:
        refused = web.client.post(address, sent | {"full_name": "改过的名"})
        assert refused.status_code == 200, address
        assert "现为：2030年2月1日" in text_of(refused)
    post.refresh_from_db()
    user.refresh_from_db()
    assert (post.valid_to, user.full_name) == (date(2030, 2, 1), "handler")


def test_a_save_that_changes_nothing_of_it_is_no_conflict(county: County) -> None:
    """Pressed twice, or both wrote the same."""
    web, address = Web.of(county.users["admin"]), f"/admin/grids/department/{county.water.pk}/change/"
    sent = filled(web.get(address)) | {"short_name": "水务"}
    assert [web.client.post(address, sent).status_code for _ in range(2)] == [302, 302]
    assert Department.objects.get(pk=county.water.pk).short_name == "水务"


@pytest.mark.parametrize("carried", ["", "[]", "{", "nonsense", "[" * 100_000, '{"name": 5}'])
def test_who_has_seen_nothing_changes_nothing(county: County, carried: str) -> None:
    web, address = Web.of(county.users["admin"]), f"/admin/grids/area/{county.village.pk}/change/"
    sent = filled(web.get(address)) | {"name": "别的村", "opened": carried}
    assert "现为：北凤社区" in text_of(web.client.post(address, sent))
    assert Area.objects.get(pk=county.village.pk).name == "北凤社区"


def test_a_border_drawn_by_two_is_told(county: County) -> None:
    web, address = Web.of(county.users["admin"]), f"/admin/grids/area/{county.village.pk}/change/"
    empty = filled(web.get(address)) | {"outline-TOTAL_FORMS": "1", "outline-0-outline": SQUARE}
    assert web.client.post(address, empty).status_code == 302
    assert web.client.post(address, empty).status_code == 200, "the second one added the same border"
    older = filled(web.get(address))
    assert web.client.post(address, older | {"outline-0-outline": SQUARE.replace("28", "29")}).status_code == 302
    refused = web.client.post(address, older | {"outline-0-outline": SQUARE.replace("28", "30")})
    assert "现为：" in text_of(refused)
    assert AreaOutline.objects.get().outline["coordinates"][0][2] == [120, 29]


def test_the_row_is_compared_under_its_lock(county: County) -> None:
    web, user = Web.of(county.users["admin"]), county.users["handler"]
    address = f"/admin/grids/user/{user.pk}/change/"
    sent = filled(web.get(address))
    with CaptureQueriesContext(connection) as queries:
        assert web.client.post(address, sent | {"full_name": "新名"}).status_code == 302
    locking = [query["sql"] for query in queries if "FOR NO KEY UPDATE" in query["sql"]]
    assert any('FROM "grids_user"' in sql for sql in locking)
    assert any('FROM "grids_post"' in sql for sql in locking)
    assert User.objects.get(pk=user.pk).full_name == "新名"
