// On a person's own device: keeps the pages of the open round, so that they are there without a network, and turns to
// the next card when an answer waits. What is kept comes whole from the server; nothing else is ever kept here.
const { device, answered, isForgotten } = await import(document.querySelector("script[src*='/js/outbox.js']").src);
const STATIC = /(?:href|src|data-file)="(\/static\/[^"]+)"/g;

const address = (path, card) => card ? `${path}?${new URLSearchParams({ card })}` : path;
const stateOf = async (cache, now) => (await cache.match(now.keptAt))?.json();

export async function turned() {
  const now = device();
  if (!now?.mark) return;
  navigator.serviceWorker.register("/worker.js").catch(() => {});
  if ("kept" in now) await toTheNextCard(now);
  else keep(now);
}

// The pages of this round and this person. marks: the answers that the server has; drawn: those that the pages show.
let work = Promise.resolve();
const keep = (now) => work = work.then(() => keepOnce(now)).catch(() => {});

async function keepOnce(now) {
  if (isForgotten()) return;
  const cache = await caches.open(`${now.owner} ${now.round}`), held = await stateOf(cache, now), marks = JSON.parse(now.marks);
  const write = (state) => cache.put(now.keptAt, new Response(JSON.stringify(state)));
  if (held) await write({ ...held, marks });  // first, and without the network: the count is right whatever comes
  const isSame = held?.mark === now.mark;
  const stale = isSame ? JSON.parse(now.slots).filter((slot) => held.drawn[slot] !== marks[slot]) : [];
  if (isSame && !stale.length) return;
  const answer = await fetch(`${now.keptAt}?${new URLSearchParams(stale.map((card) => ["card", card]))}`);
  if (!answer.ok || isForgotten()) return;
  const given = await answer.json();
  await keepFiles(cache, Object.values(given.pages));
  for (const [where, html] of Object.entries(given.pages)) await cache.put(where, page(html, answer.headers));
  await write({ mark: given.mark, marks: given.marks, drawn: given.marks });
}

// The same headers as every page of ours, the policy among them.
function page(html, given) {
  const headers = new Headers(given);
  headers.set("Content-Type", "text/html; charset=utf-8");
  for (const name of ["Content-Length", "Content-Encoding"]) headers.delete(name);
  return new Response(html, { headers });
}

async function keepFiles(cache, pages) {
  const named = pages.flatMap((html) => [...html.matchAll(STATIC)].map((found) => found[1]));
  const loaded = performance.getEntriesByType("resource").map(({ name }) => new URL(name));  // fonts are named in styles only
  const ours = loaded.filter((url) => url.origin === location.origin && url.pathname.startsWith("/static/"));
  for (const file of new Set([...named, ...ours.map((url) => url.pathname + url.search)])) {
    if (!await cache.match(file)) await cache.add(file);
  }
}

// Without a network the pages are old: which card comes next is known here only.
async function next(now) {
  const done = await answered();
  return JSON.parse(now.slots).find((slot) => !done.has(slot));
}

async function turnTo(now, card) {
  const where = address(now.path, card), found = await caches.match(where);
  if (!found) return;
  await htmx.swap({ sourceElement: document.body, target: document.querySelector("#page"), select: "#page", swap: "outerHTML show:window:top", text: await found.text(), transition: false });
  history.pushState({ htmx: true }, "", where);
  scrollTo(0, 0);
}

async function toTheNextCard(now) {
  const card = await next(now), isOpen = !new URLSearchParams(location.search).has("card");
  if (isOpen && card && card !== document.querySelector("#answer [name=card]")?.value) await turnTo(now, card);
}

document.addEventListener("outbox:kept", async () => {
  const now = device(), card = now?.mark && "own" in now ? await next(now) : undefined;
  if (card) await turnTo(now, card);
});
