"""Examples of the public addresses. A test holds them against the schema and sends them to the real service."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample

from cases.api.examples import NUMBER

_CODE: Final = "K4T7RZQ2MWAX3NPD"
_TOKEN: Final = "AAAAAAAACEAAAAAAAAABKAABYJ4C2WQZ7H3MPLX"  # noqa: S105 — an example
MATTER: Final[dict[str, Any]] = {
    "client_id": "0b8f4f0e-6b0a-4a7c-9d7e-5c2f7e1a9b44",
    "type": "appeal",
    "title": "路灯不亮",
    "description": "村口三盏路灯一周不亮，晚上看不清路。",
    "area": "35092410000101",
    "address": "村口公交站旁",
    "petitioner": {"disclosure": "named", "name": "王小明", "phone": "13800001234"},
}
_VERDICT: Final[dict[str, Any]] = {
    "number": NUMBER,
    "round": 1,
    "until": "2026-12-07T17:30:00+08:00",
    "token": _TOKEN,
    "grade": None,
    "solved": None,
}
NEW: Final = OpenApiExample("A dark street", MATTER, request_only=True)
RECEIPT: Final = OpenApiExample(
    "Taken in",
    {"number": NUMBER, "query_code": _CODE, "received_at": "2026-11-23T09:00:00+08:00"},
    response_only=True,
)
SLIP: Final = OpenApiExample("Number and code", {"number": NUMBER, "code": _CODE}, request_only=True)
WITHDRAWAL: Final = OpenApiExample(
    "Settled meanwhile", {"number": NUMBER, "code": _CODE, "reason": "邻居已自行协商解决"}, request_only=True
)
NEW_VERDICT: Final = OpenApiExample("Satisfied", {"grade": 5, "solved": True, "record": "修得很快"}, request_only=True)
VERDICT: Final = OpenApiExample("Asked", _VERDICT, response_only=True)
PROGRESS: Final = OpenApiExample(
    "Answered",
    {
        "number": NUMBER,
        "status": "rating",
        "status_name": "Awaiting rating",
        "phase": "rating",
        "received_at": "2026-11-23T09:00:00+08:00",
        "answered_at": "2026-11-27T10:12:00+08:00",
        "closed_at": None,
        "answers": [
            {"text": "已更换三盏路灯并恢复照明。", "reason": "", "at": "2026-11-27T10:12:00+08:00"},
        ],
        "rating": _VERDICT,
    },
    response_only=True,
)
