// Numbers what this device sends: a form that a network held back is told from what its person said after it.
// No sentence stands here; never number what is only looked at.
const NAME = "number", PLACE = "sent";
let kept = null;

function before() {
  try { kept = localStorage.getItem(PLACE) ?? kept; } catch { /* nothing may be kept here: this page alone counts */ }
  return kept?.split("-") ?? [[...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join(""), 0];
}

function next() {
  const [mark, n] = before();
  kept = `${mark}-${Number(n) + 1}`;
  try { localStorage.setItem(PLACE, kept); } catch { /* as above */ }
  return kept;
}

// Whoever reads a form, the browser or htmx, has it filled here.
document.addEventListener("formdata", ({ formData }) => { if (formData.has("key")) formData.set(NAME, next()); });
