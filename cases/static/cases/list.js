// The work list: rows that follow what is typed and chosen, and keys for those who never touch the mouse. Without this
// script the same forms and links work, page by page.
document.addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("narrow");
    if (!form) return;
    const ledger = document.getElementById("changelist");
    const told = document.getElementById("told");
    const untold = document.getElementById("untold");
    let turn = 0;
    let running = null;
    let typing = 0;

    // The last answer wins: what is asked for anew cuts the question before off, and what comes late is dropped.
    async function renew(pressed) {
        clearTimeout(typing);
        const mine = ++turn;
        running?.abort();
        running = new AbortController();
        const body = new FormData(form);
        if (pressed?.name) body.set(pressed.name, pressed.value);
        ledger.classList.add("w-stale");
        const answer = await fetch(form.dataset.rows, { method: "POST", body, signal: running.signal, redirect: "manual" }).catch(() => null);
        const text = answer?.ok ? await answer.text().catch(() => null) : null;
        if (mine !== turn) return;
        ledger.classList.remove("w-stale");
        sayWhy(untold, text === null && answer?.ok ? null : answer);
        if (text === null) return;
        ledger.innerHTML = text;
        told.textContent = ledger.querySelector(".w-pager span")?.textContent ?? "";
        keepAddress(body);
        ledger.dispatchEvent(new CustomEvent("renewed"));
    }

    // Filters stand in the address, so that it can be kept and sent on. What was searched for never does.
    function keepAddress(body) {
        const kept = new URLSearchParams();
        for (const [name, value] of body) if (value && !["csrfmiddlewaretoken", "q", "p"].includes(name)) kept.set(name, value);
        const page = body.get("p") ? `&p=${body.get("p")}` : "";
        history.replaceState(null, "", `${form.getAttribute("action")}?${kept}${page}`);
        for (const field of document.querySelectorAll("[data-kept]")) field.value = String(kept);
        const narrowed = body.get("q") || [...kept.keys()].some((name) => !["scope", "sort"].includes(name));
        form.querySelector(".w-reset").hidden = !narrowed;
        markView(kept);
    }

    // The view that these filters are: one's own where one has exactly these, else that of everybody.
    function markView(kept) {
        const tabs = [...document.querySelectorAll(".w-views .w-tabs a")];
        const asked = (tab) => new URL(tab.href).searchParams;
        const inOrder = (query) => [...query].map(String).sort().join("&");
        const own = tabs.find((tab) => tab.matches(".w-own") && inOrder(asked(tab)) === inOrder(kept));
        const here = own ?? tabs.find((tab) => !tab.matches(".w-own") && asked(tab).get("scope") === kept.get("scope"));
        for (const tab of tabs) {
            tab.classList.toggle("w-here", tab === here);
            if (tab === here) tab.setAttribute("aria-current", "page");
            else tab.removeAttribute("aria-current");
        }
        for (const place of document.querySelectorAll("[data-view]")) place.hidden = place.dataset.view !== own?.getAttribute("href");
    }

    function press(chip) {
        const field = form.querySelector("input[type=hidden][name=colour]");
        field.value = field.value === chip.dataset.code ? "" : chip.dataset.code;
        for (const one of form.querySelectorAll("[data-code]")) {
            const chosen = one.dataset.code === field.value;
            one.setAttribute("aria-pressed", String(chosen));
            one.value = chosen ? "" : one.dataset.code;
        }
    }

    // Exported is what stands here now: what is typed and chosen goes along, in the form and in no address.
    const exported = document.getElementById("export");
    exported.addEventListener("submit", () => {
        for (const old of exported.querySelectorAll("[data-asked]")) old.remove();
        for (const [name, value] of new FormData(form)) {
            if (name === "csrfmiddlewaretoken") continue;
            const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
            field.dataset.asked = "";
            exported.append(field);
        }
    });

    form.addEventListener("submit", (event) => {
        event.preventDefault();
        const pressed = event.submitter;
        if (pressed?.dataset.code) {
            press(pressed);
            renew();
        } else {
            if (pressed?.name === "sort") form.elements.sort.value = pressed.value;
            renew(pressed);
        }
    });
    form.addEventListener("change", (event) => {
        if (event.target.tagName !== "SELECT") return;
        event.target.classList.toggle("w-set", Boolean(event.target.value));
        renew();
    });
    document.getElementById("searchbar").addEventListener("input", (event) => {
        clearTimeout(typing);
        if (!event.isComposing) typing = setTimeout(renew, 250);
    });
    document.getElementById("searchbar").addEventListener("compositionend", () => {
        clearTimeout(typing);
        typing = setTimeout(renew, 250);
    });

    ledger.addEventListener("click", (event) => {
        const link = event.target.closest(".w-pager a");
        if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        renew({ name: "p", value: new URL(link.href).searchParams.get("p") });
        scrollTo({ top: 0 });
    });

    select(ledger);
    keys(ledger);
});

