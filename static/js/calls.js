// When a raised hand of this person waits no more, its section is asked for again; what is typed elsewhere stays.
// No sentence stands here.
const AGAIN = 3000;  // a drawing may be older than the answer to a press: then asked once more, not without end
let last = 0;

function look() {
  const drawn = document.querySelector("#up");
  const mine = [...document.querySelectorAll("#calls [data-call]")].map((hand) => hand.dataset.call);
  const up = drawn?.dataset.up.split(" ") ?? mine;
  if (mine.every((call) => up.includes(call)) || Date.now() - last < AGAIN) return;
  last = Date.now();
  htmx.ajax("GET", location.pathname, { target: "#calls", select: "#calls", swap: "outerHTML" });
}

new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["data-up"] });
setInterval(look, AGAIN);
