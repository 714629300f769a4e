// What was typed into a form, kept in this tab alone: a shared computer shows nobody what another one typed. Files are not
// kept, nor what names a person: fields marked `data-unkept`, and nothing of a type that is sealed.
const DRAFT = "w-draft ";
const draftNames = () => Object.keys(sessionStorage).filter((name) => name.startsWith(DRAFT));
let isLeft = false; // a page that goes away tells of one more change as its field loses the focus: it is not kept
const writeDraft = (name, draft) => isLeft || sessionStorage.setItem(name, JSON.stringify(draft));

function readDraft(name) {
    try {
        return JSON.parse(sessionStorage.getItem(name) ?? "null");
    } catch {
        return null; // of an older release of this script
    }
}

// The service's own word that a form arrived: its key, told to the page that the answer leads to. Nothing else is one:
// that a case moved on may be somebody else's doing.
const arrived = new URLSearchParams(location.hash.slice(1)).get("done");
if (arrived) {
    for (const name of draftNames()) if (readDraft(name)?.key === arrived) sessionStorage.removeItem(name);
    history.replaceState(history.state, "", location.pathname + location.search);
}

// Logging out is leaving: nothing that was typed stays to be read, in this tab or in another one. A login that has merely
// ended is no such word: its drafts wait for the same officer.
const leaving = new BroadcastChannel("w-leaving");
function forgetDrafts() {
    isLeft = true;
    for (const name of draftNames()) sessionStorage.removeItem(name);
}
leaving.addEventListener("message", () => {
    forgetDrafts();
    document.documentElement.hidden = true;
    setTimeout(() => location.reload(), 1000); // once the other tab is out
});
document.addEventListener("submit", (event) => {
    if (event.target.id !== "logout-form") return;
    forgetDrafts();
    leaving.postMessage("out");
});
// A page out of the browser's memory shows what stood there before somebody logged out: it is asked for anew.
window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    isLeft = true;
    document.documentElement.hidden = true;
    location.reload();
});

const isTick = (field) => ["checkbox", "radio"].includes(field.type);
const keyOf = (field) => (isTick(field) ? `${field.name}=${field.value}` : field.name);
const isHere = (field, value) => [...field.options].some((option) => option.value === value);

function valueOf(field) {
    if (isTick(field)) return field.checked;
    if (field.type === "select-multiple") return [...field.selectedOptions].map((option) => option.value);
    return field.value;
}

const valuesOf = (fields) => Object.fromEntries(fields.map((field) => [keyOf(field), valueOf(field)]));

// False where the field cannot take it: a choice that is gone, or another part of the case than the only one left.
// `data-base`: the state that was typed upon goes back with what was typed, so that the service sees what came between.
function fill(field, value) {
    if ("base" in field.dataset) field.value = value;
    if (field.type === "hidden") return field.value === value;
    if (field.type === "select-one" && !isHere(field, value)) return false;
    if (isTick(field)) field.checked = value;
    else if (field.type === "select-multiple") for (const option of field.options) option.selected = value.includes(option.value);
    else field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    return field.type !== "select-multiple" || value.every((one) => isHere(field, one));
}

// By name, whatever else of the form came or went meanwhile. True when everything found its place.
function bringBack(fields, values) {
    const missing = new Map(Object.entries(values).filter(([, value]) => value && value.length !== 0));
    for (const field of fields) {
        const key = keyOf(field);
        if (!(key in values)) continue;
        const same = JSON.stringify(values[key]) === JSON.stringify(valueOf(field));
        if (same || fill(field, values[key])) missing.delete(key);
    }
    return missing.size === 0;
}

// Lists with a search field tell only jQuery of a change.
function whenTyped(form, act) {
    if (window.django?.jQuery) django.jQuery(form).on("input change", act);
    else for (const name of ["input", "change"]) form.addEventListener(name, act);
}

function fieldsToKeep(form) {
    const unkept = (form.dataset.unkept ?? "").split(" ");
    const asked = (field) => (field.type === "hidden" ? "subject" in field.dataset || "base" in field.dataset : !["file", "submit", "button"].includes(field.type));
    return [...form.elements].filter((field) => field.name && asked(field) && !unkept.includes(field.name));
}

// `refused`: the service has filled the form in itself, with what is therefore nowhere else. True when something was brought back.
function keepDraft(form, name, { refused = false, sealed = () => false } = {}) {
    const note = form.querySelector(".w-restored");
    const fields = fieldsToKeep(form);
    const given = valuesOf(fields);
    const empty = refused ? "" : JSON.stringify(given);
    const kept = refused ? null : readDraft(name);
    const restored = Boolean(kept?.values) && JSON.stringify(kept.values) !== empty;
    if (restored) {
        note.querySelector("[data-misfit]").hidden = bringBack(fields, kept.values);
        note.querySelector("[data-unsure]").hidden = !kept.sent;
        note.hidden = false;
    }
    const store = (sent) => {
        const values = valuesOf(fields);
        if (sealed() || JSON.stringify(values) === empty) sessionStorage.removeItem(name);
        else writeDraft(name, { values, sent, key: form.elements.key?.value });
    };
    if (refused) store(false);
    whenTyped(form, () => store(false));
    form.addEventListener("submit", () => store(true));
    note.querySelector("button").addEventListener("click", () => {
        for (const field of fields) fill(field, given[keyOf(field)]);
        sessionStorage.removeItem(name);
        note.hidden = true;
    });
    return restored;
}

document.addEventListener("DOMContentLoaded", () => {
    // The browser's own memory of forms knows no officers: with Back it shows the next one what the last one typed.
    for (const form of document.forms) if (form.method === "post" && form.id !== "login-form") form.autocomplete = "off";
    for (const done of document.querySelectorAll("[data-kept-until-here]")) sessionStorage.removeItem(done.dataset.keptUntilHere);
    for (const form of document.querySelectorAll("form[data-keep]")) {
        const sealed = () => Boolean(form.dataset.sealed) && form.elements.type.value === form.dataset.sealed;
        keepDraft(form, form.dataset.keep, { refused: "filled" in form.dataset, sealed });
    }
});
