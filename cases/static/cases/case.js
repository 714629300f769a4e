// The page of one case: receipts in place, drafts that survive a reload, and word of what somebody else did meanwhile.
document.addEventListener("DOMContentLoaded", () => {
    const page = document.getElementById("case");
    const box = page.querySelector("dialog");
    page.addEventListener("click", (event) => {
        const link = event.target.closest("a.w-receipt-link");
        if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        explain(box, link);
    });
    box.addEventListener("click", (event) => event.target === box && box.close());
    makeSure(page);
    page.addEventListener("click", (event) => {
        const phrase = event.target.closest("[data-phrase]");
        if (phrase) putIn(phrase);
    });
    for (const form of page.querySelectorAll("form[data-draft]")) keep(page, form);
    for (const place of page.querySelectorAll("[data-suggest]")) propose(place);
    for (const button of page.querySelectorAll("[data-locate]")) locate(button);
    const news = page.querySelector("[data-news]");
    setInterval(() => listen(news), 30000);
    document.addEventListener("visibilitychange", () => listen(news));
});

// A stock phrase goes where the cursor stands in the text of its form; it can be changed like everything that is typed.
function putIn(phrase) {
    const field = phrase.closest("form").querySelector("textarea");
    if (!field) return;
    field.setRangeText(phrase.textContent, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
}

// What nothing leads back from is asked once more; whoever goes back finds everything as it was.
function makeSure(page) {
    const box = page.querySelector(".w-sure");
    const yes = box.querySelector("[data-yes]");
    let sure = null;
    page.addEventListener("submit", (event) => {
        const form = event.target;
        const { sureField, sureChoice } = form.dataset;
        if (!form.dataset.sure || form === sure || (sureField && form.elements[sureField].value !== sureChoice)) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        box.querySelector("#sure").textContent = form.dataset.sure;
        yes.textContent = event.submitter?.textContent ?? form.querySelector("button[type=submit]").textContent;
        yes.onclick = () => {
            sure = form;
            box.close();
            form.requestSubmit();
        };
        box.showModal();
    }, true);
    box.querySelector("[data-no]").addEventListener("click", () => box.close());
}

// A due time explains itself where it stands; without an answer the link leads to its page as ever.
async function explain(box, link) {
    const answer = await fetch(`${link.href}?part`, { redirect: "error" }).catch(() => null);
    if (!answer?.ok) return location.assign(link.href);
    box.lastElementChild.innerHTML = await answer.text();
    box.showModal();
}

// Suggestions come when a form is opened; one press takes one over.
function propose(place) {
    const form = place.closest("form");
    const card = form.closest("details");
    const ask = () => card.open && place.innerHTML === "" && show(place, fetch(place.dataset.suggest));
    card.addEventListener("toggle", ask);
    ask();
    place.addEventListener("click", (event) => {
        const taken = event.target.closest("[data-take]");
        if (!taken) return;
        form.elements[taken.dataset.take].value = taken.dataset.code;
        django.jQuery(form.elements[taken.dataset.take]).trigger("change");
    });
}

// Who ticks "on the spot" is offered to say where that is; nothing is asked of the phone before the button is pressed.
function locate(button) {
    const form = button.closest("form");
    const lost = form.querySelector("[data-lost]");
    button.hidden = !navigator.geolocation;
    form.elements.on_spot?.addEventListener("change", (event) => {
        button.closest("details").open = event.target.checked;
    });
    button.addEventListener("click", () => {
        const found = ({ coords }) => {
            lost.hidden = true;
            form.elements.latitude.value = coords.latitude.toFixed(5);
            form.elements.longitude.value = coords.longitude.toFixed(5);
        };
        navigator.geolocation.getCurrentPosition(found, () => { lost.hidden = false; }, { timeout: 15000 });
    });
}

// Told, and nothing on the page moves: what somebody is typing stays where it is.
async function listen(news) {
    if (document.hidden) return;
    const answer = await fetch(news.dataset.news, { redirect: "manual" }).catch(() => null);
    if (answer?.type === "opaqueredirect" || answer?.status === 404) return sayWhy(news, answer);
    const text = answer?.ok ? (await answer.text()).trim() : "";
    if (text && news.innerHTML.trim() !== text) news.innerHTML = text;
}

const nameOf = (page, form) => `w-draft ${page.dataset.officer} ${page.dataset.number} ${form.dataset.draft}`;

function keep(page, form) {
    const card = form.closest("details");
    const { sureField, sureChoice } = form.dataset; // the one choice that seals the case
    const sealed = () => Boolean(sureField) && form.elements[sureField].value === sureChoice;
    if (keepDraft(form, nameOf(page, form), { refused: "filled" in form.dataset, sealed })) card.open = true;
}
