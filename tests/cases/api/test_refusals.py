"""No input at all answers 5xx, and every refusal is a problem document in the reader's language (api.md, "Errors")."""

import random
from typing import Any, Final

import orjson
import pytest
from django.test import Client
from knox.models import AuthToken

from cases.terms import Status
from cases.workflow import CASE_ACTIONS
from config.wire import LARGEST_BODY
from tests.api_client import Phone
from tests.builders import County
from tests.cases.api.phones import new_case
from tests.contract import document
from tests.stories import story_in

NASTY: Final[list[Any]] = [
    None,
    True,
    False,
    0,
    -1,
    2**31,
    2**63,
    2**64 - 1,
    1e308,
    0.1,
    "",
    " ",
    "\x00",
    "a\x00b",
    "é" * 5000,
    "9" * 5000,
    "-0",
    "NaN",
    "Infinity",
    "sNaN",
    "1e999999999",
    "\u202e\ufffe",
    "𠮷",
    "' OR 1=1 --",
    "%s%(x)s",
    "{{7*7}}",
    [],
    [None],
    [[]],
    ["a", 1],
    {},
    {"a": {"b": []}},
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59+14:00",
    "2026-13-45",
    "00000000-0000-0000-0000-000000000000",
]


#: Values tried for one field in one run: pytest-randomly chooses others in the next and prints the seed.
HANDFUL: Final = 9


@pytest.fixture
def client(county: County) -> Client:
    _, token = AuthToken.objects.create(county.users["center"])
    return Client(raise_request_exception=False, headers={"Authorization": f"Token {token}", "Accept-Language": "en"})


def send(client: Client, path: str, body: bytes, kind: str = "application/json") -> Any:
    return client.post(f"/api/v1/{path}", body, content_type=kind)


def assert_problem(response: Any, status: int) -> None:
    assert response.status_code == status, response.content[:300]
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status


def test_an_address_that_does_not_exist(client: Client) -> None:
    for path in ("/api/", "/api/v1/", "/api/v1/nothing/", "/api/v2/cases/", "/api/v1/cases/%00/", "/api/v1//cases/"):
        assert_problem(client.get(path), 404)


def test_a_missing_slash_is_not_a_redirect_that_loses_the_body(client: Client) -> None:
    assert_problem(client.post("/api/v1/cases", b"{}", content_type="application/json"), 404)
    assert_problem(client.post("/api/v1/auth/login", b"{}", content_type="application/json"), 404)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_a_method_that_is_not_there(client: Client, method: str) -> None:
    for path in ("/api/v1/cases/", "/api/v1/me/", "/api/schema/"):
        assert_problem(client.generic(method, path), 405)


def test_a_form_of_answer_that_is_not_there(client: Client) -> None:
    for path in ("/api/v1/cases/", "/api/v1/me/", "/api/schema/"):
        assert_problem(client.get(path, headers={"Accept": "text/csv"}), 406)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "nonsense"]
)
def test_a_form_of_request_that_cannot_be_read(client: Client, kind: str) -> None:
    assert_problem(send(client, "cases/", b"a=b", kind), 415)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b"\xff\xfe",
        b'{"title": "\\ud800"}',
        b'{"title": NaN}',
        b'{"a": 1e999}',
        b"[" * 100_000,
        b'{"a":' * 5_000,
        "{“a”：1}".encode("gb18030"),
        b"\x00",
    ],
)
@pytest.mark.parametrize("path", ["cases/", "auth/login/", "cases/350924-2026-0000001/actions/docket/"])
def test_what_is_no_json(client: Client, path: str, body: bytes) -> None:
    assert_problem(send(client, path, body), 400)


def test_a_body_that_is_too_large(client: Client) -> None:
    assert_problem(send(client, "cases/", b'"' + b"a" * LARGEST_BODY + b'"'), 413)


