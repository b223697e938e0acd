// Keeps an answer on the device until the server has acknowledged it: what could not be sent is tried again with the
// same key, so that it counts once. Nothing stays after the acknowledgement.
const NAME = "outbox", AGAIN = 3000;
const kept = () => JSON.parse(localStorage.getItem(NAME) ?? "[]");
const keep = (list) => { list.length ? localStorage.setItem(NAME, JSON.stringify(list)) : localStorage.removeItem(NAME); tell(); };

function tell() {
  const banner = document.querySelector("#offline");
  if (banner) banner.hidden = kept().length === 0 && navigator.onLine;
}

const pressed = new WeakMap();  // the button that sent a form: its value is part of the answer
document.addEventListener("submit", (event) => pressed.set(event.target, event.submitter), true);

document.addEventListener("htmx:error", (event) => {
  const form = event.target.closest?.("form[data-outbox]");
  if (!form) return;
  const body = new URLSearchParams(new FormData(form, pressed.get(form))).toString(), url = form.action;
  keep([...kept().filter((one) => one.body !== body), { url, body }]);
});

async function send() {
  for (const one of kept()) {
    try {
      const answer = await fetch(one.url, { method: "POST", body: one.body, headers: { "Content-Type": "application/x-www-form-urlencoded" } });
      if (answer.status >= 500) return;
      keep(kept().filter((other) => other.body !== one.body));
      if (answer.ok) htmx.ajax("GET", location.pathname, { target: "#page", select: "#page", swap: "outerHTML" });
    } catch { return; }
  }
}

setInterval(send, AGAIN);
addEventListener("online", () => { tell(); send(); });
addEventListener("offline", tell);
tell();
