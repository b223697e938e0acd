// A chart as a picture of 300 dots an inch: draws the SVG of its address on a canvas and saves it.
// Without script there is the SVG. No sentence and no figure belong here.

const SCALE = 300 / 96; // dots of the picture for each unit of the drawing
const HEAD = 33; // bytes before which a PNG says nothing but its size
// The chunk pHYs: 11 811 dots a metre both ways, so that a document shows the picture in its true size.
const DENSITY = Uint8Array.of(0, 0, 0, 9, 112, 72, 89, 115, 0, 0, 46, 35, 0, 0, 46, 35, 1, 120, 165, 63, 118);

async function drawn(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.naturalWidth * SCALE);
  canvas.height = Math.round(image.naturalHeight * SCALE);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const plain = await new Promise((done) => canvas.toBlob(done, "image/png"));
  return new Blob([plain.slice(0, HEAD), DENSITY, plain.slice(HEAD)], { type: "image/png" });
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser may still be reading it
}

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-picture]");
  if (!button) return;
  const told = button.parentElement.querySelector("[role=status]");
  told.textContent = "";
  try {
    save(await drawn(button.dataset.picture), button.dataset.name);
  } catch {
    told.textContent = button.dataset.failed;
  }
});

document.documentElement.classList.add("can-draw");
