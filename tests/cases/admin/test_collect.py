"""采集 at a desk: the form, its refusals, and the query code that is shown once."""

import re
import uuid
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry

from cases.codes import code_hash
from cases.models import Case, Petitioner
from cases.terms import Status
from tests.builders import USERNAMES, County
from tests.cases.admin.web import Web, text_of

pytestmark = pytest.mark.django_db

FORM = "/admin/cases/case/add/"


def told(county: County, **changes: Any) -> dict[str, Any]:
    return {
        "client_id": uuid.uuid4(),
        "source": "hotline",
        "type": "appeal",
        "urgency": "normal",
        "title": "路灯不亮",
        "description": "北凤社区路口路灯三天不亮",
        "area": county.grid.code,
        "address": "解放街路口",
        "category": county.category.code,
        "disclosure": "named",
        "name": "王小明",
        "phone": "13800001234",
    } | changes


def test_a_matter_is_taken_in_with_number_and_code(county: County) -> None:
    web = Web.of(county.users["intake"])
    response = web.client.post(FORM, told(county))
    page = text_of(response)
    case = Case.objects.get()
    code = re.search(r'id="query-code">([A-Z2-7]{16})<', page)
    assert response.status_code == 200
    assert case.number in page
    assert code is not None
    assert case.query_code_hash == code_hash(code[1])
    assert (case.status, case.source, case.created_by) == (Status.COLLECTED, "hotline", county.users["intake"])
    assert code[1] not in text_of(web.case(case.number))
    assert not LogEntry.objects.exists()


def test_sent_twice_it_is_one_case_with_one_code(county: County) -> None:
    web, body = Web.of(county.users["intake"]), told(county)
    pages = [text_of(web.client.post(FORM, body)) for _ in range(2)]
    codes = {re.search(r'id="query-code">(\w+)<', page)[1] for page in pages}  # type: ignore[index]
    assert len(codes) == Case.objects.count() == 1


def test_the_petitioner_is_masked_on_the_page(county: County) -> None:
    web = Web.of(county.users["intake"])
    web.client.post(FORM, told(county))
    page = text_of(web.case(Case.objects.get().number))
    assert "王**" in page
    assert "138****1234" in page
    assert "王小明" not in page
    assert "13800001234" not in page


def test_of_a_confidential_petitioner_only_a_pseudonym_is_shown(county: County) -> None:
    web = Web.of(county.users["intake"])
    web.client.post(FORM, told(county, disclosure="confidential"))
    page = text_of(web.case(Case.objects.get().number))
    assert f"{Petitioner.objects.get().pseudonym}（已保密）" in page
    assert "王**" not in page


def test_a_grid_worker_takes_in_what_a_patrol_found(county: County) -> None:
    body = told(county, source="grid", type="patrol", disclosure="", name="", phone="")
    assert Web.of(county.users["gridworker"]).client.post(FORM, body).status_code == 200
    assert Case.objects.get().disclosure == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "此项必填。"),
        ({"area": "350924101"}, "350924101"),
        ({"name": "", "phone": ""}, "请填写姓名或电话，或选择匿名。"),
        ({"disclosure": "anonymous"}, "已填写姓名或电话"),
        ({"disclosure": ""}, "已填写姓名或电话"),
        ({"client_id": "x"}, "尚未保存"),
        ({"title": "长" * 121}, "尚未保存"),
        ({"description": "\x00"}, "尚未保存"),
    ],
)
def test_a_refusal_keeps_what_was_typed(county: County, changes: dict[str, str], words: str) -> None:
    """The grid worker may only collect in the own village: the neighbour is no choice at all."""
    body = told(county, source="grid", **changes)
    response = Web.of(county.users["gridworker"]).client.post(FORM, body)
    page = text_of(response)
    assert response.status_code == 400
    assert words in page
    assert "解放街路口" in page
    assert not Case.objects.exists()


def test_line_breaks_count_once_and_too_much_is_told_in_a_sentence(county: County) -> None:
    web = Web.of(county.users["intake"])
    long = "\r\n".join(["水管爆裂" * 4] * 200)
    assert len(long.replace("\r\n", "\n")) <= 4000
    web.client.post(FORM, told(county, description=long + "水" * 600))
    assert Case.objects.get().description.endswith("水" * 600)
    refused = web.client.post(FORM, told(county, title="长" * 121))
    assert "最多 120 个字符，现有 121 个。" in text_of(refused)


@pytest.mark.parametrize("username", sorted(set(USERNAMES) - {"gridworker", "intake"}))
def test_nobody_else_takes_matters_in(county: County, username: str) -> None:
    web = Web.of(county.users[username])
    assert web.get(FORM).status_code == 403
    assert web.client.post(FORM, told(county)).status_code == 403
    assert not Case.objects.exists()
