// Choosing statements: how many are ticked is counted at every change in a [data-most] list.
// The form works without it, and the server alone refuses. No sentence, no request and no stored data belong here.

const shown = (number) => number.toLocaleString(document.documentElement.lang === "fr" ? "fr-CA" : "en-CA");

function tell(list) {
  const count = list.closest("form").querySelector("[data-count]");
  const n = list.querySelectorAll("input:checked").length, isPast = n > Number(list.dataset.most);
  const text = (isPast ? count.dataset.past : count.dataset.count).replace("{n}", shown(n));
  if (count.textContent !== text) count.textContent = text;
  count.toggleAttribute("data-bad", isPast);
}

document.addEventListener("input", ({ target }) => target.closest("[data-most]") && tell(target.closest("[data-most]")));
document.querySelectorAll("[data-most]").forEach(tell); // a browser that comes back ticks boxes by itself
