// The preview of many cases follows the department that is chosen; a button is pressed once.
document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("form[data-preview]");
    form?.querySelector("#department")?.addEventListener("change", () => form.requestSubmit(form.querySelector("[data-again]")));
    form?.addEventListener("submit", (event) => {
        const words = form.elements.words;
        if (event.submitter?.name === "confirm" && form.elements.action.value !== "dispatch" && !words.value.trim()) {
            event.preventDefault();
            form.querySelector("[data-words-missing]").hidden = false;
            words.focus();
            return;
        }
        setTimeout(() => {
            for (const button of form.querySelectorAll("button")) button.disabled = true;
        });
    });
});
window.addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("form[data-preview] button")) button.disabled = false;
});
