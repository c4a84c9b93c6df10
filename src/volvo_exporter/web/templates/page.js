// Merge a new copy of the page into this one every 15 seconds, every 3 seconds while there is a notice (a login is
// required). Only differences are changed, which keeps open details, focus and scroll position.
const INTERVAL_MS = 15000, SHORT_INTERVAL_MS = 3000, SHORT_INTERVALS = 10;
const kind = node => node.nodeName + (node.nodeType === Node.ELEMENT_NODE ? "." + node.getAttribute("class") : "");
const parts = node => [...node.childNodes].filter(child => child.nodeType !== Node.TEXT_NODE || child.nodeValue.trim());

function merge(fresh, old) {
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
      present.splice(0, match).forEach(old => old.remove());
      merge(child, present.shift());
    }
  }
  present.forEach(old => old.remove());
}

let refreshes = SHORT_INTERVALS;
const next = () => {
  refreshes = document.querySelector(".notice") ? 0 : refreshes + 1;
  setTimeout(refresh, refreshes > SHORT_INTERVALS ? INTERVAL_MS : SHORT_INTERVAL_MS);
};
async function refresh() {
  try {
    const answer = await fetch(location.pathname, {cache: "no-store"});
    if (answer.ok) {
      const page = new DOMParser().parseFromString((await answer.text()).replace(/<style[^]*?<\/style>/, ""), "text/html");
      showLocalTimes(page);
      merge(page.querySelector("main"), document.querySelector("main"));
    }
  } catch { /* no response, e.g. during a restart: keep the page and retry */ }
  next();
}
next();
