"""A phone for tests: it logs in by token, speaks JSON, and holds every answer to the contract and the budget.

phone = Phone(county.users["gridworker"])
answer = phone.get("cases/", status="collected")
answer = phone.post("cases/", body, idempotency_key="a")
"""

import json
import uuid
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from knox.models import AuthToken

from grids.models import User
from tests.budget import within_budget
from tests.contract import hold_to_contract

ROOT = "/api/v1/"


class Answer:
    """What came back: `status`, `json`, `headers`."""

    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.headers: dict[str, str] = dict(response.headers)
        self.content: bytes = b"".join(response) if response.streaming else response.content
        is_json = self.content and self.headers["Content-Type"].endswith("json")
        self.json: Any = json.loads(self.content) if is_json else None


class Phone:
    def __init__(self, user: User | None = None, *, language: str = "en") -> None:
        self.client = Client(raise_request_exception=False)
        self.defaults = {"HTTP_ACCEPT_LANGUAGE": language}
        if user is not None:
            _, token = AuthToken.objects.create(user)
            self.defaults["HTTP_AUTHORIZATION"] = f"Token {token}"

    def get(self, path: str, *, headers: dict[str, str] | None = None, **query: Any) -> Answer:
        with within_budget("GET", _address(path).split("?")[0]):
            response = self.client.get(_address(path), query, **self._environ(headers))
        hold_to_contract("GET", _address(path).split("?")[0], response)
        return Answer(response)

    def post(self, path: str, body: Any = None, *, headers: dict[str, str] | None = None) -> Answer:
        content = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
        sent = {"content_type": "application/json", **self._environ(headers)}
        with within_budget("POST", _address(path), body):
            response = self.client.post(_address(path), content, **sent)
        hold_to_contract("POST", _address(path), response)
        return Answer(response)

    def put(self, path: str, body: Any) -> Answer:
        content = json.dumps(body).encode()
        response = self.client.put(_address(path), content, content_type="application/json", **self._environ(None))
        hold_to_contract("PUT", _address(path), response)
        return Answer(response)

    def delete(self, path: str) -> Answer:
        response = self.client.delete(_address(path), **self._environ(None))
        hold_to_contract("DELETE", _address(path), response)
        return Answer(response)

    def send(self, file: bytes, *, name: str = "photo.jpg", client_id: object = None) -> Answer:
        """Upload a file as a phone does."""
        body = {"client_id": str(client_id or uuid.uuid4()), "file": SimpleUploadedFile(name, file)}
        response = self.client.post(_address("attachments/"), body, **self._environ(None))
        hold_to_contract("POST", _address("attachments/"), response)
        return Answer(response)

    def _environ(self, headers: dict[str, str] | None) -> dict[str, Any]:
        named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in (headers or {}).items()}
        return self.defaults | named


def _address(path: str) -> str:
    return path if path.startswith(("/", "http")) else ROOT + path
