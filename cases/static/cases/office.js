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
});
window.addEventListener("pageshow", () => {
    for (const field of document.querySelectorAll("form[data-submit-on-change] [disabled], form[data-once] [disabled]")) field.disabled = false;
});
