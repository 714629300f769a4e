"""How the REST API is assembled: settings of DRF, knox and drf-spectacular, taken over by settings.py."""

import os
from datetime import timedelta
from typing import Any

from config.environment import number

_PUBLIC_RATE = f"{number(os.environ, 'PUBLIC_REQUESTS_PER_MINUTE', 60)}/min"

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["grids.api.tokens.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["config.wire.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["config.wire.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS tells nothing that the schema does not
    "EXCEPTION_HANDLER": "config.problems.handle",
    "DEFAULT_THROTTLE_RATES": {
        # Logins from one address. Failures of one person are counted by axes; this slows down trying many names.
        "login": f"{number(os.environ, 'LOGINS_PER_MINUTE', 120)}/min",
        # Citizens without an account, by address: matters that they bring in, and each of the other public addresses.
        "public_cases": f"{number(os.environ, 'PUBLIC_CASES_PER_MINUTE', 10)}/min",
        "public_lookup": _PUBLIC_RATE,
        "public_rating": _PUBLIC_RATE,
        "public_withdraw": _PUBLIC_RATE,
    },
    # How many proxies stand in front; the address of a client is believed from the last of them only.
    "NUM_PROXIES": number(os.environ, "TRUSTED_PROXIES", 0, least=0),
    "URL_FORMAT_OVERRIDE": None,
    "DATETIME_FORMAT": None,
    "COERCE_DECIMAL_TO_STRING": False,
}

REST_KNOX: dict[str, Any] = {
    "TOKEN_TTL": timedelta(hours=number(os.environ, "TOKEN_HOURS", 168)),
    "AUTO_REFRESH": False,
}

_DESCRIPTION = """
Case tracking for grassroots government: 采集 — 立项 — 受理 — 反馈 — 评价, with deadlines under three colours.

Log in with `POST /api/v1/auth/login/` and send the token as `Authorization: Token …`. Posts decide what you see: a case
that none of your posts opens does not exist for you (404). Errors are `application/problem+json` (RFC 9457), in Chinese
or English by `Accept-Language`. Times are ISO 8601 with offset. Positions are WGS84. docs/api.md is a worked example.
"""

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Whistle · 吹哨报到",
    "DESCRIPTION": _DESCRIPTION.strip(),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None, "displayRequestDuration": True},
    "POSTPROCESSING_HOOKS": [
        "config.openapi.keep_enums_plain",
        "config.openapi.add_problems",
        "config.openapi.add_operations",
    ],
    "TAGS": [
        {"name": "auth", "description": "Tokens and the person behind them"},
        {"name": "reference", "description": "What a phone may keep: every answer has an ETag"},
        {"name": "cases", "description": "Matters from collection to rating"},
        {"name": "attachments", "description": "Photos and papers: sent first, then named by an action"},
        {"name": "actions", "description": "The workflow table, one address for each action"},
        {"name": "statistics", "description": "Figures with numerator and denominator, for who leads or audits"},
        {"name": "public", "description": "For citizens: without a login, limited by address"},
        {"name": "sync", "description": "Phones that were offline"},
        {"name": "inbox", "description": "Messages to me"},
        {"name": "operations", "description": "Whether the service lives, is ready and keeps its time"},
    ],
}
