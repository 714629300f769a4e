// The desk renews itself: the parts that changed and no others, nothing under the pointer or with the focus, and nothing
// while nobody looks. Without this script the page is the same, as of when it was opened.
(() => {
    const desk = document.querySelector("[data-live]");
    if (!desk) return;
    const every = 1000 * Number(desk.dataset.every);
    const note = (name) => document.querySelector(`[data-${name}]`);
    const known = new Map(partsOf(desk).map((part) => [part.dataset.part, part.outerHTML]));
    let etag = "";
    let newest = null; // what the server told last, as long as not all of it is shown
    let timer = 0;
    let pointer = null;

    function partsOf(root) {
        return [...root.querySelectorAll("[data-part]")];
    }

    async function look() {
        clearTimeout(timer);
        if (document.hidden) return;
        const address = new URL(location.href);
        address.hash = "";
        address.searchParams.set("part", "1");
        const headers = etag ? { "If-None-Match": etag } : {};
        const asked = fetch(address, { headers, cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(15000) });
        const answer = await asked.catch(() => null);
        if (answer && answer.type === "opaqueredirect") {
            note("out").hidden = false; // logged out: asking on would not help
            return;
        }
        const fine = answer && (answer.ok || answer.status === 304);
        note("lost").hidden = Boolean(fine);
        if (fine) await take(answer);
        timer = setTimeout(look, every);
    }

    async function take(answer) {
        const told = { words: answer.headers.get("X-As-Of"), until: answer.headers.get("X-Until") };
        if (answer.status === 304) {
            if (!newest) stamp(told);
            return;
        }
        etag = answer.headers.get("ETag") || "";
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        newest = { page, told };
        settle();
    }

    function stamp({ words, until }) {
        note("as-of").textContent = words;
        note("until").value = until;
    }

    // Show what can be shown now; what is in use waits until it is left.
    function settle() {
        if (!newest) return;
        const fresh = partsOf(newest.page);
        const same = fresh.map((part) => part.dataset.part).join() === partsOf(desk).map((part) => part.dataset.part).join();
        if (!same && !replaceAll(newest.page)) return;
        const waiting = same ? fresh.filter((part) => known.get(part.dataset.part) !== part.outerHTML && !show(part)) : [];
        if (waiting.length) return;
        stamp(newest.told);
        newest = null;
    }

    function replaceAll(page) {
        if (anchor() || inUse(desk)) return false;
        desk.replaceChildren(...page.body.children);
        for (const part of partsOf(desk)) known.set(part.dataset.part, part.outerHTML);
        return true;
    }

    function show(fresh) {
        const old = desk.querySelector(`[data-part="${fresh.dataset.part}"]`);
        if (inUse(old)) return false;
        const text = fresh.outerHTML;
        const held = anchor();
        const place = held && held.getBoundingClientRect();
        const part = document.importNode(fresh, true);
        old.replaceWith(part);
        if (held && !stayed(held, place, part)) {
            part.replaceWith(old);
            return false;
        }
        known.set(fresh.dataset.part, text);
        const before = new Set([...old.querySelectorAll("[data-row]")].map((row) => row.dataset.row));
        for (const row of part.querySelectorAll("[data-row]")) row.classList.toggle("w-new", !before.has(row.dataset.row));
        return true;
    }

    function inUse(part) {
        return part.contains(document.activeElement) || Boolean(part.querySelector("details[open]"));
    }

    // What the pointer is on, if that is something to read or to press.
    function anchor() {
        const on = pointer && document.elementFromPoint(pointer.x, pointer.y);
        const found = on && on.closest("[data-row], a, button, summary");
        return found && desk.contains(found) ? found : null;
    }

    function stayed(held, place, part) {
        const key = (element) => element.dataset.row || element.getAttribute("href") || element.textContent;
        const twin = held.isConnected ? held : [...part.querySelectorAll(held.localName)].find((one) => key(one) === key(held));
        if (!twin) return false;
        const now = twin.getBoundingClientRect();
        return Math.abs(now.top - place.top) < 1 && Math.abs(now.left - place.left) < 1;
    }

    let moved = 0;
    const left = () => { clearTimeout(moved); moved = setTimeout(settle, 400); };
    document.addEventListener("pointermove", (event) => { pointer = { x: event.clientX, y: event.clientY }; if (newest) left(); });
    document.documentElement.addEventListener("pointerleave", () => { pointer = null; if (newest) left(); });
    document.addEventListener("focusout", () => newest && left());
    desk.addEventListener("toggle", () => newest && left(), true);
    document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : look()));
    window.addEventListener("online", look);
    timer = setTimeout(look, every);
})();
