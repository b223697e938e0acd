// What becomes of an answer, and what its page knows of the way to the server: states that have names, and for each
// what an event makes of it and what is to be done. What is not named changes nothing. outbox.js brings what happens
// and does what is said; never let a page, a store, a network or a clock in here.

const to = (state, news, ...deeds) => ({ state, news, deeds });

// pressed: its page is about to write it down. sending: written down on this device, and its page waits for the server.
// bare: the same where nothing can be written down. waiting: written down, and sent by whatever page is open until the
// server has said something. refused: written down with the reason, until its person has read that. lost: neither
// written down nor sent. done: whoever it was for has it, the server or its person, and it is on no device.
export const ANSWER = {
  pressed: { written: to("sending", "pressed", "send"), unwritten: to("bare", "pressed", "send") },
  sending: {
    stored: to("done", "heard", "forget", "hand"),
    refused: to("done", "heard", "forget", "hand"),
    out: to("waiting", "heard", "hand"),
    later: to("waiting", "silent"),
  },
  bare: {
    stored: to("done", "heard", "hand"),
    refused: to("done", "heard", "hand"),
    out: to("done", "heard", "hand"),
    later: to("lost", "lost"),
  },
  waiting: {
    stored: to("done", "heard", "forget", "next"),
    refused: to("refused", "heard", "explain", "next"),
    out: to("waiting", "shut", "forgetPages"),
    later: to("waiting", "silent"),
  },
  refused: { read: to("done", null, "forget") },
  lost: {},
  done: {},
};

// What a page knows, in parts, each of which is in one state at a time.
export const PAGE = {
  // Does the server answer?
  line: { open: { silent: "away", lost: "away" }, away: { heard: "open", shut: "open", online: "open" } },
  // Whose seat is it? out: whoever sits here now may not send what waits, until a page is opened anew.
  seat: { own: { shut: "out" }, out: {} },
  // What stands to be said. An answer that is lost is lost, whatever becomes of the others.
  word: {
    none: { lost: "lost", emptied: "sent", held: "held" },
    sent: { pressed: "none", left: "none", lost: "lost", held: "held" },
    lost: { pressed: "none" },
    held: { pressed: "none", lost: "lost", emptied: "sent" },
  },
  // One turn at a time, however often the clock strikes, and none once everything here is forgotten.
  turn: { resting: { begun: "busy", over: "over" }, busy: { ended: "resting", over: "over" }, over: {} },
};

export const START = { line: "open", seat: "own", word: "none", turn: "resting" };

export const become = (state, event) => ANSWER[state][event] ?? to(state, null);

export function learn(page, news) {
  const now = (part) => PAGE[part][page[part]][news] ?? page[part];
  return { line: now("line"), seat: now("seat"), word: now("word"), turn: now("turn") };
}

// As it lies on the device, from which a page that is opened begins.
export const stateOf = (row) => row.reason ? "refused" : "waiting";

// Stored: the answer's key came back, or our page after it. What any network in between may say of its own is "later".
export function verdict({ kept, path, status }, row) {
  if (row.key && kept === row.key || path === row.url) return "stored";
  if ([401, 403, 404, 409].includes(status)) return "out";
  return [400, 413, 422].includes(status) ? "refused" : "later";
}

// What follows looks at a page among its facts: {n: answers that wait, isOnline: as the browser says, isOld: the page
// was kept on this device, isAll: nothing is left to answer, keeps: such a page can be kept, canGoOn: and is}.

export const isOff = (page, { isOnline, isOld }) => page.line === "away" || !isOnline || isOld;

// What a turn is for. Where nothing waits and the page is an old one: is anybody there?
export function due(page, { n, isOnline, isOld }) {
  if (page.turn === "over" || !isOnline) return "rest";
  if (n) return page.seat === "out" ? "rest" : "send";
  return page.line === "away" || isOld ? "ask" : "rest";
}

// The sentences of the banner, by the names that the page has for them.
export function words(page, facts) {
  const { n, isAll, keeps, canGoOn } = facts, off = isOff(page, facts);
  if (page.word === "held" && n) return ["saysHeld"];
  if (page.seat === "out" && n) return ["saysOut"];
  if (page.word === "lost") return ["saysLost"];
  if (off && n) return isAll ? ["saysWaiting", "saysAll"] : ["saysWaiting"];
  if (off && keeps) return [canGoOn ? "saysOff" : "saysAlone"];
  return page.word === "sent" && !n ? ["saysSent"] : [];
}
