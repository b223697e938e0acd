// How high what stays in sight at the foot of a page is: what gets the focus is scrolled clear of it. No sentence here.
const root = document.documentElement;
const measured = new ResizeObserver((seen) => {
  const foot = seen.map((one) => one.target).find((one) => one.isConnected && getComputedStyle(one).position === "sticky");
  root.style.setProperty("--foot", foot ? `${Math.ceil(foot.getBoundingClientRect().height)}px` : "0px");
});
let foot = null;

function look() {
  const now = document.querySelector(".foot");
  if (now === foot) return;
  measured.disconnect();
  foot = now;
  if (foot) measured.observe(foot);
  else root.style.removeProperty("--foot");
}

new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
look();
