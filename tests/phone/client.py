"""What the phone keeps, and how it comes to terms with the server (docs/mobile.md)."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.phone.network import Answer, Letter, NoAnswer, deliver

TRIES = 200  # of one request, before the phone gives up for good
BATCH = 20  # operations sent at once


class Refused(Exception):
    """The server answered, and not with what the contract says."""


@dataclass(slots=True)
class Phone:
    """One officer's phone. `cases`: the copy by number; `queue`: what was done and not confirmed yet."""

    root: str
    send: Callable[[Letter], Answer] = deliver
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    token: str = ""
    cases: dict[str, dict[str, Any]] = field(default_factory=dict)
    cursor: str = ""
    queue: list[dict[str, Any]] = field(default_factory=list)
    answered: dict[str, dict[str, Any]] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)

    # Online

    def log_in(self, username: str, password: str) -> None:
        said = self._ask("POST", "auth/login/", {"username": username, "password": password})
        self.token = said["token"]

    def upload(self, photo: bytes, client_id: str) -> dict[str, Any]:
        """Safe to repeat: the same client_id and photo again are the same file."""
        edge = uuid.uuid4().hex
        parts = (
            f'--{edge}\r\nContent-Disposition: form-data; name="client_id"\r\n\r\n{client_id}\r\n'
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        ).encode()
        body = parts + photo + f"\r\n--{edge}--\r\n".encode()
        kind = f"multipart/form-data; boundary={edge}"
        said: dict[str, Any] = self._until_answered("POST", "attachments/", body, kind)
        return said

    # Offline: everything is written down first, with its id and time

    def collect(self, title: str, **fields: Any) -> dict[str, Any]:
        return self._note("collect", str(uuid.uuid4()), title=title, **fields)

    def act(self, action: str, case: str, *, after: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        """On a case by its number, or by the client_id of one that was collected before."""
        if after is not None:
            fields["after"] = after["op_id"]
        elif case in self.cases:
            fields["base_version"] = self.cases[case]["version"]
        return self._note(action, case, **fields)

    def _note(self, action: str, case: str, **fields: Any) -> dict[str, Any]:
        step = {"op_id": str(uuid.uuid4()), "action": action, "case": case, "capture_time": self._time(), **fields}
        self.queue.append(step)
        return step

    # When there is a network

    def sync(self) -> None:
        """First what was done here, then what happened elsewhere."""
        self.push()
        self.pull()

    def push(self) -> None:
        while self.queue:
            batch = self.queue[:BATCH]
            said = self._ask("POST", "sync/", {"operations": batch, "sent_at": self._time()})
            for result in said["results"]:
                self._settle(result)

    def _settle(self, result: dict[str, Any]) -> None:
        """Whatever the verdict, the operation is through; only a case that somebody held is tried again."""
        if result["retry"]:
            return
        self.queue = [step for step in self.queue if step["op_id"] != result["op_id"]]
        self.answered.setdefault(result["op_id"], result)
        if result["query_code"]:
            self.codes[result["number"]] = result["query_code"]
        if result["case"] is not None:
            self._keep(result["case"])
        elif result["gone"]:
            self.cases.pop(result["number"], None)

    def pull(self) -> None:
        more = True
        while more:
            query = f"sync/?page_size=10&since={self.cursor}" if self.cursor else "sync/?page_size=10"
            news = self._ask("GET", query)
            if news["anew"]:
                self.cases.clear()
            for case in news["cases"]:
                self._keep(case)
            for number in news["gone"]:
                self.cases.pop(number, None)
            self.cursor, more = news["cursor"], news["more"]

    def _keep(self, case: dict[str, Any]) -> None:
        self.cases[case["number"]] = case

    # The wire

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        sent = None if body is None else json.dumps(body).encode()
        return self._until_answered(method, path, sent, "application/json")

    def _until_answered(self, method: str, path: str, body: bytes | None, kind: str) -> Any:
        headers = {"Content-Type": kind} | ({"Authorization": f"Token {self.token}"} if self.token else {})
        letter = Letter(method, f"{self.root}/api/v1/{path}", headers, body)
        for _try in range(TRIES):
            try:
                answer = self.send(letter)
            except NoAnswer:
                continue
            if answer.status not in (200, 201):
                raise Refused(answer.status, answer.body[:500])
            return answer.json
        raise NoAnswer(path)

    def _time(self) -> str:
        return self.now().isoformat()
