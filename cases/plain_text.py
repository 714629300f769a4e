"""Texts as their writers count them."""


def plain(text: str) -> str:
    """Stripped, each line break one character: browsers send two, and let one type as if it were one."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
