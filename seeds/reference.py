"""Loading 寿宁's areas, departments, categories, policy and calendar.

Loading again changes what differs and adds what is missing; what an administrator added stays.
"""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from cases.actions.publishing import publish_calendar, publish_policy
from cases.models import CalendarVersion, Category, Phrase, PolicyVersion, Reason
from cases.official_days import official_calendar
from grids.actors import SERVICE
from grids.models import Area, AreaOutline, Department
from notifications.channels import CARRIERS
from notifications.models import ChannelTerms, Demand, OfficeHours
from seeds.outlines import schematic_outlines

FOLDER = Path(__file__).parent


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of one of the csv files beside this module."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def load_reference(*, valid_from: datetime, now: datetime) -> None:
    """Everything that a case needs before it can exist. `valid_from`: since when the default policy counts."""
    load_areas()
    load_outlines()
    load_departments()
    load_categories()
    load_channels()
    load_reasons()
    load_phrases()
    if not CalendarVersion.objects.exists():
        publish_calendar(calendar=official_calendar(), reason="国务院办公厅公布的节假日安排", actor=SERVICE, now=now)
    if not PolicyVersion.objects.exists():
        rules = json.loads((FOLDER / "policy.json").read_text(encoding="utf-8"))
        publish_policy(rules=rules, follows=None, valid_from=valid_from, reason="默认时限规则", actor=SERVICE, now=now)


def load_areas() -> None:
    """Level by level, so that each parent is there before its children."""
    known: dict[str, int] = {}
    levels: dict[int, list[dict[str, str]]] = {}
    for row in rows("areas.csv"):
        levels.setdefault(len(row["code"]), []).append(row)
    for _, level in sorted(levels.items()):
        areas = [_area(row, known) for row in level]
        saved = Area.objects.bulk_create(
            areas,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["name", "level", "parent", "latitude", "longitude"],
        )
        known |= {area.code: area.pk for area in saved}


def _area(row: dict[str, str], known: dict[str, int]) -> Area:
    return Area(
        code=row["code"],
        name=row["name"],
        level=row["level"],
        parent_id=known.get(row["parent"]),
        latitude=Decimal(row["lat"]) if row["lat"] else None,
        longitude=Decimal(row["lng"]) if row["lng"] else None,
    )


def load_outlines() -> None:
    """Schematic ones, where there is none yet: a surveyed outline that an administrator entered stays."""
    places = dict(Area.objects.values_list("code", "pk"))
    positions = {row["code"]: (float(row["lat"]), float(row["lng"])) for row in rows("areas.csv") if row["lat"]}
    outlines = schematic_outlines([row["code"] for row in rows("areas.csv")], positions)
    AreaOutline.objects.bulk_create(
        [AreaOutline(area_id=places[code], outline=outline, schematic=True) for code, outline in outlines.items()],
        ignore_conflicts=True,
    )


def load_departments() -> None:
    areas = dict(Area.objects.values_list("code", "pk"))
    Department.objects.bulk_create(
        [
            Department(
                code=row["code"],
                name=row["name"],
                short_name=row["short_name"],
                kind=row["kind"],
                area_id=areas[row["area"]],
            )
            for row in rows("departments.csv")
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "short_name", "kind", "area"],
    )


def load_categories() -> None:
    """Topics first, then what stands under them."""
    departments = dict(Department.objects.values_list("code", "pk"))
    known: dict[str, int] = {}
    entries = sorted(rows("categories.csv"), key=lambda row: bool(row["parent"]))
    for top in (True, False):
        saved = Category.objects.bulk_create(
            [
                Category(
                    code=row["code"],
                    name=row["name"],
                    parent_id=known.get(row["parent"]),
                    lead_department_id=departments[row["lead_department"]],
                )
                for row in entries
                if bool(row["parent"]) is not top
            ],
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["name", "parent", "lead_department"],
        )
        known |= {category.code: category.pk for category in saved}


def load_reasons() -> None:
    """Whatever an administrator changed of an entry stays as it is."""
    Reason.objects.bulk_create(
        [
            Reason(
                list=row["list"],
                code=row["code"],
                position=int(row["position"]),
                name_zh=row["name_zh"],
                name_en=row["name_en"],
            )
            for row in rows("reasons.csv")
        ],
        ignore_conflicts=True,
    )


def load_phrases() -> None:
    """Into an empty table alone: what an administrator took out or reworded does not come back."""
    if not Phrase.objects.exists():
        Phrase.objects.bulk_create(
            Phrase(action=row["action"], position=int(row["position"]), text=row["text"]) for row in rows("phrases.csv")
        )


#: Robots of chat groups take twenty messages a minute each; a gateway for text messages is paid by the piece.
_RATES = {"sms": 300, "wecom": 20, "dingtalk": 20, "feishu": 100}


def load_channels() -> None:
    """What each channel carries and how much it takes. Whatever an administrator changed stays as it is.

    Channels are in use as far as they have what they need, from when they have it (`notifications.use`).
    Red is required by e-mail and by SMS, so that everybody owes an address there; where somebody added a webhook or a
    robot, red always comes there too. SMS is paid by the piece: it carries red alone unless somebody asks.
    E-mail carries blue and yellow unless it is switched off, ordinary news for who asks for it.
    """
    ChannelTerms.objects.bulk_create(
        [ChannelTerms(channel=name, per_minute=_RATES.get(name)) for name in CARRIERS],
        ignore_conflicts=True,
    )
    Demand.objects.bulk_create(
        [
            Demand(channel=row["channel"], colour=int(row["colour"]), demand=row["demand"])
            for row in rows("channels.csv")
        ],
        ignore_conflicts=True,
    )
    OfficeHours.objects.bulk_create([OfficeHours()], ignore_conflicts=True)