@pytest.mark.parametrize(("language", "title"), [("en", "Please log in"), ("zh-CN", None), ("xx, *;q=0.1", None)])
def test_problems_speak_the_readers_language(db: None, language: str, title: str | None) -> None:
    answer = Client().get("/api/v1/me/", headers={"Accept-Language": language})
    assert_problem(answer, 401)
    if title:
        assert answer.json()["title"] == title
        assert answer.headers["Content-Language"] == "en"


def test_a_new_case_may_hold_anything_and_is_never_an_error(client: Client) -> None:
    for name in new_case():
        for value in random.sample(NASTY, HANDFUL):
            response = send(client, "cases/", orjson.dumps({**new_case(), name: value}))
            assert response.status_code < 500, (name, value)


def test_an_action_may_hold_anything_and_is_never_an_error(county: County, client: Client) -> None:
    """Every field of every action with every nasty value, on a case in which somebody could do it."""
    story = story_in(county, Status.COLLECTED)
    for action in CASE_ACTIONS:
        path = f"cases/{story.number}/actions/{action}/"
        fields = _fields_of(f"/api/v1/cases/{{number}}/actions/{action}/")
        for name in fields:
            for value in random.sample(NASTY, HANDFUL):
                response = send(client, path, orjson.dumps({name: value}))
                assert response.status_code < 500, (action, name, value, response.content)


def test_a_full_body_with_one_nasty_field_is_never_an_error(county: County, client: Client) -> None:
    story = story_in(county, Status.HANDLING)
    for action in CASE_ACTIONS:
        fields = _fields_of(f"/api/v1/cases/{{number}}/actions/{action}/")
        for _ in range(10):
            body = {name: random.choice(NASTY) for name in fields}
            response = send(client, f"cases/{story.number}/actions/{action}/", orjson.dumps(body))
            assert response.status_code < 500, (action, body, response.content)


@pytest.mark.parametrize("path", ["cases/", "todo/", "notifications/", "areas/", "cases/350924-2026-0000001/events/"])
def test_a_query_may_hold_anything_and_is_never_an_error(client: Client, path: str) -> None:
    template = "/api/v1/" + path.replace("350924-2026-0000001", "{number}")
    names = [item["name"] for item in document()["paths"][template]["get"]["parameters"] if item["in"] == "query"]
    texts = [str(value) for value in NASTY] + ["a,b", "open,all", "-colour", "WyJkdWVfYXQiLDAsbnVsbCwxXQ"]
    for name in names:
        for text in random.sample(texts, HANDFUL):
            assert client.get(f"/api/v1/{path}", {name: text}).status_code < 500, (name, text)
    assert client.get(f"/api/v1/{path}?%ff=%fe&a[]=1&&=;").status_code < 500


@pytest.mark.parametrize(
    "header", ["If-Match", "Idempotency-Key", "If-None-Match", "Accept-Language", "Accept", "Origin"]
)
def test_a_header_may_hold_anything_and_is_never_an_error(county: County, client: Client, header: str) -> None:
    story = story_in(county, Status.COLLECTED)
    for value in ["", " ", "\xff", "a" * 9000, '"', "*, *", "9" * 5000, "W/", "\x7f", ",;=q", "*/*;q=x", "zh-" * 500]:
        for path in ("areas/", "me/", f"cases/{story.number}/"):
            assert client.get(f"/api/v1/{path}", headers={header: value}).status_code < 500, value
        response = client.post(
            f"/api/v1/cases/{story.number}/actions/reject/", b"{}", "application/json", headers={header: value}
        )
        assert response.status_code < 500, value


def test_a_host_that_is_refused_is_a_problem_too(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["whistle.example"]
    assert_problem(client.get("/api/v1/me/"), 400)


def test_an_error_of_ours_tells_nothing(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret 13812341234")

    monkeypatch.setattr("cases.api.me.todo_counts", broken)
    answer = Phone(county.users["center"]).get("me/")
    assert answer.status == 500
    assert b"secret" not in answer.content


def _fields_of(path: str) -> list[str]:
    schema = document()["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return list(document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]["properties"])
