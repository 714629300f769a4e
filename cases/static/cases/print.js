// The one button of a print view.
document.querySelector("[data-print]").addEventListener("click", () => window.print());
