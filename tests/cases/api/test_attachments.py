"""Attachments by phone: sending, using, opening (api.md, "Attachments")."""

import hashlib
import uuid
from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from cases.actions import attaching
from cases.contents import MOST_BYTES
from cases.models import Attachment, Case
from cases.terms import CaseType
from tests import photos
from tests.api_client import Answer, Phone
from tests.builders import County
from tests.cases.api.phones import new_case
from tests.cases.api.test_side_paths import MOST_QUERIES, everything
from tests.photos import send_photo
from tests.stories import Story

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(county: County) -> Phone:
    return Phone(county.users["gridworker"])


def taken_in(phone: Phone, *sent: Answer, **changes: Any) -> Answer:
    return phone.post("cases/", new_case(attachments=[answer.json["id"] for answer in sent], **changes))


def test_a_photo_is_answered_with_what_it_was_and_given_back_without_it(phone: Phone) -> None:
    sent = phone.send(photos.photo())
    assert sent.status == 201
    assert sent.json["content_type"] == "image/jpeg"
    assert sent.json["position"] == {"lat": photos.LATITUDE, "lng": photos.LONGITUDE}
    assert sent.json["taken_at"] == "2026-03-02T08:30:00+08:00"
    back = phone.get(sent.headers["Location"])
    assert (back.status, hashlib.sha256(back.content).hexdigest()) == (200, sent.json["sha256"])
    assert len(back.content) == sent.json["size"]
    assert photos.MARK not in back.content
    assert b"Exif" not in back.content


