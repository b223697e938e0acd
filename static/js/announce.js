// What a screen reader hears: a person's own act once, how many have answered at most every two seconds, or nothing
// while they have paused what is live. Sentences come from the page; no figure is drawn here.
const EVERY = 2000;
const region = document.querySelector("#announced");
let told = null, last = 0, due = null, isPaused = false, isHeld = false;
const heard = new WeakSet();

const say = (text) => { region.textContent = text.replace(/\s+/g, " ").trim(); };
const news = () => document.querySelector("[data-told]")?.dataset.told ?? null;

function own() {
  const said = document.querySelector("[data-heard]");
  if (!said || heard.has(said)) return;
  heard.add(said);
  say(said.textContent);
}

function tally() {
  if (isPaused || due || news() === null || news() === told) return;
  due = setTimeout(() => {
    due = null;
    if (isPaused || news() === null || news() === told) return;
    told = news();
    last = performance.now();
    say(told);
  }, Math.max(0, last + EVERY - performance.now()));
}

function drawn() {
  own();
  for (const switcher of document.querySelectorAll("[data-pause]")) {
    switcher.hidden = news() === null;
    switcher.setAttribute("aria-pressed", isPaused);
  }
  tally();
}

// Paused: what comes is left aside, but for the next step, which nobody should miss.
document.addEventListener("htmx:ws:before:message:incoming", (event) => {
  if (!isPaused || event.defaultPrevented) return;
  const now = /data-turn="([^"]*)"/.exec(event.detail.message.data)?.[1], page = document.querySelector("#turn")?.dataset.turn;
  if (now === undefined || now === page) { event.preventDefault(); isHeld = true; document.body.dataset.held = ""; }
});

document.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-pause]")) return;
  isPaused = !isPaused;
  drawn();
  if (!isPaused && isHeld) { isHeld = false; delete document.body.dataset.held; document.dispatchEvent(new Event("table:ask")); }
});

told = news();  // what stands there at first is read with the page
document.addEventListener("htmx:after:swap", drawn);
document.addEventListener("table:drawn", drawn);
document.addEventListener("htmx:ws:after:message:incoming", tally);
drawn();
