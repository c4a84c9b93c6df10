// Every 15 seconds the new page is laid over the old one: only what differs is touched, so that nothing flickers
// and what is unfolded, focused or scrolled stays so.
function lay(fresh, old) {
  if (fresh.nodeType !== old.nodeType || fresh.nodeName !== old.nodeName) {
    old.replaceWith(fresh.cloneNode(true));
    return;
  }
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
  const wanted = [...fresh.childNodes], present = [...old.childNodes];
  wanted.forEach((child, index) => {
    if (index < present.length) lay(child, present[index]);
    else old.append(child.cloneNode(true));
  });
  present.slice(wanted.length).forEach(child => child.remove());
}
setInterval(async () => {
  try {
    const answer = await fetch(location.pathname, {cache: "no-store"});
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    lay(page.querySelector("main"), document.querySelector("main"));
  } catch { /* the exporter restarts: the old page stays until it answers again */ }
}, 15000);