@pytest.mark.parametrize(
    ("file", "shown"), [(photos.photo("PNG"), "inline"), (photos.PDF, "attachment")], ids=["photo", "paper"]
)
def test_a_file_is_never_a_page(phone: Phone, file: bytes, shown: str) -> None:
    sent = phone.send(file, name="page.html")
    headers = phone.get(f"attachments/{sent.json['id']}/").headers
    assert headers["Content-Type"] == sent.json["content_type"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"].split(";")[0] == shown
    assert "html" not in headers["Content-Disposition"]
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "private, no-store"


def test_a_preview_of_a_photo_is_small(phone: Phone) -> None:
    large = phone.send(photos.photo("PNG", size=(1200, 800))).json["id"]
    paper = phone.send(photos.PDF).json["id"]
    assert phone.get(f"attachments/{large}/", small="1").headers["Content-Type"] == "image/jpeg"
    assert phone.get(f"attachments/{paper}/", small="1").content == photos.PDF


def test_the_same_again_is_the_same_and_another_is_a_conflict(phone: Phone) -> None:
    client_id = uuid.uuid4()
    first, again = (phone.send(photos.jpeg(), client_id=client_id) for _ in range(2))
    assert (first.status, again.status) == (201, 200)
    assert first.json == again.json
    assert phone.send(photos.jpeg(2), client_id=client_id).status == 409
    taken_in(phone, first)
    assert phone.send(photos.jpeg(), client_id=client_id).json["id"] == first.json["id"]


@pytest.mark.parametrize(
    ("file", "status"),
    [
        (b"<html>", 415),
        (b"", 415),
        (photos.HEIC, 415),
        (photos.photo()[:100], 415),
        (photos.bomb(), 413),
        (photos.PDF.ljust(MOST_BYTES + 1), 413),
        (photos.PDF.ljust(MOST_BYTES + 100_000), 413),
    ],
    ids=["page", "empty", "heic", "cut off", "bomb", "a byte too much", "far too much"],
)
def test_what_is_refused_leaves_nothing(phone: Phone, file: bytes, status: int) -> None:
    refused = phone.send(file)
    assert (refused.status, refused.json["status"]) == (status, status)
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json["detail"]
    assert not Attachment.objects.exists()


def test_the_form_of_the_request_is_checked(phone: Phone) -> None:
    assert phone.send(photos.PDF, client_id="x").json["errors"].keys() == {"client_id"}
    assert phone.post("attachments/", {"client_id": str(uuid.uuid4())}).status == 415


def test_who_has_no_use_for_files_sends_none(county: County) -> None:
    for username in ("auditor", "handler", "center"):
        assert Phone(county.users[username]).send(photos.PDF).status == 403
    assert Phone().send(photos.PDF).status == 401


def test_unused_files_are_counted(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    first = phone.send(photos.PDF)
    monkeypatch.setattr(attaching, "MOST_UNUSED", len(photos.PDF) + 1)
    assert phone.send(photos.PDF).status == 413
    taken_in(phone, first)
    assert phone.send(photos.PDF).status == 201


def test_a_new_case_takes_its_files_and_shows_them(phone: Phone) -> None:
    sent = [phone.send(photos.jpeg()), phone.send(photos.PDF)]
    taken = taken_in(phone, *sent)
    assert taken.status == 201
    shown = {file["id"]: file for file in taken.json["attachments"]}
    assert shown == {answer.json["id"]: {**answer.json, "action": "collect"} for answer in sent}
    detail = phone.get(f"cases/{taken.json['number']}/").json
    assert {file["id"] for file in detail["attachments"]} == set(shown)
    event = phone.get(f"cases/{taken.json['number']}/events/").json["results"][0]
    assert {file["attachment"]: file["sha256"] for file in event["attachments"]} == {
        pk: file["sha256"] for pk, file in shown.items()
    }


def test_taking_in_again_is_the_same_case(phone: Phone) -> None:
    body = new_case(attachments=[phone.send(photos.jpeg()).json["id"]])
    first, again = phone.post("cases/", body), phone.post("cases/", body)
    assert (first.status, again.status) == (201, 200)
    assert again.json["number"] == first.json["number"]
    assert again.json["attachments"] == first.json["attachments"]


def test_files_of_others_unknown_and_used_ones_are_refused_whole(county: County, phone: Phone) -> None:
    used, mine = phone.send(photos.jpeg()), phone.send(photos.jpeg())
    taken_in(phone, used)
    others = Phone(county.users["intake"]).send(photos.jpeg())
    for ids in ([others.json["id"]], [used.json["id"]], [str(uuid.uuid4())], ["x"]):
        refused = phone.post("cases/", new_case(attachments=[mine.json["id"], *ids]))
        assert refused.status == 400
        assert [name.split(".")[0] for name in refused.json["errors"]] == ["attachments"]
    assert Case.objects.count() == 1
    assert Attachment.objects.get(pk=mine.json["id"]).case is None


def test_an_anonymous_matter_forgets_where_and_when(phone: Phone) -> None:
    sent = phone.send(photos.photo())
    anonymous = {"disclosure": "anonymous"}
    assert taken_in(phone, sent, phone.send(photos.PDF), petitioner=anonymous).status == 400
    taken = taken_in(phone, sent, petitioner=anonymous)
    (file,) = taken.json["attachments"]
    assert (file["position"], file["taken_at"]) == (None, None)
    row = Attachment.objects.get(pk=sent.json["id"])
    assert (row.latitude, row.longitude, row.taken_at) == (None, None, None)


def test_a_file_is_seen_by_whom_its_case_is_seen(county: County, phone: Phone) -> None:
    sent = phone.send(photos.jpeg())
    address = f"attachments/{sent.json['id']}/"
    township, handler = Phone(county.users["township"]), Phone(county.users["handler"])
    assert [who.get(address).status for who in (phone, township, handler)] == [200, 404, 404]
    number = taken_in(phone, sent).json["number"]
    assert [who.get(address).status for who in (phone, township, handler)] == [200, 200, 404]
    act = f"cases/{number}/actions/"
    told = {"type": "appeal", "category": "urban-supply", "urgency": "normal"}
    assert township.post(f"{act}docket/", told).status == 200
    center = Phone(county.users["center"])
    assert center.post(f"{act}dispatch/", {"lead": "water"}).status == 200
    assert handler.get(address).status == 200
    part = center.get(f"cases/{number}/").json["assignments"][0]["id"]
    body = {"assignment": part, "department": "police", "comment": "改由公安局"}
    assert center.post(f"{act}reassign/", body).status == 200
    assert handler.get(address).status == 404, "it lost its part"
    assert Phone(county.users["police-handler"]).get(address).status == 200
    assert Phone().get(address).status == 401


def test_a_file_of_an_accusation_is_its_keepers(county: County) -> None:
    phone = Phone(county.users["intake"])
    sent = phone.send(photos.jpeg())
    taken = taken_in(phone, sent, type=CaseType.ACCUSATION.value, category=None)
    assert taken.json["sealed"] is True
    address = f"attachments/{sent.json['id']}/"
    assert phone.get(address).status == 404
    assert Phone(county.users["center"]).get(address).status == 404
    assert Phone(county.users["petition"]).get(address).status == 200


@pytest.mark.parametrize("address", ["attachments/1/", "attachments/x/", f"attachments/{uuid.UUID(int=1)}/"])
def test_what_is_no_file_is_not_found(phone: Phone, address: str) -> None:
    assert phone.get(address).status == 404


def test_a_file_that_the_disk_lost_is_not_found(phone: Phone) -> None:
    sent = phone.send(photos.jpeg())
    attaching._remove(Attachment.objects.get().name)
    assert phone.get(f"attachments/{sent.json['id']}/").status == 404


def test_resolving_on_the_spot_by_phone(county: County, phone: Phone) -> None:
    number = taken_in(phone).json["number"]
    offered = {offer["action"]: offer for offer in phone.get(f"cases/{number}/").json["allowed_actions"]}
    assert [field["kind"] for field in offered["resolve_on_spot"]["fields"]] == ["text", "photos"]
    path = f"cases/{number}/actions/resolve_on_spot/"
    body = {"reply": "当场清理完毕", "photos": [phone.send(photos.jpeg()).json["id"]]}
    assert phone.post(path, body | {"photos": []}).json["errors"].keys() == {"photos"}
    done, again = (phone.post(path, body, headers={"Idempotency-Key": "a"}) for _ in range(2))
    assert (done.status, done.json["status"], again.status) == (200, "rating", 200)
    assert [file["action"] for file in done.json["attachments"]] == ["resolve_on_spot"]


def test_files_cost_one_query(county: County, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    story: Story = everything(county)
    for shade in range(5):
        Attachment.objects.filter(pk=send_photo(county.users["gridworker"], data=photos.jpeg(shade)).pk).update(
            case_id=story.case_id, action="collect"
        )
    phone = Phone(county.users["center"])
    phone.get(f"cases/{story.number}/")
    with django_assert_max_num_queries(MOST_QUERIES):
        assert len(phone.get(f"cases/{story.number}/").json["attachments"]) == 5
