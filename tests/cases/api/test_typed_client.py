"""A typed client made from the committed document compiles under mypy --strict, and works."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from grids.models import User
from tests.api_client import Phone
from tests.builders import County
from tests.cases.api.phones import new_case
from tests.typed_client import Untyped, client_of

_USE = """
from client import Client, NewCase


def day(client: Client, matter: NewCase) -> str:
    number = client.case_collect(body=matter)["number"]
    client.case_docket(number=number, body={"type": "appeal", "category": "urban-supply", "urgency": "normal"})
    for row in client.cases(status=["open"], page_size=10)["results"]:
        assert row["title"]
    return client.case(number=number)["status"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `client.py`."""
    text = (Path(settings.BASE_DIR) / "docs" / "openapi.yaml").read_text(encoding="utf-8")
    made = tmp_path_factory.mktemp("client")
    (made / "client.py").write_text(client_of(yaml.safe_load(text)), encoding="utf-8")
    return made


#: What is written wrongly in `_USE`, and what mypy must say of it.
_WRONG = [
    ('"urgency": "normal"', '"urgency": "soon"', "has type \"Literal['soon']\""),
    ('["number"]', '["nummer"]', 'has no key "nummer"'),
    ("page_size=10", "page_size='10'", 'Argument "page_size"'),
    ("body=matter", "", 'Missing named argument "body"'),
    ("client.case_docket(", "client.case_dokket(", 'has no attribute "case_dokket"'),
]


def test_it_compiles_and_holds_its_users_to_the_contract(folder: Path) -> None:
    """One run of mypy for all: the client and the right program are clean, each wrong one is refused for its fault."""
    programs = {"right": _USE} | {f"wrong_{i}": _USE.replace(*wrong[:2]) for i, wrong in enumerate(_WRONG)}
    for name, text in programs.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    said = _mypy(folder, ["client.py", *(f"{name}.py" for name in programs)])
    assert [line for line in said if not line.startswith("wrong_")] == []
    for i, (_, _, complaint) in enumerate(_WRONG):
        assert any(line.startswith(f"wrong_{i}.py") and complaint in line for line in said), (complaint, said)


def _mypy(folder: Path, files: list[str]) -> list[str]:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir=.cache", *files]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.splitlines()


def test_a_schema_that_says_nothing_makes_no_client() -> None:
    for hole in ({}, {"type": "object"}, {"type": "array"}):
        with pytest.raises(Untyped):
            client_of({"components": {"schemas": {"Hole": hole}}, "paths": {}})


def test_the_client_works(folder: Path, county: County) -> None:
    module = _loaded(folder)
    worker, center = (module.Client(_sender(county.users[name])) for name in ("gridworker", "center"))
    number = worker.case_collect(body=new_case())["number"]
    body = {"type": "appeal", "category": county.category.code, "urgency": "normal"}
    assert center.case_docket(number=number, body=body)["status"] == "docketed"
    assert [row["number"] for row in center.cases(status=["open"], page_size=10)["results"]] == [number]
    assert center.areas(level="grid")["results"][0]["code"] == county.grid.code


def _sender(user: User) -> Callable[..., Any]:
    phone = Phone(user)

    def send(method: str, path: str, *, query: Mapping[str, Any], headers: Mapping[str, Any], body: object) -> object:
        if method == "POST":
            return phone.post(path, body, headers={name: value for name, value in headers.items() if value}).json
        return phone.get(path, **{name: value for name, value in query.items() if value is not None}).json

    return send


def _loaded(folder: Path) -> Any:
    spec = importlib.util.spec_from_file_location("client", folder / "client.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["client"] = module
    spec.loader.exec_module(module)
    return module
