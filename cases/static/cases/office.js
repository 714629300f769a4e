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
    for (const place of document.querySelectorAll("[data-watch]")) foresee(place);
    for (const place of document.querySelectorAll("[data-refresh]")) setInterval(() => renew(place), 1000 * Number(place.dataset.every));
});
window.addEventListener("pageshow", () => {
    for (const field of document.querySelectorAll("form[data-submit-on-change] [disabled], form[data-once] [disabled]")) field.disabled = false;
});

// What a form would move, kept up to date while it is filled in. Lists with a search field tell only jQuery of a change.
function foresee(place) {
    const form = place.closest("form");
    const names = place.dataset.watch.split(" ").filter(Boolean);
    let newest = 0;
    async function look() {
        const mine = ++newest;
        const query = new URLSearchParams(names.map((name) => [name, new FormData(form).get(name) ?? ""]));
        const answer = await fetch(`${place.dataset.address}?${query}`);
        const text = answer.ok ? await answer.text() : "";
        if (mine === newest) place.innerHTML = text;
    }
    const card = form.closest("details");
    card.addEventListener("toggle", () => card.open && look());
    if (card.open) look();
    django.jQuery(form).on("input change", (event) => names.includes(event.target.name) && card.open && look());
}

// A page that renews itself never moves what the pointer or the keyboard is on, and rests while nobody looks.
async function renew(place) {
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
