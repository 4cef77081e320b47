"use strict";
// Draws the charts and switches the theme. Every text comes as data; nothing here makes HTML from it.
// A chart is drawn inside the element that carries its text alternative, because Vega writes words of
// its own on the element it draws in.
(() => {
  const root = document.documentElement;
  const { config, specs } = JSON.parse(document.getElementById("chart-data").textContent);

  const button = document.getElementById("theme");
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const say = () => button.setAttribute("aria-pressed", String(isDark()));
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    say();
  });
  system.addEventListener("change", say);
  button.hidden = false;
  say();

  const options = {
    mode: "vega-lite",
    renderer: "svg",
    actions: false,
    defaultStyle: false,
    config,
    tooltip: { disableDefaultStyle: true, id: "tooltip" },
    // Nothing is ever fetched.
    loader: { load: () => Promise.reject(new Error("this page loads nothing")) },
  };

  const failed = (place, error) => {
    const note = document.createElement("p");
    note.className = "chart-failed";
    note.textContent = `This chart can't be drawn here (${error.message}); its numbers are below.`;
    place.replaceChildren(note);
  };

  const draw = async () => {
    for (const [id, spec] of Object.entries(specs)) {
      const place = document.getElementById(id);
      await window.vegaEmbed(place, spec, options).catch((error) => failed(place, error));
    }
    root.dataset.drawn = "true";
  };
  draw();
})();
