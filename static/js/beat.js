// Is anybody there? Between two drawings the server's beat comes down the socket; where it stays away the socket is dead,
// whatever the browser believes: it is given up, and the page asks instead. Where nobody answers at all, or the sign-in
// is over, the team's pages say so until somebody answers again. No sentence stands here.
const LOOK = 1000, MISSED = 2.5;  // milliseconds between two looks; beats that may be missed
const SPREAD = 1500;  // milliseconds over which the pages of a room ask whose sockets all closed at once
let connection = null, heard = 0, every = 10;  // seconds, until the server says

const place = () => document.querySelector("#away");
const isOpen = () => connection?.socket?.readyState === WebSocket.OPEN;

for (const when of ["before", "after"]) {
  document.addEventListener(`htmx:ws:${when}:connection`, ({ detail }) => { connection = detail.connection; heard = Date.now(); });
}
document.addEventListener("htmx:ws:close", () => {
  heard = Date.now();
  setTimeout(() => { if (!isOpen()) document.dispatchEvent(new Event("table:ask")); }, Math.random() * SPREAD);
});
document.addEventListener("htmx:ws:before:message:incoming", (event) => {
  heard = Date.now();
  const { data } = event.detail.message;
  if (typeof data === "string" && data.startsWith("{")) { every = JSON.parse(data).beat ?? every; event.preventDefault(); }
  tell(200);
}, true);

// A socket that is dead may take minutes to close: who waits for its end is told now.
function watch() {
  if (!connection?.socket || Date.now() - heard < MISSED * every * 1000) return;
  heard = Date.now();
  connection.socket.dispatchEvent(new CloseEvent("close", { code: 1006 }));
}

function tell(status) {
  const here = place();
  if (!here) return;
  const text = status === 200 ? "" : [401, 403].includes(status) ? here.dataset.out : here.dataset.away;
  if (here.dataset.said === text) return;
  here.dataset.said = text;
  here.textContent = text;  // said once, when it changes
  if (text === here.dataset.out) here.append(" ", way(here.dataset.signIn));
}

function way(words) {
  const link = document.createElement("a");
  link.href = `/staff/sign-in?${new URLSearchParams({ to: location.pathname + location.search })}`;
  link.textContent = words;
  return link;
}

document.addEventListener("table:asked", ({ detail }) => tell(detail.status));
document.addEventListener("htmx:error", ({ detail }) => { if (detail.ctx) document.dispatchEvent(new Event("table:ask")); });
document.addEventListener("visibilitychange", watch);  // a machine that slept has heard nothing meanwhile
setInterval(watch, LOOK);
