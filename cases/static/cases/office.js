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
    for (const here of document.querySelectorAll(".w-tabs .w-here")) here.scrollIntoView({ block: "nearest", inline: "nearest" });
    for (const form of document.querySelectorAll("form[data-once]")) {
        form.addEventListener("submit", () => {
            for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = true;
        });
    }
    // unfold writes the name of a chosen file into the next text field, which here is the title: plain ones count as done.
    for (const field of document.querySelectorAll("input[type=file]")) field.hasChangeListener = true;
    for (const place of document.querySelectorAll("[data-watch]")) foresee(place);
    for (const place of document.querySelectorAll("[data-refresh]")) setInterval(() => renew(place), 1000 * Number(place.dataset.every));
    for (const place of document.querySelectorAll("[data-load]")) show(place, fetch(place.dataset.load));
    for (const place of document.querySelectorAll("[data-similar]")) proposeSimilar(place);
    for (const part of document.querySelectorAll("[data-for-type]")) showForType(part);
});
// select2 draws fields of its own, whenever it gets round to it, and gives them no name: they take that of their label.
function nameDrawn(drawn) {
    const field = drawn.previousElementSibling;
    const label = field?.labels?.[0] ?? drawn.closest(".w-field, .field-row, .form-row")?.querySelector("label");
    const name = field?.getAttribute("aria-label");
    if (!label && !name) return;
    if (name) {
        for (const part of drawn.querySelectorAll("[role=combobox], [role=textbox], [role=searchbox]")) {
            part.setAttribute("aria-label", name);
            part.removeAttribute("aria-labelledby");
        }
        return;
    }
    label.id ||= `w-label-${field?.id || field?.name}`;
    for (const part of drawn.querySelectorAll("[role=combobox], [role=textbox], [role=searchbox]")) {
        part.setAttribute("aria-labelledby", [label.id, part.getAttribute("aria-labelledby")].filter(Boolean).join(" "));
    }
}
new MutationObserver((changes) => {
    for (const added of changes.flatMap((change) => [...change.addedNodes])) {
        if (added.classList?.contains("select2-container")) nameDrawn(added);
    }
}).observe(document.documentElement, { childList: true, subtree: true });

window.addEventListener("pageshow", () => {
    for (const field of document.querySelectorAll("form[data-submit-on-change] [disabled], form[data-once] [disabled]")) field.disabled = false;
});

// Why an answer in place did not come, in the words that the page has for it: a login that has ended is no lost connection.
// "old": the page's token is of an earlier login. Said once, and no more when answers come again.
function sayWhy(place, answer) {
    const why = answer?.type === "opaqueredirect" ? "out" : ({ 403: "old", 404: "gone" }[answer?.status] ?? (answer?.ok ? "" : "lost"));
    const said = place.querySelector("[data-why]");
    if (said?.dataset.why === why) return;
    said?.remove();
    const words = why && document.getElementById("unanswered").content.querySelector(`[data-why=${why}]`);
    if (words) place.append(document.importNode(words, true));
}

// The answer to the newest question; what is answered late is dropped, and what fails leaves the place empty.
const newest = new WeakMap();
async function show(place, asked) {
    newest.set(place, asked);
    const answer = await asked.catch(() => null);
    const text = answer?.ok ? (await answer.text()).trim() : "";
    if (newest.get(place) === asked) place.innerHTML = text;
}

// What a form would move, kept up to date while it is filled in. Lists with a search field tell only jQuery of a change.
function foresee(place) {
    const form = place.closest("form");
    const card = form.closest("details");
    const names = place.dataset.watch.split(" ").filter(Boolean);
    const look = () => {
        const typed = new FormData(form);
        const query = new URLSearchParams(names.flatMap((name) => typed.getAll(name).map((value) => [name, value])));
        show(place, fetch(`${place.dataset.address}?${query}`));
    };
    card.addEventListener("toggle", () => card.open && look());
    if (card.open) look();
    django.jQuery(form).on("input change", (event) => names.includes(event.target.name) && card.open && look());
}

// A page that renews itself never moves what the pointer or the keyboard is on, rests while nobody looks, and ends when nothing will change.
async function renew(place) {
    if (place.querySelector("[data-settled]")) return;
    if (document.hidden || place.querySelector("a:hover, button:hover, :focus")) return;
    const answer = await fetch(place.dataset.refresh, { redirect: "error" }).catch(() => null);
    if (!answer || !answer.ok) {
        for (const note of place.querySelectorAll(".w-stale-note")) note.hidden = false;
        return;
    }
    place.innerHTML = await answer.text();
    const fresh = place.querySelector("[data-chart]");
    const canvas = document.querySelector("canvas.chart");
    const chart = fresh && canvas && Chart.getChart(canvas);
    if (!chart) return;
    const data = JSON.parse(fresh.dataset.chart);
    chart.data.labels = data.labels;
    data.datasets.forEach((set, number) => { chart.data.datasets[number].data = set.data; });
    chart.update("none");
}

// Matters like the one that is being typed. Posted: a phone number belongs into no address.
function proposeSimilar(place) {
    const form = document.querySelector("form.w-collect");
    const names = ["title", "description", "phone"];
    form.addEventListener("change", (event) => {
        if (!names.includes(event.target.name)) return;
        const body = new FormData();
        for (const name of [...names, "csrfmiddlewaretoken"]) body.append(name, form.elements[name].value);
        show(place, fetch(place.dataset.similar, { method: "POST", body }));
    });
}

// Fields that only one type of matter has; what was filled in stays to be seen.
function showForType(part) {
    const type = part.closest("form").elements.type;
    const turn = () => {
        const filled = [...part.querySelectorAll("select, input")].some((field) => field.value);
        part.hidden = type.value !== part.dataset.forType && !filled;
    };
    type.addEventListener("change", turn);
    window.addEventListener("pageshow", turn);
    turn();
}
