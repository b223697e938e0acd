// Where a card comes from opens beside the page that asks, in a dialog of the browser's own: Escape closes it, and the
// focus goes back to its link. Without this script the link leads to the same words on a page of their own.
const part = "#whence";

async function show(link) {
  const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html"), found = page.querySelector(part);
  if (!answer.ok || !found) { location.assign(link.href); return; }
  const drawer = document.createElement("dialog"), close = document.createElement("button");
  drawer.className = "whence";
  drawer.setAttribute("aria-label", found.querySelector("h1").textContent.trim());
  close.className = "btn btn--s";
  close.textContent = link.dataset.close;
  close.addEventListener("click", () => drawer.close());
  drawer.addEventListener("click", (event) => { if (event.target === drawer) drawer.close(); });
  drawer.addEventListener("close", () => { drawer.remove(); if (link.isConnected) link.focus(); });
  const top = document.createElement("p");
  top.className = "btns whence__top";
  top.append(close);
  drawer.append(top, found);
  document.body.append(drawer);
  drawer.showModal();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a.why");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (!globalThis.HTMLDialogElement) return;
  event.preventDefault();
  show(link).catch(() => location.assign(link.href));
});
