"""domain.md, Privacy: what a screen shows of a petitioner."""

import pytest

from cases.masking import mask_address, mask_id, mask_name, mask_phone


@pytest.mark.parametrize(
    ("name", "shown"), [("张三", "张**"), (" 欧阳修远 ", "欧**"), ("李", "李**"), ("", ""), (" ", "")]
)
def test_a_name_keeps_its_first_character_and_never_its_length(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812341234", "138****1234"),
        ("138 1234-1234", "138****1234"),
        ("+8613812341234", "861****1234"),
        ("5522345", "****45"),
        ("110", "****"),
        ("无", "****"),
        ("", ""),
    ],
)
def test_a_phone_keeps_its_ends_only_when_the_middle_hides_enough(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("id_number", "shown"),
    [("350924199001011234", "3****************4"), ("1234567", "****"), ("", "")],
)
def test_an_identity_number_keeps_two_characters(id_number: str, shown: str) -> None:
    assert mask_id(id_number) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [("寿宁县鳌阳镇解放街 12 号", "寿宁县鳌阳镇****"), ("解放街 12 号", "****"), ("", "")],
)
def test_an_address_keeps_its_township_at_most(address: str, shown: str) -> None:
    assert mask_address(address) == shown
