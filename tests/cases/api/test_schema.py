"""The OpenAPI document: valid, complete, typed to the last field, and the committed file is the served one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from cases.workflow import CASE_ACTIONS, TABLE
from tests.contract import _closed_components, document

COMMITTED = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"
RENEW = "renew it: manage.py spectacular --lang en --file docs/openapi.yaml"


def test_the_committed_document_is_what_is_served(tmp_path: Path) -> None:
    """`--fail-on-warn`: nothing that drf-spectacular could only guess."""
    fresh = tmp_path / "openapi.yaml"
    call_command("spectacular", lang="en", file=str(fresh), validate=True, fail_on_warn=True)
    assert COMMITTED.read_text(encoding="utf-8") == fresh.read_text(encoding="utf-8"), RENEW


def test_the_document_is_valid_openapi_3_1() -> None:
    assert document()["openapi"].startswith("3.1")
    validate(document())


def test_every_address_of_the_api_is_described() -> None:
    served = {_template(route) for route in _routes() if route.startswith("api/v1/")}
    described = {_template(path.lstrip("/")) for path in document()["paths"] if path.startswith("/api/")}
    assert served == described
    assert {"/healthz", "/readyz", "/statusz"} <= set(document()["paths"])


def test_every_action_of_the_table_has_its_own_body() -> None:
    for action in CASE_ACTIONS:
        operation = document()["paths"][f"/api/v1/cases/{{number}}/actions/{action}/"]["post"]
        body = _follow(operation["requestBody"]["content"]["application/json"]["schema"])
        assert set(body["properties"]) == {field.name for field in TABLE[action].fields}
        assert set(body.get("required", [])) == {field.name for field in TABLE[action].fields if field.required}


def test_nothing_is_left_untyped() -> None:
    holes = list(_holes(document()["components"]["schemas"], "schemas"))
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            holes += _holes(operation, f"{method} {path}")
            assert operation["summary"], path
            assert operation["tags"], path
    assert holes == []


def test_examples_are_what_they_are_examples_of() -> None:
    seen = 0
    for schema, example in _examples():
        closed = Draft202012Validator({**schema, "components": _closed_components()})
        closed.validate(example)
        seen += 1
    assert seen > 15


@pytest.mark.parametrize("accept", ["application/vnd.oai.openapi+json", "application/vnd.oai.openapi", "*/*"])
def test_the_document_is_served_without_a_token(accept: str) -> None:
    answer = Client().get("/api/schema/", headers={"Accept": accept, "Authorization": "Token nonsense"})
    assert answer.status_code == 200
    assert yaml.safe_load(answer.content)["info"]["title"] == "Whistle · 吹哨报到"


def test_the_document_speaks_the_language_that_is_asked_for() -> None:
    answer = Client().get("/api/schema/", {"lang": "en"})
    assert b"Blow the whistle" in answer.content
    assert Client().get("/api/schema/", {"lang": "xx\x00/.."}).status_code == 200


def test_swagger_ui_comes_from_this_service_alone() -> None:
    page = Client().get("/api/docs/").content.decode()
    assert "swagger-ui-bundle.js" in page
    assert "://" not in page.replace("http://www.w3.org", "")


def _routes() -> Iterator[str]:
    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            else:
                yield route

    return walk(get_resolver().url_patterns, "")


def _template(route: str) -> str:
    return "/".join("*" if part[:1] in "<{" else part for part in route.split("/"))


def _follow(schema: dict[str, Any]) -> dict[str, Any]:
    found: Any = schema
    while "$ref" in found:
        name = found["$ref"].rsplit("/", 1)[1]
        found = document()["components"]["schemas"][name]
    return dict(found)


def _holes(node: Any, where: str) -> Iterator[str]:
    """Places that say `an object` or `anything` and nothing more."""
    if isinstance(node, dict):
        if _is_hole(node):
            yield where
        for name, inner in node.items():
            if name not in ("example", "examples"):
                yield from _holes(inner, f"{where}.{name}")
    if isinstance(node, list):
        for position, inner in enumerate(node):
            yield from _holes(inner, f"{where}.{position}")


def _is_hole(node: dict[str, Any]) -> bool:
    kind, properties = node.get("type"), node.get("properties")
    return (
        (kind == "object" and not {"properties", "additionalProperties"} & set(node))
        or (kind == "array" and not node.get("items"))
        or node.get("schema") == {}
        or (isinstance(properties, dict) and not all(properties.values()))
    )


def _examples() -> Iterator[tuple[dict[str, Any], Any]]:
    for methods in document()["paths"].values():
        for operation in methods.values():
            contents = [operation.get("requestBody", {}).get("content", {})]
            contents += [response.get("content", {}) for response in operation["responses"].values()]
            for content in contents:
                for kind in content.values():
                    for example in kind.get("examples", {}).values():
                        yield kind["schema"], example["value"]
    for response in document()["components"]["responses"].values():
        for kind in response["content"].values():
            yield kind["schema"], kind["example"]
