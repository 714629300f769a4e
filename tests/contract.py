"""Real answers held against the OpenAPI document: nothing missing, nothing extra, nothing of another type."""

import copy
import re
from functools import cache
from typing import Any

from django.utils.translation import override
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator


@cache
def document() -> dict[str, Any]:
    """The document as it is served, in English."""
    with override("en"):
        built: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return built


def hold_to_contract(method: str, path: str, response: Any) -> None:
    """AssertionError where the answer is not what the document says of this address, method and status."""
    operation = _operation(method.lower(), path)
    if operation is None:
        assert response.status_code in (404, 405), f"{method} {path} answers but is not in the document"
        return
    assert response.status_code != 405, f"{method} {path} is in the document and not allowed"
    said = _resolved(operation["responses"].get(str(response.status_code)))
    assert said is not None, f"{method} {path} may not answer {response.status_code}: {response.content[:300]!r}"
    content = said.get("content", {})
    if not content:
        assert response.content == b""
        return
    kind = response.headers["Content-Type"]
    assert kind in content, f"{kind} is not among {list(content)}"
    if kind.endswith("json"):
        _validator(content[kind]["schema"]).validate(response.json())


def _operation(method: str, path: str) -> dict[str, Any] | None:
    for template, methods in document()["paths"].items():
        pattern = re.sub(r"\{[^}]+\}", r"[^/]+", template)
        if re.fullmatch(pattern, path) and method in methods:
            found: dict[str, Any] = methods[method]
            return found
    return None


def _resolved(node: dict[str, Any] | None) -> dict[str, Any] | None:
    if node is None or "$ref" not in node:
        return node
    found: Any = document()
    for part in node["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def _validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**_closed(schema), "components": _closed_components()})


@cache
def _closed_components() -> dict[str, Any]:
    closed: dict[str, Any] = _closed(document()["components"])
    return closed


def _closed(node: Any) -> Any:
    """The same schema, with objects that may hold nothing beyond what is said of them."""
    node = copy.deepcopy(node)
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            if part.get("type") == "object" and "properties" in part:
                part.setdefault("additionalProperties", False)
            stack += part.values()
        elif isinstance(part, list):
            stack += part
    return node
