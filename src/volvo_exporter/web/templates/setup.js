// Check each value when its field is left, and all of them before the form is sent. Without scripts, the
// exporter checks them when it receives the form.
const form = document.getElementById("setup"), progress = document.getElementById("progress");
const names = ["client_id", "client_secret", "api_key", "redirect_uri"];
const latest = {};

function show({setting, outcome, message}) {
  const place = document.getElementById(`${setting}-finding`), field = form.elements[setting];
  if (!place) { progress.textContent = `${setting}: ${message}`; return; }
  place.className = `finding ${outcome}`;
  place.textContent = message;
  if (field) field.setAttribute("aria-invalid", outcome === "invalid" || outcome === "refused");
}

async function check(changed) {
  const turn = latest[changed] = (latest[changed] || 0) + 1;
  const values = new URLSearchParams(new FormData(form));
  values.set("changed", changed);
  const answer = await fetch("./check", {method: "POST", body: values, cache: "no-store"});
  if (!answer.ok) throw new Error(await answer.text());
  const {findings} = await answer.json();
  if (turn !== latest[changed]) return [];
  findings.forEach(show);
  if (findings.some(finding => finding.outcome === "refused")) document.getElementById("anyway").hidden = false;
  return findings;
}

for (const name of names) {
  form.elements[name].addEventListener("change", async () => {
    if (!form.elements[name].value.trim()) { show({setting: name, outcome: "", message: ""}); return; }
    show({setting: name, outcome: "", message: {{ _("checking …") | tojson }}});
    try {
      const findings = await check(name);
      const place = document.getElementById(`${name}-finding`);
      if (findings.every(finding => finding.setting !== name) && place.textContent === {{ _("checking …") | tojson }}) place.textContent = "";
    } catch (error) {
      show({setting: name, outcome: "unknown", message: `${ {{ _("could not be checked:") | tojson }} } ${error.message}`});
    }
  });
}

form.addEventListener("submit", async event => {
  event.preventDefault();
  progress.textContent = {{ _("checking …") | tojson }};
  try {
    const findings = await check("");
    const bad = findings.filter(({outcome}) => outcome === "invalid" || (outcome === "refused" && !form.elements.anyway.checked));
    progress.textContent = bad.length ? {{ _("not saved: see the errors above") | tojson }} : {{ _("saving …") | tojson }};
    if (!bad.length) form.submit();
    else if (form.elements[bad[0].setting]) form.elements[bad[0].setting].focus();
  } catch (error) {
    progress.textContent = `${ {{ _("could not be checked:") | tojson }} } ${error.message}`;
  }
});

for (const button of document.querySelectorAll("[data-copy], [data-show]")) button.hidden = false;
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    source.select();
    try {
      await navigator.clipboard.writeText(source.value);
    } catch { // without HTTPS it works on localhost only
      document.execCommand("copy");
    }
    const text = button.textContent;
    button.textContent = {{ _("Copied") | tojson }};
    setTimeout(() => { button.textContent = text; }, 2000);
  });
}
for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => {
    const field = document.getElementById(button.dataset.show), shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.textContent = shown ? {{ _("Show") | tojson }} : {{ _("Hide") | tojson }};
    button.setAttribute("aria-pressed", String(!shown));
  });
}
