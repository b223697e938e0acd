// Answers for the network where there is none: with the pages that a person's own device keeps of the open round, and
// the files they use. It keeps nothing itself (static/js/offline.js does), and never answers for anything else.
const PATIENCE = 3000, GATEWAY = [502, 504];

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
  else if (request.mode === "navigate" || request.headers.has("HX-Request")) event.respondWith(page(request, url));
});

// A file's address changes with its content: a copy is as good as the file.
const file = async (request) => await caches.match(request) ?? fetch(request);

async function page(request, url) {
  const kept = await found(request, url);
  if (!kept) return fetch(request);
  try {
    const answer = await Promise.race([fetch(request), slow()]);
    return GATEWAY.includes(answer.status) ? kept : answer;
  } catch { return kept; }
}

async function found(request, url) {
  const card = url.searchParams.get("card"), path = url.pathname;
  const same = await caches.match(card ? `${path}?${new URLSearchParams({ card })}` : path);
  // The way back in, by the link or the first page, leads to the page that is kept.
  return same ?? (request.mode === "navigate" && /^\/(j\/[^/]+)?$/.test(path) ? home() : undefined);
}

async function home() {
  for (const name of await caches.keys()) {
    const all = await (await caches.open(name)).keys(), take = all.find((one) => one.url.endsWith("/take"));
    if (take) return Response.redirect(take.url, 302);
  }
  return undefined;
}

const slow = () => new Promise((_, failed) => setTimeout(failed, PATIENCE));
