// What was typed into a form, kept in this tab alone: a shared computer shows nobody what another one typed. Files are not
// kept, nor what names a person: fields marked `data-unkept`, and nothing of a type that is sealed.
function valueOf(field) {
    if (field.type === "checkbox" || field.type === "radio") return field.checked;
    if (field.type === "select-multiple") return [...field.selectedOptions].map((option) => option.value);
    return field.value;
}

function fill(field, value) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = value;
    else if (field.type === "select-multiple") for (const option of field.options) option.selected = value.includes(option.value);
    else field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
}

// `refused`: the service has filled the form in itself. True when something was brought back.
function keepDraft(form, name, { refused = false, sealed = () => false } = {}) {
    const note = form.querySelector(".w-restored");
    const unkept = (form.dataset.unkept ?? "").split(" ");
    const fields = [...form.elements].filter(
        (field) => field.name && !["hidden", "file", "submit"].includes(field.type) && !unkept.includes(field.name),
    );
    const given = fields.map(valueOf);
    const kept = JSON.parse(sessionStorage.getItem(name) ?? "null");
    const restored = kept?.length === fields.length && !refused;
    if (restored) {
        fields.forEach((field, at) => JSON.stringify(kept[at]) === JSON.stringify(given[at]) || fill(field, kept[at]));
        note.hidden = false;
    }
    django.jQuery(form).on("input change", () => {
        const typed = fields.map(valueOf);
        if (sealed() || JSON.stringify(typed) === JSON.stringify(given)) sessionStorage.removeItem(name);
        else sessionStorage.setItem(name, JSON.stringify(typed));
    });
    note.querySelector("button").addEventListener("click", () => {
        fields.forEach((field, at) => fill(field, given[at]));
        sessionStorage.removeItem(name);
        note.hidden = true;
    });
    return restored;
}

// A matter that is being taken in, until the page that says that it was.
document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("form[data-keep]");
    if (form) {
        const sealed = () => form.elements.type.value === form.dataset.sealed;
        keepDraft(form, form.dataset.keep, { refused: form.querySelector(".w-error") !== null, sealed });
    }
    const done = document.querySelector("[data-kept-until-here]");
    if (done) sessionStorage.removeItem(done.dataset.keptUntilHere);
});
