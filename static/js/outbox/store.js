// The answers that this device holds: one row for each, {id, owner, round, card, url, body, key, text, isUndo, at}, and
// a reason once it is refused. Never keep a figure here, or anything the server has stored.
const STORE = "answers";
let opened = null;

function open() {
  if (opened) return opened;
  const mine = opened = new Promise((done, failed) => {
    const asked = indexedDB.open("outbox", 1), again = () => { if (opened === mine) opened = null; };
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
    asked.onerror = () => { again(); failed(asked.error); };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => { asked.result.close(); again(); };
      done(asked.result);
    };
  });
  return mine;
}

async function within(mode, act) {
  const store = (await open()).transaction(STORE, mode, { durability: "strict" }).objectStore(STORE);
  const asked = act(store);
  await new Promise((done, failed) => {
    store.transaction.oncomplete = done;
    store.transaction.onabort = store.transaction.onerror = () => failed(store.transaction.error);
  });
  return asked.result;
}

export async function held() {
  const all = await within("readonly", (store) => store.getAll()).catch(() => []);
  return all.sort((a, b) => a.at - b.at);
}

export async function keep(row) {
  row.at = Math.max(Date.now(), ...(await held()).map((other) => other.at + 1));  // in order, whatever the clock does
  await within("readwrite", (store) => store.put(row));
}

// Only the row that was sent: a newer answer to the same card may stand in its place by now.
export const replace = (row, by) => within("readwrite", (store) => {
  const asked = store.get(row.id);
  asked.onsuccess = () => { if (asked.result?.at === row.at) by ? store.put(by) : store.delete(row.id); };
  return asked;
});

// Everything, and for good: nothing is written down by this page any more.
export async function discard() {
  opened?.then((base) => base.close(), () => {});
  opened = Promise.reject(new Error("over"));
  opened.catch(() => {});
  await new Promise((done) => {
    const asked = indexedDB.deleteDatabase("outbox");
    asked.onsuccess = asked.onerror = asked.onblocked = done;
  });
}
