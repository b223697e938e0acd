// Answers on their way: each is written down on this device before it is sent, and forgotten when the server has it.
// What cannot be sent waits and is tried again with the same key, so that it counts once; what is refused is told.
// Counts, banner and forms follow. No sentence stands here; never keep a figure, or anything the server has stored.
const AGAIN = 3000, PATIENCE = 6000, STORE = "answers";

export const device = () => document.querySelector("#device")?.dataset;
const here = () => document.querySelector("#answer [name=card]")?.value ?? "";
const tabs = globalThis.BroadcastChannel && new BroadcastChannel("outbox");

// The store: one row for each answer, {id, owner, round, card, url, body, key, at}, and a reason once it is refused.

let opened = null, isOver = false;

function open() {
  if (isOver) return Promise.reject(new Error("over"));
  return opened ??= new Promise((done, failed) => {
    const asked = indexedDB.open("outbox", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
    asked.onerror = () => { opened = null; failed(asked.error); };
    asked.onsuccess = () => { asked.result.onversionchange = close; done(asked.result); };
  });
}

function close() {
  opened?.then((base) => base.close(), () => {});
  opened = null;
}

async function within(mode, act) {
  const store = (await open()).transaction(STORE, mode, { durability: "strict" }).objectStore(STORE);
  const asked = act(store);
  await new Promise((done, failed) => {
    store.transaction.oncomplete = done;
    store.transaction.onabort = store.transaction.onerror = () => failed(store.transaction.error);
  });
  return asked.result;
}

async function rows() {
  const all = device() ? await within("readonly", (store) => store.getAll()).catch(() => []) : [];
  return all.filter((row) => row.owner === device()?.owner).sort((a, b) => a.at - b.at);
}

export const waiting = async () => (await rows()).filter((row) => !row.reason);

async function keep(row) {
  const at = Math.max(Date.now(), ...(await rows()).map((other) => other.at + 1));  // in order, whatever the clock does
  row.at = at;
  await within("readwrite", (store) => store.put(row));
}

// Only the row that was sent: a newer answer to the same card may stand in its place by now.
const replace = (row, by) => within("readwrite", (store) => {
  const asked = store.get(row.id);
  asked.onsuccess = () => { if (asked.result?.at === row.at) by ? store.put(by) : store.delete(row.id); };
  return asked;
});

// Sending: one at a time in this browser, whatever the number of tabs.

let isOff = false, isOut = false, isSent = false, isLost = false, isHeld = false, isSending = false, last = Promise.resolve();

function alone(act, signal) {
  if (navigator.locks) return navigator.locks.request("outbox", { signal }, act);
  return last = last.catch(() => {}).then(act);
}

async function inTime(act) {
  const control = new AbortController(), clock = setTimeout(() => control.abort(), PATIENCE);
  try { return await act(control.signal); } finally { clearTimeout(clock); }
}

// Stored: our page came back after the answer. What any network in between may say of its own is "later".
function verdict(answer, url) {
  if (answer.redirected && new URL(answer.url).pathname === new URL(url, location).pathname) return "stored";
  if ([401, 403, 404, 409].includes(answer.status)) return "out";
  return [400, 413, 422].includes(answer.status) ? "refused" : "later";
}

function rowOf(form, url, body) {
  const { owner } = device(), said = (name) => body.get(name) ?? "";
  const text = [...form.querySelectorAll("textarea")].map((box) => said(box.name)).filter(Boolean).join("\n");
  const [round, card, key] = ["round", "card", "key"].map(said);
  const url_ = new URL(url, location).pathname, isUndo = form.dataset.outbox === "undo";
  return { id: `${owner} ${round} ${card}`, owner, round, card, url: url_, body: body.toString(), key, text, isUndo };
}

async function post(form, url, request) {
  const row = rowOf(form, url, request.body);
  const isKept = await keep(row).then(() => true, () => false);
  isSent = isLost = isHeld = false;
  if (navigator.onLine) {
    try {
      request.headers["Table-Seat"] = row.owner;
      const answer = await inTime((signal) => alone(() => fetch(url, { ...request, signal }), signal));
      const said = verdict(answer, url);
      if (isKept && (said === "stored" || said === "refused")) await replace(row);  // the page tells what was refused
      if (said !== "later") { isOff = false; return answer; }
    } catch { /* it waits */ }
  }
  isOff = true;
  isLost = !isKept;
  form.removeAttribute("data-touched");
  setTimeout(async () => {
    changed();
    if (isKept) document.dispatchEvent(new CustomEvent("outbox:kept"));
  });
  return new Response(null, { status: 204, headers: { "HX-Push-Url": "false" } });
}

document.addEventListener("htmx:before:request", ({ target, detail: { ctx } }) => {
  const form = target.closest?.("form[data-outbox]");
  if (form && device() && ctx.request.body instanceof URLSearchParams && !ctx.request.body.has("say_in")) {
    ctx.fetch = (url, request) => post(form, url, request);
  }
});

async function resend(row) {
  const headers = { "Content-Type": "application/x-www-form-urlencoded", "Table-Seat": row.owner };
  const answer = await inTime((signal) => fetch(row.url, { method: "POST", body: row.body, headers, signal }));
  const said = verdict(answer, row.url);
  isOff = said === "later";
  isOut = said === "out";
  if (said === "stored") await replace(row);
  if (said === "refused") await replace(row, { ...row, reason: reasonIn(await answer.text()) });
  if (isOut) await forgetPages();
  return said === "stored" || said === "refused";
}

function reasonIn(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return (page.querySelector("#errors li") ?? page.querySelector("h1"))?.textContent.trim() || "–";
}

async function send() {
  const before = await answered();
  let done = 0;
  await alone(async () => {
    for (const row of await waiting()) {
      if (!await resend(row)) return;
      done += 1;
    }
  });
  if (done) { isSent = !(await rows()).length; await fresh(before); }
}

async function beat() {
  if (isSending || isOver || !device() || !navigator.onLine) return;
  isSending = true;
  try {
    if ((await waiting()).length && !isOut) { await send(); changed(); }
    if (!(await waiting()).length && (isOff || "kept" in device())) await probe();
  } catch { isOff = true; changed(); } finally { isSending = false; }
}

// Nothing waits, and the page is an old one: is anybody there?
async function probe() {
  const target = document.querySelector("[data-ask]");
  if (!target) return;
  isOff = !(await inTime((signal) => fetch(target.dataset.ask, { signal }))).ok;
  if (!isOff) { await fresh(await answered()); changed(); }
}

// The page as the server has it, unless somebody is in the middle of an answer.
async function fresh(marks) {
  const now = device();
  if (!("round" in now)) return;
  if (document.querySelector("form[data-touched]")) return delete now.kept;
  const card = here();
  const query = card && !marks.has(card) ? `?${new URLSearchParams({ card })}` : "";
  await htmx.ajax("GET", now.path + query, { target: "#page", select: "#page", swap: "outerHTML" });
}

// What the page shows of it.

// The slots that are answered: as the server last said, and as it will once what waits has been sent.
export async function answered() {
  const now = device(), said = await heldMarks(now) ?? JSON.parse(now.marks ?? "{}");
  const slots = new Set(Object.keys(said));
  for (const row of await waiting()) if (row.round === now.round) row.isUndo ? slots.delete(row.card) : slots.add(row.card);
  return slots;
}

async function heldMarks(now) {
  const held = "kept" in now && globalThis.caches && await caches.match(now.keptAt);
  return held ? (await held.json()).marks : null;
}

function changed() {
  tabs?.postMessage("changed");
  return show();
}

async function show() {
  if (!device() || isOver) return;
  const all = await rows(), wait = all.filter((row) => !row.reason);
  const slots = "marks" in (device() ?? {}) ? await answered() : new Set(), now = device();
  if (!now) return;
  fill(now, wait);
  progress(now, slots);
  list(now, wait);
  tellRefused(all.filter((row) => row.reason));
  banner(now, wait.length, now.slots && JSON.parse(now.slots).every((slot) => slots.has(slot)));
}

function banner(now, n, isAll) {
  const place = document.querySelector("body > .offline") ?? made();
  const off = isOff || !navigator.onLine || "kept" in now, canGoOn = "own" in now && navigator.serviceWorker?.controller;
  const words = isHeld && n ? now.saysHeld : isOut && n ? now.saysOut : isLost ? now.saysLost
    : off && n ? now.saysWaiting + (isAll ? ` ${now.saysAll}` : "") : off && "mark" in now ? (canGoOn ? now.saysOff : now.saysAlone)
      : isSent && !n ? now.saysSent : "";
  const text = words.replace("{n}", n);
  if (place.textContent !== text) place.textContent = text;  // said once, when it changes
  place.classList.toggle("offline--ok", isSent && !off);
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
  const form = document.querySelector("#answer[data-outbox]"), row = wait.find((one) => one.card === here() && one.round === now.round);
  const isShown = form && row && !row.isUndo;
  document.querySelector(".unsent")?.toggleAttribute("hidden", !isShown);
  if ("filled" in now || !isShown) return;
  now.filled = "";
  const said = new URLSearchParams(row.body);
  for (const control of form.elements) {
    if (!control.name || control.type === "hidden" || control.type === "submit") continue;
    if (["radio", "checkbox"].includes(control.type)) control.checked = said.getAll(control.name).includes(control.value);
    else control.value = said.get(control.name) ?? "";
    if (control.value && control.type === "textarea") control.closest("details")?.setAttribute("open", "");
  }
  form.dispatchEvent(new CustomEvent("outbox:filled", { bubbles: true }));
}

function list(now, wait) {
  for (const place of document.querySelectorAll("ul[data-waiting]")) {
    const shown = wait.filter((row) => row.card && !row.isUndo);
    place.hidden = !shown.length;
    place.replaceChildren(...shown.map((row) => item("a", place.dataset.waiting.replace("{card}", row.card), `${now.path}?${new URLSearchParams({ card: row.card })}`)));
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

function tellRefused(refused) {
  const place = document.querySelector(".unstored");
  if (!place) return;
  const lines = refused.map((row) => [row.card, row.reason, row.text && `“${row.text}”`].filter(Boolean).join(" – "));
  if (place.hidden !== !lines.length || place.dataset.n !== String(lines.length)) place.querySelector("ul").replaceChildren(...lines.map((line) => item("span", line)));
  place.dataset.n = lines.length;
  place.hidden = !lines.length;
}

document.addEventListener("click", async ({ target }) => {
  if (!target.closest(".unstored button")) return;
  for (const row of await rows()) if (row.reason) await replace(row);
  changed();
});

// Forgetting: whoever leaves takes everything along, and nobody leaves while answers wait.

async function forgetPages() {
  for (const one of await navigator.serviceWorker?.getRegistrations() ?? []) await one.unregister();
  if (globalThis.caches) for (const name of await caches.keys()) await caches.delete(name);
}

async function forget() {
  isOver = true;
  close();
  await new Promise((done) => {
    const asked = indexedDB.deleteDatabase("outbox");
    asked.onsuccess = asked.onerror = asked.onblocked = done;
  });
  await forgetPages();
}

export const isForgotten = () => isOver;

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-leaves]")) return;
  event.preventDefault();
  event.stopPropagation();
  const isAny = async () => (await waiting()).length > 0;
  if (await isAny()) await beat();
  if (isHeld = await isAny()) return show();
  await forget();
  form.submit();
}, true);

document.addEventListener("table:gone", (event) => {
  event.preventDefault();
  forget().finally(() => location.assign("/"));
});

// Pages kept of a round that is over, or of somebody else, go at the next page.
async function tidy() {
  const now = device();
  if (!now || !globalThis.caches) return;
  if ("round" in now && !("own" in now)) return forgetPages();
  for (const name of await caches.keys()) {
    if (!name.startsWith(now.owner) || ("round" in now && name !== `${now.owner} ${now.round}`)) await caches.delete(name);
  }
}

let seen = null;

async function turned() {
  const now = device();
  if (!now || now === seen) return;
  seen = now;
  if ("forgets" in now) return forget();
  const insecure = document.querySelector(".insecure");
  if (insecure) insecure.hidden = isSecureContext;
  await tidy();
  if ("own" in now && navigator.serviceWorker) (await import(now.file)).turned();
  await show();
}

// A swap is told at the element that it took away, where nobody hears it.
new MutationObserver(turned).observe(document.body, { childList: true, subtree: true });
addEventListener("online", () => { isOff = false; show(); beat(); });
addEventListener("offline", show);
if (tabs) tabs.onmessage = show;
setInterval(beat, AGAIN);
turned().then(beat);