// What is selected stays selected while filters, searches and pages come and go, up to a hundred cases.
function select(ledger) {
    const bulk = document.getElementById("bulk");
    if (!bulk) return;
    const chosen = new Set();
    const boxes = () => [...ledger.querySelectorAll("input[name=number]")];
    const output = document.getElementById("chosen");
    function draw() {
        for (const box of boxes()) box.checked = chosen.has(box.value);
        const all = ledger.querySelector("[data-all]");
        if (all) {
            all.hidden = false;
            all.checked = boxes().length > 0 && boxes().every((box) => box.checked);
        }
        bulk.classList.toggle("w-shown", chosen.size > 0);
        output.textContent = (chosen.size >= MOST ? output.dataset.full : output.dataset.words).replace("{count}", chosen.size);
    }
    function put(box, wanted) {
        if (!wanted) chosen.delete(box.value);
        else if (chosen.size < MOST) chosen.add(box.value);
    }
    // Back from the preview: what was chosen then, by number. The browser itself would tick whatever stands in the same rows.
    for (const box of boxes()) put(box, history.state?.chosen?.includes(box.value));
    ledger.addEventListener("change", (event) => {
        if (event.target.matches("[data-all]")) for (const box of boxes()) put(box, event.target.checked);
        else if (event.target.name === "number") put(event.target, event.target.checked);
        draw();
    });
    ledger.addEventListener("renewed", draw);
    bulk.addEventListener("reset", () => {
        chosen.clear();
        setTimeout(draw);
    });
    bulk.addEventListener("submit", () => {
        for (const old of bulk.querySelectorAll("input[data-elsewhere]")) old.remove();
        history.replaceState({ chosen: [...chosen] }, "");
        const here = new Set(boxes().map((box) => box.value));
        for (const number of chosen) {
            if (here.has(number)) continue;
            const field = Object.assign(document.createElement("input"), { type: "hidden", name: "number", value: number });
            field.dataset.elsewhere = "";
            bulk.append(field);
        }
    });
    draw();
}
const MOST = 100;

// j and k walk along the rows; nothing fires while somebody types, chooses or holds another key.
function keys(ledger) {
    const help = document.getElementById("keys");
    let at = -1;
    const rows = () => [...ledger.querySelectorAll("tbody tr")];
    function go(step) {
        const all = rows();
        if (!all.length) return;
        const focused = all.findIndex((row) => row.contains(document.activeElement));
        at = Math.min(Math.max((focused >= 0 ? focused : at) + step, 0), all.length - 1);
        all.forEach((row, place) => row.classList.toggle("w-at", place === at));
        all[at].querySelector("a.w-title").focus();
        all[at].scrollIntoView({ block: "nearest" });
    }
    const open = (hash = "") => {
        const link = rows()[at]?.querySelector("a.w-title");
        if (link) location.href = link.href + hash;
    };
    const act = () => {
        const bar = document.querySelector("#bulk button[name=action]");
        if (bar && ledger.querySelector("input[name=number]:checked")) bar.focus();
        else open("#next");
    };
    const presses = {
        j: () => go(1),
        k: () => go(-1),
        o: () => open(),
        Enter: () => open(),
        x: () => rows()[at]?.querySelector("input[name=number]")?.click(),
        a: act,
        "/": () => document.getElementById("searchbar").select(),
        "?": () => (help.open ? help.close() : help.showModal()),
    };
    ledger.addEventListener("renewed", () => (at = -1));
    ledger.addEventListener("focusin", (event) => {
        at = rows().findIndex((row) => row.contains(event.target));
        rows().forEach((row, place) => row.classList.toggle("w-at", place === at));
    });
    document.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !presses[event.key]) return;
        const place = event.target;
        if (event.key === "?" && help.open) return event.preventDefault(), help.close();
        if (help.open || place.matches("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
        if (event.key === "Enter" && !place.matches("body, tr, input[name=number]")) return;
        event.preventDefault();
        presses[event.key]();
    });
}
