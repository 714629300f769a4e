"""An officer in front of the site: logging in, looking, pressing."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

PICTURES = Path(__file__).parents[2] / ".artefacts" / "e2e"
PASSWORD = "Whistle-demo-2026"
LIST = "/admin/cases/case/"
_AXE = Axe()


def laptop(browser: Browser, address: str) -> BrowserContext:
    """The usual office screen (docs/desk.md), with nobody logged in."""
    return browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768}, base_url=address)


@dataclass
class Officer:
    """One browser page. `complaints` gathers what no page may do: fail, or ask anything of another host."""

    page: Page
    site: str
    who: str = ""
    complaints: list[str] = field(default_factory=list)
    cookies: dict[str, Any] = field(default_factory=dict)  # of those who were logged in before

    def __post_init__(self) -> None:
        self.page.on("request", self._request)
        self.page.on("response", self._response)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))

    def login(self, username: str, password: str = PASSWORD) -> "Officer":
        self.who = username
        self.page.goto("/admin/login/")
        self.page.fill("input[name=username]", username)
        self.page.fill("input[name=password]", password)
        self.page.click("#login-form button[type=submit]")
        return self

    def logout(self) -> "Officer":
        """By the menu of one's own name."""
        self.page.click("#nav-sidebar-inner > div:last-child > div")
        self.page.locator("#logout-form button").click()
        self.page.wait_for_url("**/admin/**")
        self.cookies.pop(self.who, None)
        self.who = ""
        return self

    def speak(self, language: str) -> "Officer":
        """By the same menu; `language` as it calls itself."""
        self.page.click("#nav-sidebar-inner > div:last-child > div")
        self.page.get_by_text(language).click()
        self.page.wait_for_load_state("load")
        return self

    def change_to(self, username: str) -> "Officer":
        """Log out by forgetting, and in again as somebody else; who was here before goes on."""
        context = self.page.context
        if self.who:
            self.cookies[self.who] = context.cookies()
        context.clear_cookies()
        if username not in self.cookies:
            return self.login(username)
        self.who = username
        context.add_cookies(self.cookies[username])
        return self

    def open(self, address: str) -> "Officer":
        self.page.goto(address)
        return self

    def open_case(self, number: str) -> "Officer":
        return self.open(f"{LIST}{number}/change/")

    def picture(self, name: str) -> "Officer":
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_load_state("load")
        self.page.screenshot(path=PICTURES / f"{name}.png")
        self._look_for_barriers(name)
        return self

    def _look_for_barriers(self, name: str) -> None:
        """What axe calls serious or critical on the page as it stands."""
        for found in _AXE.run(self.page).response["violations"]:
            if found["impact"] in {"serious", "critical"}:
                where = "; ".join(node["html"][:120] for node in found["nodes"][:3])
                self.complaints.append(f"axe on {name}: {found['id']} ({found['impact']}): {where}")

    def reads(self, *texts: str) -> "Officer":
        """Each text is to be seen on the page, or comes within a moment."""
        for text in texts:
            self.page.get_by_text(text).locator("visible=true").first.wait_for(timeout=5000)
        return self

    def waits_for(self, selector: str) -> "Officer":
        """What the worker does in the background is told on the page by and by."""
        self.page.locator(selector).first.wait_for(timeout=60_000)
        return self

    def buttons(self) -> list[str]:
        """The actions that the case page offers, in its order."""
        self.page.wait_for_load_state("domcontentloaded")
        cards = self.page.locator("details[data-action]")
        return [cards.nth(i).get_attribute("data-action") or "" for i in range(cards.count())]

    def choose(self, action: str, name: str, words: str) -> "Officer":
        """Pick from a list with a search field of an action's form, as one does: open, type, enter."""
        return self.pick(name, words, inside=f"details[data-action={action}]")

    def pick(self, name: str, words: str, *, inside: str = "form.w-collect") -> "Officer":
        field = self.page.locator(f"{inside} .w-field:has(select[name={name}]) .select2-selection")
        field.click()
        self.page.keyboard.type(words)
        self.page.locator(".select2-results__option--highlighted").filter(has_text=words).wait_for(timeout=5000)
        self.page.keyboard.press("Enter")
        return self

    def unfold(self, action: str) -> "Officer":
        self.page.locator(f"details[data-action={action}] > summary").click()
        return self

    def tick(self, action: str, name: str, value: str) -> "Officer":
        self.page.locator(f"details[data-action={action}] [name={name}][value={value}]").check()
        return self

    def foreseen(self, action: str, words: str = "至") -> str:
        """What the form says that it would start or move, once it says so."""
        place = self.page.locator(f"details[data-action={action}] .w-preview")
        place.filter(has_text=words).wait_for(timeout=5000)
        return place.inner_text()

    def press(self, action: str) -> "Officer":
        self.page.locator(f"details[data-action={action}] button[type=submit]").click()
        return self

    def type(self, action: str, name: str, text: str) -> "Officer":
        self.page.locator(f"details[data-action={action}] [name={name}]").fill(text)
        return self

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.site, "data:")):
            self.complaints.append(f"outside: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status}: {response.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(f"console: {message.text}")
