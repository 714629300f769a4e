// The little that pages cannot do without script: filters that apply when chosen, buttons that are pressed once.
document.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll("form[data-submit-on-change]")) {
        form.addEventListener("change", (event) => {
            if (event.target.tagName === "SELECT") form.requestSubmit();
        });
        form.addEventListener("submit", () => {
            for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
        });
    }
    for (const form of document.querySelectorAll("form[data-once]")) {
        form.addEventListener("submit", () => {
            for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = true;
        });
    }
    for (const place of document.querySelectorAll("[data-moving]")) {
        const field = place.closest("form").elements[place.dataset.moving];
        let newest = 0;
        field.addEventListener("input", async () => {
            const mine = ++newest;
            const query = new URLSearchParams({ [field.name]: field.value });
            const answer = await fetch(`${place.dataset.address}?${query}`);
            const text = answer.ok ? await answer.text() : "";
            if (mine === newest) place.innerHTML = text;
        });
    }
});
window.addEventListener("pageshow", () => {
    for (const field of document.querySelectorAll("form[data-submit-on-change] [disabled], form[data-once] [disabled]")) field.disabled = false;
});
