// A world round static/js/outbox/states.js: one device, its pages, a server that counts a key once, and a network that
// does as it is told. Deeds are done here as outbox.js does them; what happened is written down. No law stands here.
export function walk(states, steps) {
  const { become, due, learn, START, stateOf, verdict } = states;
  const device = new Map(), pages = [START, START], log = [], rows = [];
  let canWrite = true;

  const note = (what, row, more) => log.push([what, row.key, more ?? ""]);
  const held = () => [...device.values()].sort((a, b) => a.at - b.at);
  const waiting = () => held().filter((row) => stateOf(row) === "waiting");
  const isThere = (row) => device.get(row.id)?.at === row.at;
  const facts = () => ({ n: waiting().length, isOnline: true, isOld: false });
  const tell = (tab, news) => { pages[tab] = learn(pages[tab], news); };

  // What comes back; of "later" it is a page that some network in between has of its own.
  const ANSWERS = { stored: 200, refused: 422, out: 401, later: 200, held: 0, closed: 0 };
  const REACHES = new Set(["stored", "held", "closed"]);

  function ask(row, fate) {
    note("sent", row);
    if (REACHES.has(fate)) note("counted", row);
    return verdict({ kept: fate === "stored" ? row.key : null, path: null, status: ANSWERS[fate] }, row);
  }

  const DEEDS = {
    forget: (row) => { if (isThere(row)) device.delete(row.id); },
    explain: (row) => { if (isThere(row)) { device.set(row.id, { ...row, reason: "why" }); note("explained", row); } },
    forgetPages: () => {},
  };

  function carryOut(tab, state, event, row) {
    const next = become(state, event);
    if (next.news) tell(tab, next.news);
    if (event === "stored") note("heard", row);
    for (const deed of next.deeds) DEEDS[deed]?.(row);
    if (next.deeds.includes("hand") && next.state === "done") note("handed", row, event);
    if (next.state === "lost") note("lost", row);
    return next;
  }

  function write(card) {
    const row = { id: card, key: `k${rows.length}`, at: rows.length, url: "/take" };
    rows.push(row);
    note("pressed", row, card);
    if (canWrite) device.set(card, row);
    if (canWrite) note("written", row, card);
    return row;
  }

  function press({ tab, card, fate }) {
    const row = write(card), { state } = carryOut(tab, "pressed", canWrite ? "written" : "unwritten", row);
    const said = ask(row, fate);
    if (fate === "closed") return closes(tab, state === "bare" ? row : null);
    carryOut(tab, state, said, row);
  }

  function closes(tab, row) {
    if (row) note("closed", row);
    pages[tab] = START;
  }

  // newer: the same card is answered again, in another page, while its older answer is under way.
  function turn({ tab, fates, newer }) {
    const what = due(pages[tab], facts());
    if (what === "rest") return;
    tell(tab, "begun");
    if (what === "send" && send(tab, fates, newer) === "closed") return closes(tab);
    if (what === "ask") tell(tab, fates[0] === "stored" ? "heard" : "silent");
    tell(tab, "ended");
  }

  function send(tab, fates, newer) {
    let done = 0;
    for (const row of waiting()) {
      const fate = fates[done % fates.length], said = ask(row, fate);
      if (fate === "closed") return fate;
      if (newer && canWrite) write(row.id);
      if (!carryOut(tab, "waiting", said, row).deeds.includes("next")) break;
      done += 1;
    }
    if (done) tell(tab, device.size ? "left" : "emptied");
  }

  const ACTS = {
    press,
    turn,
    open: ({ tab }) => closes(tab),
    signIn: ({ tab }) => { if (pages[tab].seat === "out") closes(tab); },
    online: ({ tab }) => tell(tab, "online"),
    leave: ({ tab }) => { if (waiting().length) tell(tab, "held"); },
    read: () => {
      for (const row of held().filter((one) => stateOf(one) === "refused")) {
        carryOut(0, "refused", "read", row);
        note("read", row);
      }
    },
    fill: () => { canWrite = false; },
    clear: () => { canWrite = true; },
  };
  for (const step of steps) ACTS[step.act](step);
  const left = held().map((row) => [row.key, stateOf(row)]);
  return { log, pages, device: left, due: pages.map((page) => due(page, facts())) };
}
