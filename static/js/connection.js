// Beside htmx's socket extension: asks every 5 s while sockets are blocked, and brings the next step when it opens,
// without taking away what somebody types. No sentence stands here.
const ASK = 5000, REVOKED = 4403;
let shown = document.querySelector("[data-window]")?.dataset.window;
let isLeaving = false;  // a page that was asked for is on its way
let asking = setInterval(ask, ASK);  // until a socket opens: some networks never answer
let socket = null, came = 0;  // the last that opened, and how much it has brought

const place = () => document.querySelector("[data-ask]");

function follow() {
  const round = document.querySelector("[data-window]")?.dataset;
  if (round && shown !== undefined && round.window !== shown) turn(round);
  shown = round?.window;
  const now = document.querySelector("#turn")?.dataset.turn, page = place()?.dataset.turn;
  if (!page || !now || now === page) return;
  const isSame = now.split(".")[0] === page.split(".")[0];
  if (document.querySelector(".untaken")) return;  // an answer that came too late stays in view
  if (document.querySelector("form[data-touched]")) tell(isSame ? "[data-next]" : "[data-closed]");
  else if (isSame) fresh();
  else if (!isLeaving) location.reload();  // another round brings its own styles
}

// Drawing this page anew would take back the step to another.
addEventListener("beforeunload", () => { isLeaving = true; setTimeout(() => { isLeaving = false; }, 2 * ASK); });
addEventListener("pageshow", () => { isLeaving = false; });

// The team's page came to another round: the window has its name, and what stands beside it is folded or not.
function turn(round) {
  document.title = round.window;
  for (const beside of document.querySelectorAll(".side details")) beside.open = !("slim" in round);
  document.querySelector("#stale").hidden = !document.querySelector("#sheet form");
}

// Whoever is in the middle of an answer keeps it: what happened stands above.
function tell(which) {
  const place = document.querySelector("#turned");
  if (!place || (!place.hidden && !place.querySelector(which).hidden)) return;
  for (const one of place.children) one.hidden = !one.matches(which);
  place.hidden = false;
}

function fresh() {
  htmx.ajax("GET", location.pathname, { target: "#page", select: "#page", swap: "outerHTML" });
}

async function ask() {
  const target = place();
  if (!target || document.querySelector("[data-pause][aria-pressed=true]")) return;
  const [of, before] = [socket, came];
  const told = (status) => document.dispatchEvent(new CustomEvent("table:asked", { detail: { status } }));
  try {
    const answer = await fetch(target.dataset.ask, { credentials: "same-origin", signal: AbortSignal.timeout(ASK) });
    told(answer.status);
    const text = answer.ok && await answer.text();
    if (!text || socket !== of) return;  // a socket that opened meanwhile brings the whole
    // It has brought what this answer lacks, and will not again: a new one brings the whole.
    if (came !== before) return socket.close();
    await htmx.swap({ sourceElement: target, target, swap: "innerHTML swapEmpty:false", text, transition: false });
    document.dispatchEvent(new Event("table:drawn"));
    follow();
  } catch { told(0); /* the next question will do */ }
}

document.addEventListener("htmx:ws:before:connection", () => { asking ??= setInterval(ask, ASK); });
document.addEventListener("htmx:ws:after:connection", ({ detail }) => {
  [socket, came] = [detail.connection.socket, 0];
  clearInterval(asking);
  asking = null;
});
document.addEventListener("htmx:ws:before:message:incoming", (event) => { if (!event.defaultPrevented) came += 1; });
document.addEventListener("htmx:ws:close", (event) => {
  // Whoever holds something of this person here forgets it first, and then leaves.
  const gone = new CustomEvent("table:gone", { cancelable: true });
  if (event.detail.code === REVOKED) document.dispatchEvent(gone) && location.assign("/");
  else if (event.detail.reason === "closed") asking ??= setInterval(ask, ASK);
});
document.addEventListener("htmx:ws:after:message:incoming", follow);
document.addEventListener("table:ask", ask);  // what came while somebody had paused
document.addEventListener("input", (event) => { event.target.closest("form[data-outbox]")?.setAttribute("data-touched", ""); });
