"""事项表 and 督办单: what is printed of a case, as a page and as a PDF with its font inside."""

import re
import zlib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.terms import CaseType, Status
from tests.builders import NAMED, USERNAMES, County
from tests.cases.admin.web import Web, text_of
from tests.cases.side_stories import in_hand, supervise
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


def paper(story: Story) -> str:
    return f"/admin/cases/case/{story.number}/paper/"


def test_the_sheet_tells_the_whole_matter_with_the_petitioner_masked(county: County) -> None:
    story = story_in(county, Status.CLOSED)
    page = Web.of(county.users["center"]).page(paper(story))
    for words in ("吹哨报到事项表", story.number, story.case.title, "水利局", "已修好", "经办人："):
        assert words in page
    assert NAMED.name not in page
    assert NAMED.phone not in page
    assert page.index("采集 ·") < page.index("立项 ·") < page.index("评价 ·")


@pytest.mark.parametrize("username", USERNAMES)
def test_whoever_sees_the_case_may_print_it_and_nobody_else(county: County, username: str) -> None:
    story = story_in(county, Status.HANDLING)
    sealed = Story.begin(county, type=CaseType.ACCUSATION)
    web = Web.of(county.users[username])
    for one in (story, sealed):
        expected = web.case(one.number).status_code
        assert web.get(paper(one)).status_code == expected
        assert web.get(paper(one), format="pdf").status_code == expected
    assert web.get("/admin/cases/case/%00/paper/").status_code == 404


def test_an_order_is_a_paper_of_its_own(county: County) -> None:
    story = in_hand(county)
    order = supervise(story, county.water)
    page = Web.of(county.users["inspector"]).page(paper(story), order=str(order.pk))
    for words in ("督办单", order.department.short_name, "督办单位（章）", story.number):
        assert words in page
    other = story_in(county, Status.HANDLING)
    for asked in (str(order.pk), "0", "x", "\x00"):
        assert Web.of(county.users["inspector"]).get(paper(other), order=asked).status_code == 404


def test_the_file_is_a_pdf_with_its_own_chinese_font(county: County) -> None:
    story = story_in(county, Status.CLOSED)
    response = Web.of(county.users["center"]).get(paper(story), format="pdf")
    body = response.content
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"].endswith(f"{story.number}.pdf")
    assert body.startswith(b"%PDF-")
    assert b"/FontFile3" in body
    assert _characters(body) >= set("吹哨报到事项表经办人")


def _characters(pdf: bytes) -> set[str]:
    """The characters that the fonts of a PDF say they can be read back as."""
    found: set[str] = set()
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            text = zlib.decompress(stream).decode("latin-1")
        except zlib.error:
            text = stream.decode("latin-1")
        if "beginbf" in text:
            codes = re.findall(r"<[0-9A-Fa-f]+>\s+<([0-9A-Fa-f]{4})>", text)
            found |= {chr(int(code, 16)) for code in codes}
    return found


def test_long_words_and_odd_signs_are_drawn(county: County) -> None:
    story = Story.begin(county, title="一" * 120, description="水管\t漏水 <b>&amp;</b> 𠮷 🚰 " + "长" * 3000)
    web = Web.of(county.users["center"])
    assert web.get(paper(story), format="pdf").content.startswith(b"%PDF-")
    assert "<b>" not in web.get(paper(story)).content.decode()


def test_a_paper_costs_a_fixed_number_of_statements(county: County) -> None:
    web = Web.of(county.users["center"])
    for status in (Status.HANDLING, Status.CLOSED):
        story = story_in(county, status, assistants=[county.police])
        web.page(paper(story))
        with CaptureQueriesContext(connection) as queries:
            text_of(web.get(paper(story)))
        assert len(queries) <= 12, "\n".join(query["sql"][:120] for query in queries)
