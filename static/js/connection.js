// Beside htmx's socket extension: asks every 5 s while sockets are blocked, and brings the next step when it opens,
// without taking away what somebody types. No sentence stands here.
const ASK = 5000, REVOKED = 4403;
let asking = setInterval(ask, ASK);  // until a socket opens: some networks never answer

const place = () => document.querySelector("[data-ask]");

function follow() {
  const now = document.querySelector("#turn")?.dataset.turn, page = place()?.dataset.turn;
  if (!page || !now || now === page) return;
  if (document.querySelector("form[data-touched]")) document.querySelector("#turned")?.removeAttribute("hidden");
  else if (now.split(".")[0] === page.split(".")[0]) fresh();
  else location.reload();  // another round brings its own styles
}

function fresh() {
  htmx.ajax("GET", location.pathname, { target: "#page", select: "#page", swap: "outerHTML" });
}

async function ask() {
  const target = place();
  if (!target || document.querySelector("[data-pause][aria-pressed=true]")) return;
  try {
    const answer = await fetch(target.dataset.ask, { credentials: "same-origin" });
    if (!answer.ok) return;
    await htmx.swap({ sourceElement: target, target, swap: "innerHTML swapEmpty:false", text: await answer.text(), transition: false });
    document.dispatchEvent(new Event("table:drawn"));
    follow();
  } catch { /* the next question will do */ }
}

document.addEventListener("htmx:ws:after:connection", () => { clearInterval(asking); asking = null; });
document.addEventListener("htmx:ws:close", (event) => {
  // Whoever holds something of this person here forgets it first, and then leaves.
  const gone = new CustomEvent("table:gone", { cancelable: true });
  if (event.detail.code === REVOKED) document.dispatchEvent(gone) && location.assign("/");
  else if (event.detail.reason === "closed") asking ??= setInterval(ask, ASK);
});
document.addEventListener("htmx:ws:after:message:incoming", follow);
document.addEventListener("table:ask", ask);  // what came while somebody had paused
document.addEventListener("input", (event) => { event.target.closest("form[data-outbox]")?.setAttribute("data-touched", ""); });
