// Pages work without this file: facts and turns are links to each other, artifacts have pages of their own.
"use strict";

const pair = document.querySelector(".pair");
if (pair) {
  let kept = null;
  const partners = (element) =>
    element.matches(".fact")
      ? (element.dataset.turns || "").split(" ").filter(Boolean).map((n) => document.getElementById("t" + n))
      : (element.dataset.facts || "").split(" ").filter(Boolean).map((n) => document.getElementById("f" + n));

  const clear = () => pair.querySelectorAll(".lit").forEach((e) => e.classList.remove("lit"));

  const reveal = (element) => {
    const pane = element.closest(".scroll");
    if (pane.scrollHeight <= pane.clientHeight + 1) return; // panes that do not scroll: the page is left in place
    const [box, frame] = [element.getBoundingClientRect(), pane.getBoundingClientRect()];
    const [top, bottom] = [Math.max(frame.top, 0), Math.min(frame.bottom, innerHeight)]; // what of the pane is on screen
    if (box.top < top || box.bottom > bottom) {
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      pane.scrollBy({ top: box.top - top - (bottom - top) / 3, behavior: calm ? "auto" : "smooth" });
    }
  };

  const light = (element) => {
    const others = partners(element).filter(Boolean);
    clear();
    if (!others.length) return;
    [element, ...others].forEach((e) => e.classList.add("lit"));
    reveal(others[0]);
  };

  const holder = (event) => event.target.closest(".fact, .turns li");
  pair.addEventListener("pointerover", (event) => {
    const element = holder(event);
    if (event.pointerType === "touch") return;
    if (element && !kept) light(element);
  });
  pair.addEventListener("pointerout", (event) => {
    if (!kept && !event.relatedTarget?.closest?.(".fact, .turns li")) clear();
  });
  pair.addEventListener("focusin", (event) => {
    const element = holder(event);
    if (element && event.target.matches(":focus-visible")) { kept = element; light(element); } // scrolling under a resting mouse changes nothing
  });
  pair.addEventListener("focusout", (event) => {
    if (kept && kept === holder(event) && event.relatedTarget) { kept = null; clear(); }
  });
  pair.addEventListener("click", (event) => {
    const element = holder(event);
    if (!element) return;
    const sideBySide = getComputedStyle(pair).getPropertyValue("--side-by-side").trim() === "1";
    if (sideBySide) event.preventDefault();
    kept = kept === element ? null : element;
    light(element);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { kept = null; clear(); }
  });
}

const place = document.getElementById("opened");
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-open]");
  if (!link || !place || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const address = link.href.baseVal ?? link.href; // a link of an SVG keeps its address elsewhere
  const answer = await fetch(address + "?part=1", { credentials: "same-origin" });
  if (!answer.ok) { location.href = address; return; }
  place.replaceChildren(document.createRange().createContextualFragment(await answer.text()));
  const close = place.querySelector(".close");
  const end = () => {
    place.replaceChildren();
    document.querySelectorAll("[aria-expanded=true]").forEach((e) => e.setAttribute("aria-expanded", "false"));
    link.focus();
  };
  close.hidden = false;
  close.addEventListener("click", end);
  place.addEventListener("keydown", (pressed) => { if (pressed.key === "Escape") end(); });
  document.querySelectorAll("a[data-open][aria-expanded]").forEach((e) =>
    e.setAttribute("aria-expanded", String((e.href.baseVal ?? e.href) === address)));
  place.scrollIntoView({ block: "nearest" });
  close.focus({ preventScroll: true });
});

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.target.closest("input, textarea, select")) {
    event.preventDefault();
    (document.getElementById("text") || document.getElementById("jump")).focus();
  }
});
