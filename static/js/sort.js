// Ordering by arrows or by place: moves the rows of a [data-rank] list and keeps their lists of places in step.
// The form works without it. No sentence, no request and no stored data belong here.

const undos = new WeakMap(); // list -> what can be taken back, newest last: {row, before: [[row, place], ...]}

const rows = (list) => [...list.children];
const rank = (row) => Number(row.dataset.place) || Infinity;
const toastOf = (list) => list.closest("form")?.querySelector("[data-toast]");
const lastOf = (row) => Number(row.querySelector("select option:last-child").value);
const holderOf = (list, place) => rows(list).find((row) => row.dataset.place === String(place));
const give = (row, place) => (row.dataset.place = row.querySelector("select").value = String(place));

function settle(list, focused) {
  const all = rows(list).sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
  list.append(...all);
  all.forEach((row, at) => {
    const [up, down] = row.querySelectorAll("[data-step]");
    up.setAttribute("aria-disabled", at === 0 && rank(row) < Infinity);
    down.setAttribute("aria-disabled", !all[at + 1]?.dataset.place);
  });
  focused?.focus();
}

function step(list, row, by) {
  const ranked = rows(list).filter((one) => rank(one) < Infinity);
  const next = (ranked.length && rank(ranked.at(-1))) + 1;
  if (rank(row) === Infinity && next <= lastOf(row)) return give(row, next);
  const other = rank(row) === Infinity ? ranked.at(-1) : rows(list)[rows(list).indexOf(row) + by];
  const [mine, theirs] = [row.dataset.place, other.dataset.place];
  if (mine !== theirs) return [give(row, theirs), give(other, mine)];
  give(by < 0 ? other : row, Number(mine) + 1); // a tie is broken by moving the lower of the two down
}

// Whoever stands at a chosen place makes room towards the place that was left, unless places can be shared.
function choose(list, row, place, from) {
  if (place && !list.hasAttribute("data-ties")) makeRoom(list, row, Number(place), Number(from) || Infinity);
  give(row, place);
}

function makeRoom(list, row, place, from) {
  const by = from < place ? -1 : 1;
  give(row, "");
  for (let at = place, next; (next = holderOf(list, at)) && at !== from; at += by) {
    next.dataset.next = at + by > lastOf(row) ? "" : at + by;
  }
  for (const one of rows(list).filter((each) => "next" in each.dataset)) {
    give(one, one.dataset.next);
    delete one.dataset.next;
  }
}

function say(list, row, from) {
  const toast = toastOf(list);
  const text = row.querySelector("p").textContent.trim();
  const what = text.length > 40 ? `${text.slice(0, 38).replace(/\s\S*$/, "")}…` : text;
  const words = { what, from: from || "–", to: row.dataset.place || "–" };
  if (!toast) return;
  toast.querySelector("[data-text]").textContent = list.dataset.said.replace(/\{(\w+)\}/g, (_, key) => words[key]);
  toast.removeAttribute("data-empty");
  toast.querySelector("[data-undo]").hidden = !undos.get(list).length;
}

function act(list, row, change, focused) {
  const [before, from] = [rows(list).map((one) => [one, one.dataset.place]), row.dataset.place];
  change(from);
  undos.set(list, [...(undos.get(list) ?? []), { row, before }]);
  for (const one of rows(list)) one.toggleAttribute("data-moved", one === row);
  settle(list, focused);
  say(list, row, from);
}

function takeBack(list) {
  const last = undos.get(list)?.pop();
  if (!last) return;
  const from = last.row.dataset.place;
  for (const [row, place] of last.before) {
    give(row, place);
    row.toggleAttribute("data-moved", row === last.row);
    list.append(row);
  }
  settle(list, last.row.querySelector("select"));
  say(list, last.row, from);
}

document.addEventListener("click", ({ target }) => {
  const [list, button] = [target.closest("[data-rank]"), target.closest("[data-step]")];
  const row = button?.closest("li");
  const on = list && row && button.getAttribute("aria-disabled") !== "true";
  if (on) act(list, row, () => step(list, row, Number(button.dataset.step)), button);
  if (target.closest("[data-undo]")) takeBack(target.closest("form").querySelector("[data-rank]"));
});

document.addEventListener("change", ({ target }) => {
  const [list, row] = [target.closest("[data-rank]"), target.closest("li")];
  if (list && target.matches("select")) act(list, row, (from) => choose(list, row, target.value, from), target);
});

// An answer that waits on this device was put back into the lists of places.
document.addEventListener("outbox:filled", ({ target }) => {
  const list = target.querySelector("[data-rank]");
  if (!list) return;
  for (const row of rows(list)) row.dataset.place = row.querySelector("select").value;
  settle(list);
});

document.documentElement.classList.add("can-sort");
