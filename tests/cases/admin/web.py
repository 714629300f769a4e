"""The officers' site as a browser without script sees it."""

import re
from dataclasses import dataclass
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from grids.admin import person
from grids.models import User
from tests.stories import Story

LIST = "/admin/cases/case/"


@dataclass(frozen=True, slots=True)
class Web:
    """One person's browser. `language`: what the person chose; pages follow it, not the browser."""

    client: Client
    user: User

    @classmethod
    def of(cls, user: User) -> "Web":
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return cls(client, user)

    def get(self, address: str, **parameters: str) -> Any:
        return self.client.get(address, parameters)

    def page(self, address: str, **parameters: str) -> str:
        """The page's text; the address must answer 200."""
        response = self.get(address, **parameters)
        assert response.status_code == 200, f"{address} answered {response.status_code}"
        return text_of(response)

    def case(self, number: str) -> Any:
        return self.get(case_page(number))

    def press(self, story: Story, action: str, *, version: int | None = None, **inputs: object) -> Any:
        """Press the button of that action on the page that shows the case as it is now, or as it was."""
        seen = story.case.version if version is None else version
        address = reverse("admin:cases_case_act", args=[story.number, action])
        return self.client.post(address, {"version": seen, "key": f"{action}-{seen}", **inputs})


def opened_by(page: Any) -> dict[str, str]:
    """What a page of one row remembers of when it was opened (`grids.admin.opened`)."""
    return dict(page.context["opened"])


def filled(page: Any) -> dict[str, Any]:
    """Everything that a browser would send of a page of one row, were it saved at once."""
    sets = [inline.formset for inline in page.context["inline_admin_formsets"]]
    forms = [page.context["adminform"].form]
    for one in sets:
        forms += [one.management_form, *one.forms]
    values = {form.add_prefix(name): form[name].value() for form in forms for name in form.fields}
    return {name: value for name, value in values.items() if value is not None and value is not False} | opened_by(page)


def case_page(number: str) -> str:
    return reverse("admin:cases_case_change", args=[number])


def text_of(response: Any) -> str:
    return unescape(str(response.content.decode()))


def numbers_in(page: str) -> set[str]:
    """The case numbers that a page shows anywhere."""
    return set(re.findall(r"350924-\d{4}-\d{7}", page))


def buttons_in(page: str) -> list[str]:
    """The actions that a case page offers, in its order."""
    return re.findall(r'data-action="([a-z_]+)"', page)


def at_moment(patch: pytest.MonkeyPatch, story: Story) -> None:
    """Let the pages' clock stand at the story's time."""
    patch.setattr(person, "timezone", SimpleNamespace(now=lambda: story.now))
