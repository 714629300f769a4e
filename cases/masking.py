"""What screens and APIs show of a petitioner (domain.md, "Privacy"). Pure: no Django.

An empty value stays empty, so that one sees that nothing was given; everything else loses what would identify.
"""

import re

HIDDEN = "****"

_TOWN = re.compile(r"^.{0,20}?(?:街道|镇|乡)")


def mask_name(name: str) -> str:
    """`张三` → `张**`, however long the name is."""
    plain = name.strip()
    return f"{plain[0]}**" if plain else ""


def mask_phone(phone: str) -> str:
    """`13812341234` → `138****1234`; of a shorter number at most the last two digits stay."""
    digits = "".join(character for character in phone if character.isdigit())
    if len(digits) >= 11:
        return f"{digits[:3]}{HIDDEN}{digits[-4:]}"
    if len(digits) >= 7:
        return f"{HIDDEN}{digits[-2:]}"
    return HIDDEN if phone.strip() else ""


def mask_id(id_number: str) -> str:
    """First and last character of an identity number; a short one is hidden whole."""
    plain = id_number.strip()
    if len(plain) < 8:
        return HIDDEN if plain else ""
    return f"{plain[0]}{'*' * (len(plain) - 2)}{plain[-1]}"


def mask_address(address: str) -> str:
    """The part up to the township, if one can be made out: `寿宁县鳌阳镇****`."""
    plain = address.strip()
    if not plain:
        return ""
    town = _TOWN.match(plain)
    return f"{town[0] if town else ''}{HIDDEN}"
