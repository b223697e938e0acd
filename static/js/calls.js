// When a raised hand of this person waits no more, its section is asked for again; what is typed elsewhere stays.
// No sentence stands here.
const up = () => (document.querySelector("#up")?.dataset.up ?? "").split(" ");
let asked = "";

function look() {
  const mine = [...document.querySelectorAll("#calls [data-call]")].map((hand) => hand.dataset.call);
  const gone = document.querySelector("#up") && mine.filter((call) => !up().includes(call)).join(" ");
  if (!gone || gone === asked) return;
  asked = gone;
  htmx.ajax("GET", location.pathname, { target: "#calls", select: "#calls", swap: "outerHTML" });
}

new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["data-up"] });
