// Sharing points out: buttons give and take five, and what is left is counted at every change in a [data-points] list.
// The form works without it. No sentence, no request and no stored data belong here.

const undos = new WeakMap(); // list -> what the buttons did, newest last: [field, the value before]

const fields = (list) => [...list.querySelectorAll("input")];
const points = (text) => (/^\d+$/.test(text.trim()) ? Number(text) : 0);
const said = (number) => number.toLocaleString(document.documentElement.lang === "fr" ? "fr-CA" : "en-CA");
const sharedOut = (list) => fields(list).reduce((sum, field) => sum + points(field.value), 0);
const leftOf = (list) => Number(list.dataset.points) - sharedOut(list);

function tell(list) {
  const rest = list.closest("form").querySelector("[data-kept]"), left = leftOf(list);
  const text = (left < 0 ? rest.dataset.past : rest.dataset.kept).replace("{n}", said(Math.abs(left)));
  if (rest.textContent !== text) rest.textContent = text;
  rest.toggleAttribute("data-bad", left < 0);
  for (const field of fields(list)) {
    field.closest("li").querySelector("[data-give^='-']").setAttribute("aria-disabled", points(field.value) === 0);
  }
}

// Of the buttons only. What is typed ends as one presses Save, and a sentence that came then would move it away.
function say(list, field, from) {
  const toast = list.closest("form").querySelector("[data-changed]");
  const text = field.closest("li").querySelector("p").textContent.trim();
  const what = text.length > 40 ? `${text.slice(0, 38).replace(/\s\S*$/, "")}…` : text;
  const words = { what, from: said(points(from)), to: said(points(field.value)) };
  toast.textContent = list.dataset.said.replace(/\{(\w+)\}/g, (_, key) => words[key]);
  toast.parentElement.removeAttribute("data-empty");
  toast.parentElement.querySelector("[data-return]").hidden = !undos.get(list)?.length;
}

function put(field, value) {
  field.value = value || "";
  field.dispatchEvent(new Event("input", { bubbles: true })); // the page knows that something waits to be saved
}

// The last few points that are left are given whole: nobody counts to 3 on a button of 5.
function give(list, field, by) {
  const from = field.value, left = leftOf(list);
  const wanted = by > 0 && left > 0 ? Math.min(by, left) : by;
  put(field, Math.max(0, Math.min(Number(list.dataset.limit), points(from) + wanted)));
  if (field.value === from) return;
  undos.set(list, [...(undos.get(list) ?? []), [field, from]]);
  say(list, field, from);
}

function takeBack(list) {
  const [field, value] = undos.get(list)?.pop() ?? [];
  if (!field) return;
  const from = field.value;
  put(field, value);
  say(list, field, from);
  field.focus();
}

document.addEventListener("click", ({ target }) => {
  const [list, button] = [target.closest("[data-points]"), target.closest("[data-give]")];
  const isOn = list && button && button.getAttribute("aria-disabled") !== "true";
  if (isOn) give(list, button.closest("li").querySelector("input"), Number(button.dataset.give));
  if (target.closest("[data-return]")) takeBack(target.closest("form").querySelector("[data-points]"));
});

document.addEventListener("input", ({ target }) => target.closest("[data-points]") && tell(target.closest("[data-points]")));

document.documentElement.classList.add("can-give");
