// Going away and coming back: whoever leaves what they changed without saving it is asked first, and the address of a
// card that was answered names it, so that Back shows it with its answer. The sentence comes from the page.
let changed = new Set(), going = null;

const isDifferent = (field) => {
  if (!field.name || ["hidden", "submit", "button", "password"].includes(field.type)) return false;
  if (field.options) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((one) => one.defaultSelected));
  return ["radio", "checkbox"].includes(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
};

// What was refused stands in its fields as if it had always been there; it is as unsaved as before.
function isUnsaved(form) {
  return form.isConnected && ([...form.elements].some(isDifferent) || form.querySelector("[aria-invalid=true]") !== null);
}

function others(form) {
  const refused = [...document.querySelectorAll("main [aria-invalid=true]")].map((field) => field.form).filter(Boolean);
  return [...new Set([...changed, ...refused])].filter((one) => one !== form && isUnsaved(one));
}

function note({ target }) {
  const form = target.closest?.("form[method=post]");
  if (form && !form.querySelector("[type=password]")) changed.add(form);
}

for (const act of ["input", "change"]) document.addEventListener(act, note);
document.addEventListener("click", (event) => { if (event.target.closest("[data-step], [data-undo]")) note(event); });
document.addEventListener("outbox:kept", () => { changed = new Set(); });  // it waits on this device, and is not lost

addEventListener("submit", (event) => { if (!event.defaultPrevented) going = event.target; });
addEventListener("pageshow", () => { going = null; });
addEventListener("beforeunload", (event) => { if (others(going).length) event.preventDefault(); });

// Part of the page is swapped: the browser asks nobody.
document.addEventListener("htmx:before:request", (event) => {
  const source = event.target.closest?.("a, form"), form = source?.matches("form") ? source : null;
  if (!source || source.matches("[hx-target]:not([hx-target='#page'])") || source.closest("#calls")) return;
  if (others(form).length && !confirm(document.querySelector("#announced").dataset.unsaved)) return event.preventDefault();
  changed.delete(form);
  const card = form?.matches("#answer[data-outbox]") && form.querySelector("[name=card]")?.value;
  if (card) history.replaceState(history.state, "", `${location.pathname}?${new URLSearchParams({ card })}`);
});
