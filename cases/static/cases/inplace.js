// Typed and recorded without leaving the page; what was typed survives a reload. Without this script the forms lead back
// to the page as ever.
(() => {
    const page = document.querySelector("[data-officer]");
    if (!page) return;

    // Drafts live in this tab alone: a shared computer shows nobody what another one typed.
    const nameOf = (field) => `w-draft ${page.dataset.officer} ${field.dataset.draft}`;

    function bringBack(root) {
        for (const field of root.querySelectorAll("[data-draft]")) {
            const kept = sessionStorage.getItem(nameOf(field));
            if (kept === null || kept === field.value) continue;
            field.value = kept;
            for (const note of field.form.parentElement.querySelectorAll("[data-kept]")) note.hidden = false;
        }
    }

    page.addEventListener("input", ({ target }) => {
        if (!target.dataset.draft) return;
        if (target.value === target.defaultValue) sessionStorage.removeItem(nameOf(target));
        else sessionStorage.setItem(nameOf(target), target.value);
    });

    page.addEventListener("submit", async (event) => {
        const form = event.target.closest("form[data-in-place]");
        if (!form) return;
        event.preventDefault();
        const place = form.closest("[data-place]");
        const field = form.querySelector("[data-draft]");
        const body = new FormData(form);
        body.append("part", "1");
        const answer = await send(form.action, body);
        const fresh = answer && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-place]");
        if (!fresh) {
            for (const note of place.querySelectorAll("[data-unsent]")) note.hidden = false;
            for (const button of form.querySelectorAll("button")) button.disabled = false;
            return;
        }
        if (answer.ok) sessionStorage.removeItem(nameOf(field));
        const next = document.importNode(fresh, true);
        place.replaceWith(next);
        (next.querySelector("[aria-invalid]") || following(next))?.focus();
    });

    // Only the answer of this service about this very form counts: a page to log in is none.
    async function send(address, body) {
        const asked = fetch(address, { method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(20000) });
        const answer = await asked.catch(() => null);
        return answer && answer.type === "basic" && answer.status < 500 ? answer : null;
    }

    // The next field to type in, so that a list is worked through without the mouse.
    function following(place) {
        const fields = [...page.querySelectorAll("[data-draft]")];
        return fields.find((field) => place.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_FOLLOWING);
    }

    bringBack(page);
})();
