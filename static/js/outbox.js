// Answers on their way: each is written down on this device before it is sent, and forgotten when the server has it.
// What cannot be sent waits and is tried again with the same key, so that it counts once; what is refused is told.
// outbox/states.js says what follows of what; here it happens and is done. No sentence stands here.
import { become, due, verdict } from "./outbox/states.js";
import { discard, keep, replace } from "./outbox/store.js";
import { answered, device, facts, here, page, refused, rows, show, tell, waiting } from "./outbox/shown.js";

const AGAIN = 3000, PATIENCE = 6000;
const tabs = globalThis.BroadcastChannel && new BroadcastChannel("outbox");
let last = Promise.resolve();

export { answered, device };
export const isForgotten = () => page.turn === "over";

// One at a time in this browser, whatever the number of tabs.
function alone(act, signal) {
  if (navigator.locks) return navigator.locks.request("outbox", { signal }, act);
  return last = last.catch(() => {}).then(act);
}

async function inTime(act) {
  const control = new AbortController(), clock = setTimeout(() => control.abort(), PATIENCE);
  try { return await act(control.signal); } finally { clearTimeout(clock); }
}

const DEEDS = {
  forget: (row) => replace(row),
  explain: async (row, answer) => replace(row, { ...row, reason: reasonIn(await answer.text()) }),
  forgetPages,
};

function reasonIn(html) {
  const drawn = new DOMParser().parseFromString(html, "text/html");
  return (drawn.querySelector("#errors li") ?? drawn.querySelector("h1"))?.textContent.trim() || "–";
}

// What the answer has become, once its page knows and what is to be done is done: send, hand and next by whoever asks.
async function carryOut(state, event, row, answer) {
  const next = become(state, event);
  if (next.news) tell(next.news);
  for (const deed of next.deeds) await DEEDS[deed]?.(row, answer);
  return next;
}

function heardIn(answer, row) {
  const path = answer.redirected ? new URL(answer.url).pathname : null;
  return verdict({ kept: answer.headers.get("Table-Kept"), path, status: answer.status }, row);
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
  const { state } = await carryOut("pressed", await keep(row).then(() => "written", () => "unwritten"), row);
  if (navigator.onLine) {
    try {
      request.headers["Table-Seat"] = row.owner;
      const answer = await inTime((signal) => alone(() => fetch(url, { ...request, signal }), signal));
      const next = await carryOut(state, heardIn(answer, row), row, answer);
      return next.deeds.includes("hand") ? answer : stays(form, next);
    } catch { /* it waits */ }
  }
  return stays(form, await carryOut(state, "later", row));
}

// Its page is told that nothing came back, and goes on.
function stays(form, { state }) {
  form.removeAttribute("data-touched");
  setTimeout(async () => {
    changed();
    if (state === "waiting") document.dispatchEvent(new CustomEvent("outbox:kept"));
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
  return await carryOut("waiting", heardIn(answer, row), row, answer);
}

async function send() {
  const before = await answered();
  let done = 0;
  await alone(async () => {
    for (const row of await waiting()) {
      if (!(await resend(row)).deeds.includes("next")) return;
      done += 1;
    }
  });
  if (!done) return;
  tell((await rows()).length ? "left" : "emptied");
  await fresh(before);
}

async function beat() {
  if (page.turn === "busy" || !device()) return;
  tell("begun");
  const next = async () => due(page, facts((await waiting()).length));
  try {
    if (await next() === "send") { await send(); changed(); }
    if (await next() === "ask") await probe();
  } catch { tell("silent"); changed(); } finally { tell("ended"); }
}

async function probe() {
  const target = document.querySelector("[data-ask]");
  if (!target) return;
  const { ok } = await inTime((signal) => fetch(target.dataset.ask, { signal }));
  tell(ok ? "heard" : "silent");
  if (ok) { await fresh(await answered()); changed(); }
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

function changed() {
  tabs?.postMessage("changed");
  return show();
}

document.addEventListener("click", async ({ target }) => {
  if (!target.closest(".unstored button")) return;
  for (const row of await refused()) await carryOut("refused", "read", row);
  changed();
});

// Forgetting: whoever leaves takes everything along, and nobody leaves while answers wait.

async function forgetPages() {
  for (const one of await navigator.serviceWorker?.getRegistrations() ?? []) await one.unregister();
  if (globalThis.caches) for (const name of await caches.keys()) await caches.delete(name);
}

async function forget() {
  tell("over");
  await discard();
  try { localStorage.clear(); } catch { /* nothing was kept */ }
  await forgetPages();
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-leaves]")) return;
  event.preventDefault();
  event.stopPropagation();
  const isAny = async () => (await waiting()).length > 0;
  if (await isAny()) await beat();
  if (await isAny()) { tell("held"); return show(); }
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
  const isOurs = (name) => "round" in now ? name === `${now.owner} ${now.round}` : name.startsWith(now.owner);
  for (const name of await caches.keys()) if (!isOurs(name)) await caches.delete(name);
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
addEventListener("online", () => { tell("online"); show(); beat(); });
addEventListener("offline", show);
if (tabs) tabs.onmessage = show;
setInterval(beat, AGAIN);
turned().then(beat);
