// Counts the planned end of a round down between two drawings of the server, by the server's moment: the device's clock
// only gives the pace. Read aloud at five minutes, one minute and the end. No sentence stands here, and nothing expires.
const SAID = [["five", 300], ["one", 60], ["none", 0]];
let voice, ahead = 0, ends, before;

function left(timer) {
  return Math.max(0, Math.ceil(Number(timer.dataset.ends) - (Date.now() + ahead) / 1000));
}

function draw(timer) {
  const seconds = left(timer), time = timer.querySelector("time"), label = timer.querySelector("[data-label]");
  const text = seconds ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : timer.dataset.over;
  if (time.textContent !== text) time.textContent = text;
  label.hidden = !seconds;
  timer.toggleAttribute("data-up", !seconds);
}

function speak(timer) {
  const now = left(timer), passed = SAID.filter(([, mark]) => before > mark && now <= mark).at(-1);
  if (ends === timer.dataset.ends && passed) voice.textContent = voice.dataset[passed[0]];
  [ends, before] = [timer.dataset.ends, now];
}

function tick() {
  const here = document.querySelector("#timer-voice");
  if (here && here !== voice) [voice, ahead] = [here, Number(here.dataset.now) * 1000 - Date.now()];
  const timers = document.querySelectorAll("[data-ends]");
  timers.forEach(draw);
  if (voice && timers.length) speak(timers[0]);
}

// A new drawing brings the server's minutes back: they are counted down again before anybody sees them.
new MutationObserver(tick).observe(document.documentElement, { childList: true, subtree: true });
setInterval(tick, 1000);
tick();
