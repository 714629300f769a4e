// Typed and recorded without leaving the page; what was typed survives a reload (drafts.js). Without this script the forms
// lead back to the page as ever.
(() => {
    const page = document.querySelector("[data-officer]");
    if (!page) return;

    const nameOf = (field) => `${DRAFT}${page.dataset.officer} ${field.dataset.draft}`;
    const isRefused = (field) => field.hasAttribute("aria-invalid"); // what it says stands nowhere else

    function store(field) {
        if (!isRefused(field) && field.value === field.defaultValue) sessionStorage.removeItem(nameOf(field));
        else writeDraft(nameOf(field), { text: field.value, seen: field.form.elements.seen?.value });
    }

    // With the state that it was typed upon: the service then refuses to write over what somebody else recorded meanwhile,
    // and that stands beside what is brought back.
    function bringBack(field) {
        if (isRefused(field)) return store(field);
        const kept = readDraft(nameOf(field));
        if (!kept || kept.text === field.value) return;
        const seen = field.form.elements.seen;
        if (seen && kept.seen !== undefined) seen.value = kept.seen;
        for (const note of field.closest("[data-place]").querySelectorAll("[data-kept]")) {
            for (const recorded of note.querySelectorAll("[data-recorded]")) {
                recorded.hidden = !field.defaultValue;
                recorded.querySelector("q").textContent = field.defaultValue;
            }
            note.hidden = false;
        }
        field.value = kept.text;
    }

    page.addEventListener("input", ({ target }) => target.dataset.draft && store(target));

    page.addEventListener("submit", async (event) => {
        const form = event.target.closest("form[data-in-place]");
        if (!form) return;
        event.preventDefault();
        const place = form.closest("[data-place]");
        const field = form.querySelector("[data-draft]");
        const body = new FormData(form);
        body.append("part", "1");
        const answer = await send(form.action, body);
        // Only the answer of this service about this very form counts: a page to log in is none.
        const ours = answer?.type === "basic" && answer.status < 500;
        const fresh = ours && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-place]");
        if (!fresh) {
            sayWhy(place, answer);
            for (const button of form.querySelectorAll("button")) button.disabled = false;
            return;
        }
        if (answer.ok) sessionStorage.removeItem(nameOf(field));
        const next = document.importNode(fresh, true);
        place.replaceWith(next);
        const refused = next.querySelector("[aria-invalid]");
        if (refused) store(refused);
        (refused || following(next))?.focus();
    });

    const send = (address, body) =>
        fetch(address, { method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(20000) }).catch(() => null);

    // The next field to type in, so that a list is worked through without the mouse.
    function following(place) {
        const fields = [...page.querySelectorAll("[data-draft]")];
        return fields.find((field) => place.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_FOLLOWING);
    }

    for (const field of page.querySelectorAll("[data-draft]")) bringBack(field);
})();
