// What a page shows of the answers that this device holds: counts, banner and forms. No sentence stands here.
import { isOff, learn, START, stateOf, words } from "./states.js";
import { held } from "./store.js";

export let page = START;
export function tell(news) { page = learn(page, news); }

export const device = () => document.querySelector("#device")?.dataset;
export const here = () => document.querySelector("#answer [name=card]")?.value ?? "";
export const facts = (n) => ({ n, isOnline: navigator.onLine, isOld: "kept" in (device() ?? {}) });

export async function rows() {
  const all = device() ? await held() : [];
  return all.filter((row) => row.owner === device()?.owner);
}

const those = (state, all) => all.filter((row) => stateOf(row) === state);
export const waiting = async () => those("waiting", await rows());
export const refused = async () => those("refused", await rows());

// The slots that are answered: as the server last said, and as it will once what waits has been sent.
export async function answered() {
  const now = device(), said = await oldMarks(now) ?? JSON.parse(now.marks ?? "{}");
  const slots = new Set(Object.keys(said));
  for (const row of (await waiting()).filter((one) => one.round === now.round)) {
    row.isUndo ? slots.delete(row.card) : slots.add(row.card);
  }
  return slots;
}

async function oldMarks(now) {
  const old = "kept" in now && globalThis.caches && await caches.match(now.keptAt);
  return old ? (await old.json()).marks : null;
}

export async function show() {
  if (!device() || page.turn === "over") return;
  const all = await rows(), wait = those("waiting", all);
  const slots = "marks" in (device() ?? {}) ? await answered() : new Set(), now = device();
  if (!now) return;
  fill(now, wait);
  progress(now, slots);
  list(now, wait);
  tellRefused(those("refused", all));
  banner(now, wait.length, now.slots && JSON.parse(now.slots).every((slot) => slots.has(slot)));
}

function banner(now, n, isAll) {
  const place = document.querySelector("body > .offline") ?? made();
  const canGoOn = "own" in now && navigator.serviceWorker?.controller;
  const seen = { ...facts(n), isAll, keeps: "mark" in now, canGoOn }, off = isOff(page, seen);
  const text = words(page, seen).map((name) => now[name]).join(" ").replace("{n}", n);
  if (place.textContent !== text) place.textContent = text;  // said once, when it changes
  place.classList.toggle("offline--ok", page.word === "sent" && !off);
  for (const one of document.querySelectorAll("[data-online]")) one.hidden = off;
}

// Beside the page, not in it: what is said aloud outlives the swap of a page.
function made() {
  const place = document.createElement("p");
  place.className = "offline";
  place.setAttribute("role", "status");
  document.body.prepend(place);
  return place;
}

function progress(now, slots) {
  for (const place of document.querySelectorAll("[data-progress]")) {
    const all = JSON.parse(now.slots ?? "[]"), done = all.filter((slot) => slots.has(slot)).length;
    const text = place.dataset.says.replace("{done}", done), drawing = place.querySelector("[role=img]");
    place.querySelector("[data-text]").textContent = text;
    drawing?.setAttribute("aria-label", text);
    const isFull = (at) => place.dataset.progress === "count" ? at < done : slots.has(all[at]);
    drawing?.querySelectorAll("i").forEach((tick, at) => tick.classList.toggle("d", !tick.matches(".c") && isFull(at)));
    drawing?.querySelector(".f-brand")?.setAttribute("width", `${100 * done / all.length}%`);
  }
}

// An answer that waits is in its card again, once a page: what is typed after that stays.
function fill(now, wait) {
  const form = document.querySelector("#answer[data-outbox]");
  const row = wait.find((one) => one.card === here() && one.round === now.round);
  const isShown = form && row && !row.isUndo;
  document.querySelector(".unsent")?.toggleAttribute("hidden", !isShown);
  if ("filled" in now || !isShown) return;
  now.filled = "";
  const said = new URLSearchParams(row.body);
  for (const control of form.elements) {
    if (!control.name || control.type === "hidden" || control.type === "submit") continue;
    const isChosen = ["radio", "checkbox"].includes(control.type);
    if (isChosen) control.checked = said.getAll(control.name).includes(control.value);
    else control.value = said.get(control.name) ?? "";
    if (control.value && control.type === "textarea") control.closest("details")?.setAttribute("open", "");
  }
  form.dispatchEvent(new CustomEvent("outbox:filled", { bubbles: true }));
}

function list(now, wait) {
  for (const place of document.querySelectorAll("ul[data-waiting]")) {
    const cards = wait.filter((row) => row.card && !row.isUndo).map((row) => row.card);
    const address = (card) => `${now.path}?${new URLSearchParams({ card })}`;
    const link = (card) => item("a", place.dataset.waiting.replace("{card}", card), address(card));
    place.hidden = !cards.length;
    place.replaceChildren(...cards.map(link));
    htmx.process(place);
  }
}

function item(name, text, href) {
  const line = document.createElement("li"), inside = document.createElement(name);
  inside.textContent = text;
  if (href) inside.setAttribute("href", href);
  line.append(inside);
  return line;
}

function tellRefused(all) {
  const place = document.querySelector(".unstored");
  if (!place) return;
  const lines = all.map((row) => [row.card, row.reason, row.text && `“${row.text}”`].filter(Boolean).join(" – "));
  const isSame = place.hidden === !lines.length && place.dataset.n === String(lines.length);
  if (!isSame) place.querySelector("ul").replaceChildren(...lines.map((line) => item("span", line)));
  place.dataset.n = lines.length;
  place.hidden = !lines.length;
}
