"""No page leads its reader to a door that is closed: every link of every page that a role can open, opened."""

import re
from typing import Final

import pytest

from tests.builders import USERNAMES, County
from tests.cases.admin.test_budgets import addresses, furnish
from tests.cases.admin.web import Web

pytestmark = pytest.mark.django_db

_LINK: Final = re.compile(r'href="(/admin/[^"#]*)"')


@pytest.mark.slow
@pytest.mark.parametrize("username", USERNAMES)
def test_every_link_opens_to_its_reader(county: County, username: str) -> None:
    furnish(county)
    web = Web.of(county.users[username])
    led: dict[str, str] = {}
    for address in addresses():
        response = web.get(address)
        if response.status_code == 200 and not response.streaming:
            for link in _LINK.findall(response.content.decode()):
                led.setdefault(link.replace("&amp;", "&"), address)
    assert len(led) > 10
    closed = {link: page for link, page in led.items() if web.client.get(link).status_code >= 400}
    assert not closed
