"""Examples of the schema. A test sends them to the real service and holds them against the schema."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample

from cases.workflow import Action

NUMBER: Final = "350924-2026-0000001"

ROW: Final[dict[str, Any]] = {
    "number": NUMBER,
    "title": "路口的自来水管漏水",
    "type": "appeal",
    "category": {"code": "urban-supply", "name": "城镇供水供气"},
    "area": {"code": "35092410000101", "name": "北凤社区第一网格"},
    "status": "handling",
    "phase": "handling",
    "colour": "blue",
    "due_at": "2026-11-30T17:30:00+08:00",
    "round": 1,
    "urgency": "normal",
    "source": "grid",
    "lead": {"code": "water", "name": "水利局"},
    "received_at": "2026-11-23T09:00:00+08:00",
    "updated_at": "2026-11-26T10:21:33+08:00",
    "version": 3,
}
KEPT: Final[dict[str, Any]] = {
    "id": "0d6f3c1e-8a57-4b0a-9a35-5b9d6f7f2c10",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "content_type": "image/jpeg",
    "size": 812345,
    "position": {"lat": 27.457, "lng": 119.506},
    "taken_at": "2026-11-23T08:55:40+08:00",
}
DETAIL: Final[dict[str, Any]] = ROW | {
    "description": "路口的自来水管漏水三天了，夜里结冰。",
    "disclosure": "named",
    "petitioner": {
        "id": 21,
        "disclosure": "named",
        "name": "王**",
        "phone": "138****1234",
        "id_number": "",
        "address": "",
    },
    "address": "解放街 12 号门前",
    "accused_units": [],
    "accused_persons": [],
    "location": {"lat": 27.457, "lng": 119.506},
    "outcome": None,
    "policy_version": 1,
    "captured_at": "2026-11-23T08:57:12+08:00",
    "docketed_at": "2026-11-23T09:20:00+08:00",
    "dispatched_at": "2026-11-23T09:40:00+08:00",
    "answered_at": None,
    "closed_at": None,
    "clocks": [
        {
            "id": 41,
            "kind": "handle",
            "assignment": 7,
            "order": None,
            "round": 1,
            "generation": 1,
            "limit": "5 wd",
            "charged": {"code": "water", "name": "水利局"},
            "started_at": "2026-11-23T10:05:00+08:00",
            "due_at": "2026-11-30T17:30:00+08:00",
            "blue_at": "2026-11-26T10:17:30+08:00",
            "yellow_at": "2026-11-27T16:31:00+08:00",
            "red_at": "2026-11-30T17:30:00+08:00",
            "paused_at": None,
            "colour": "blue",
            "stopped_at": None,
            "on_time": None,
        }
    ],
    "assignments": [
        {
            "id": 7,
            "department": {"code": "water", "name": "水利局"},
            "role": "lead",
            "state": "working",
            "assigned_at": "2026-11-23T09:40:00+08:00",
            "reported_in_at": "2026-11-23T10:05:00+08:00",
            "reported_in_by": "李明",
            "on_spot": True,
            "distance_m": 35,
            "finished_at": None,
            "objection_due_at": "2026-11-25T17:30:00+08:00",
            "objection": None,
        }
    ],
    "alerts": [
        {
            "id": 12,
            "clock": 41,
            "kind": "handle",
            "colour": "blue",
            "cause": "time",
            "charged": {"code": "water", "name": "水利局"},
            "moment": "2026-11-26T10:17:30+08:00",
            "raised_at": "2026-11-26T10:17:41+08:00",
            "late": False,
            "acknowledged_at": None,
            "acknowledged_by": None,
            "plan_at": None,
            "plan_by": None,
            "annulled_at": None,
            "order": None,
        }
    ],
    "attachments": [KEPT | {"action": "collect"}],
    "rating": None,
    "master": None,
    "merged": [],
    "suspension": None,
    "whistle_proposal": None,
    "extension_requests": [
        {
            "id": 3,
            "assignment": 7,
            "round": 1,
            "ordinal": 1,
            "level": 1,
            "limit": "3 wd",
            "requested_at": "2026-11-26T11:00:00+08:00",
            "requested_by": "李明",
            "decided_at": None,
            "decided_by": None,
            "granted": None,
        }
    ],
    "supervision_orders": [],
    "allowed_actions": [
        {
            "action": "finish",
            "label": "Answer",
            "fields": [
                {
                    "name": "assignment",
                    "label": "Assignment",
                    "kind": "assignment",
                    "required": True,
                    "unless": None,
                    "when": None,
                    "max_length": None,
                    "choices": [],
                },
                {
                    "name": "reply",
                    "label": "What was done, who was spoken to, when",
                    "kind": "text",
                    "required": True,
                    "unless": None,
                    "when": None,
                    "max_length": 4000,
                    "choices": [],
                },
            ],
            "subjects": [7],
        }
    ],
}
NEW: Final[dict[str, Any]] = {
    "client_id": "5f0f6a52-6a3f-4d2e-9a55-0b6f2f0a7c11",
    "type": "appeal",
    "category": "urban-supply",
    "title": "路口的自来水管漏水",
    "description": "路口的自来水管漏水三天了，夜里结冰。",
    "area": "35092410000101",
    "location": {"lat": 27.457, "lng": 119.506},
    "address": "解放街 12 号门前",
    "urgency": "normal",
    "captured_at": "2026-11-23T08:57:12+08:00",
    "petitioner": {"disclosure": "named", "name": "王小明", "phone": "13800001234"},
}
BODIES: Final[dict[Action, dict[str, Any]]] = {
    Action.RESOLVE_ON_SPOT: {
        "reply": "11 月 23 日上午已清理路口落石，恢复通行，已告知王先生。",
        "photos": ["0d6f3c1e-8a57-4b0a-9a35-5b9d6f7f2c10"],
    },
    Action.DOCKET: {"type": "appeal", "category": "urban-supply", "urgency": "normal"},
    Action.REJECT: {"reason": "unclear", "advice": "请补充具体地点后再反映"},
    Action.DISPATCH: {"lead": "water", "assistants": ["police"], "instruction": "先止水，再修路面"},
    Action.REPORT_IN: {"assignment": 7, "on_spot": True, "latitude": 27.457, "longitude": 119.506},
    Action.FINISH: {"assignment": 7, "reply": "11 月 27 日更换水管并恢复路面，已向王先生说明。"},
    Action.VERIFY: {"passed": True},
    Action.RATE: {"grade": "4", "solved": True, "record": "11 月 28 日电话回访，本人表示满意。"},
    Action.WITHDRAW: {"proof": "本人书面申请，已存档"},
    Action.PROPOSE_WHISTLE: {"lead": "water", "assistants": ["police"], "instruction": "需县水利局到场处置"},
    Action.APPROVE_WHISTLE: {},
    Action.REFUSE_WHISTLE: {"comment": "请先由镇综合执法队处置"},
    Action.OBJECT: {"assignment": 7, "reason": "other_lead", "basis": "依县政府三定方案，由住建局牵头"},
    Action.DECIDE_OBJECTION: {"assignment": 7, "upheld": True, "department": "housing", "comment": "改由住建局承办"},
    Action.REASSIGN: {"assignment": 7, "department": "housing", "comment": "现场查明属住建局职责"},
    Action.ADD_ASSISTANT: {"department": "housing", "comment": "路面需同步修复"},
    Action.RELEASE_ASSISTANT: {"assignment": 8, "comment": "现场已无须疏导交通"},
    Action.REQUEST_EXTENSION: {"amount": 3, "reason": "管件须定制，预计 12 月 2 日到货"},
    Action.DECIDE_EXTENSION: {"granted": True},
    Action.SUSPEND: {"reason": "awaiting_material", "until": "2026-12-04"},
    Action.RESUME: {"comment": "材料已补齐"},
    Action.MERGE: {"master": "350924-2026-0000002", "comment": "同一处漏水"},
    Action.REOPEN: {"comment": "回访得知再次漏水"},
    Action.REMIND: {"comment": "群众再次来电，请加快办理"},
    Action.ACKNOWLEDGE: {"alert": 12},
    Action.SUBMIT_PLAN: {"alert": 12, "plan": "今日排查，明日更换水管，后日恢复路面。"},
    Action.ANNUL_ALERT: {"alert": 12, "comment": "系统停机期间产生"},
    Action.SUPERVISE: {"department": "water", "card": "yellow", "demand": "三日内办结并书面说明"},
    Action.ANSWER_SUPERVISION: {"order": 5, "reply": "已加派人手，明日完成。"},
    Action.SIGN_OFF: {"order": 5},
    Action.CONCLUDE: {"reply": "已移送县纪委监委，回执存档。"},
}

NEW_CASE: Final = OpenApiExample("A leaking pipe", NEW, request_only=True)
_JUST_IN: Final[dict[str, Any]] = {
    "status": "collected",
    "phase": "collection",
    "colour": "none",
    "version": 0,
    "lead": None,
    "due_at": "2026-11-23T14:30:00+08:00",
    "updated_at": "2026-11-23T09:00:00+08:00",
    "docketed_at": None,
    "dispatched_at": None,
    "clocks": [],
    "assignments": [],
    "alerts": [],
    "extension_requests": [],
    "attachments": [],
    "allowed_actions": [],
    "query_code": "K4T7RZQ2MWAX3NPD",
}
COLLECTED: Final = OpenApiExample("Taken in", DETAIL | _JUST_IN, response_only=True)
UPLOADED: Final = OpenApiExample("A photo", KEPT, response_only=True)
CASE: Final = OpenApiExample("In hand", DETAIL, response_only=True)
CASE_PAGE: Final = OpenApiExample("A page", {"next": None, "previous": None, "results": [ROW]}, response_only=True)


def action_example(action: Action) -> OpenApiExample:
    return OpenApiExample(action.value, BODIES[action], request_only=True)


REASONS: Final = OpenApiExample(
    "Reasons",
    {
        "results": [
            {
                "list": "suspend",
                "code": "season",
                "name_zh": "受季节或天气限制",
                "name_en": "Season or weather",
                "is_active": True,
            }
        ]
    },
    response_only=True,
    status_codes=["200"],
)
NEW_MATTER: Final = OpenApiExample("A new matter", {"type": "appeal", "category": "urban-supply"}, request_only=True)
AHEAD: Final = OpenApiExample(
    "Its limits",
    {
        "results": [
            {
                "kind": "docket",
                "limit": "4 wh",
                "rule": "types.appeal.docket",
                "due_at": "2026-11-23T15:30:00+08:00",
                "blue_at": "2026-11-23T11:00:00+08:00",
                "yellow_at": "2026-11-23T14:42:00+08:00",
            }
        ]
    },
    response_only=True,
    status_codes=["200"],
)
PREVIEW: Final = OpenApiExample(
    "A report-in limit that would start",
    {
        "results": [
            {
                "clock": None,
                "kind": "report_in",
                "assignment": None,
                "due_at": None,
                "new_due_at": "2026-11-24T17:30:00+08:00",
                "new_blue_at": "2026-11-24T08:45:00+08:00",
                "new_yellow_at": "2026-11-24T15:00:00+08:00",
            }
        ]
    },
    response_only=True,
    status_codes=["200"],
)
