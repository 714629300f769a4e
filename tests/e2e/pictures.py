"""The pictures of both READMEs, taken from a demo of their own: `make pictures`."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser

from tests.e2e.officer import LIST, Officer, laptop
from tests.e2e.running import ROOT, running_browser, running_demo

FOLDER: Final = ROOT / "docs" / "pictures"
#: What a language calls itself in the menu, and what its pages say they are written in.
LANGUAGES: Final = {"zh": ("简体中文", "zh-hans"), "en": ("English", "en")}


def desk(office: Officer) -> None:
    office.open("/admin/")


def work_list(office: Officer) -> None:
    office.open(LIST)


def case(office: Officer) -> None:
    """One that is with a department, so that every part of the page has something to say."""
    office.open(f"{LIST}?status=handling")
    number = office.page.locator(".w-number").first.inner_text()
    office.open_case(number)


def board(office: Officer) -> None:
    office.open("/admin/supervision/")


def policy(office: Officer) -> None:
    office.change_to("admin").open("/admin/limits/")


PAGES: Final[tuple[Callable[[Officer], None], ...]] = (desk, work_list, case, board, policy)


def take(browser: Browser, address: str, language: str) -> None:
    folder, (name, code) = FOLDER / language, LANGUAGES[language]
    folder.mkdir(parents=True, exist_ok=True)
    context = laptop(browser, address)
    office = Officer(context.new_page(), address).login("center")
    for page in PAGES:
        page(office)
        if office.page.locator("html").get_attribute("lang") != code:
            office.speak(name)
            page(office)
        shoot(office, folder / f"{page.__name__.replace('work_', '')}.png")
    context.close()
    if office.complaints:
        raise SystemExit("\n".join(office.complaints))


def shoot(office: Officer, path: Path) -> None:
    office.page.wait_for_load_state("networkidle")
    office.page.screenshot(path=path)


def main() -> None:
    with running_demo() as demo, running_browser() as browser:
        for language in LANGUAGES:
            take(browser, demo.address, language)


if __name__ == "__main__":
    main()
