// The new page is laid over the old one every 15 seconds, more often while something is awaited: only what differs
// is touched, so that nothing flickers and what is unfolded, focused or scrolled stays so.
const USUAL = 15000, SOON = 3000, CALM_AFTER = 10;
const kind = node => node.nodeName + (node.nodeType === Node.ELEMENT_NODE ? "." + node.getAttribute("class") : "");
const parts = node => [...node.childNodes].filter(child => child.nodeType !== Node.TEXT_NODE || child.nodeValue.trim());

function lay(fresh, old) {
  if (fresh.nodeType !== Node.ELEMENT_NODE) {
    if (fresh.nodeValue !== old.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  for (const {name, value} of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const name of old.getAttributeNames()) {
    if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  const present = parts(old);
  for (const child of parts(fresh)) {
    const match = present.findIndex(candidate => kind(candidate) === kind(child));
    if (match < 0) {
      old.insertBefore(child.cloneNode(true), present.length ? present[0] : null);
    } else {
      present.splice(0, match).forEach(gone => gone.remove());
      lay(child, present.shift());
    }
  }
  present.forEach(gone => gone.remove());
}

let calm = CALM_AFTER;
const next = () => {
  calm = document.querySelector(".notice") ? 0 : calm + 1;
  setTimeout(refresh, calm > CALM_AFTER ? USUAL : SOON);
};
async function refresh() {
  try {
    const answer = await fetch(location.pathname, {cache: "no-store"});
    if (answer.ok) {
      const page = new DOMParser().parseFromString((await answer.text()).replace(/<style[^]*?<\/style>/, ""), "text/html");
      lay(page.querySelector("main"), document.querySelector("main"));
    }
  } catch { /* the exporter restarts: the old page stays until it answers again */ }
  next();
}
next();
