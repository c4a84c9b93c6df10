// Times in the zone of the browser; without scripts they are in that of the exporter.
for (const time of document.querySelectorAll("time[datetime]")) {
  const moment = new Date(time.dateTime);
  const part = (options) => moment.toLocaleDateString("sv-SE", options);
  const clock = moment.toLocaleTimeString("sv-SE", {hour: "2-digit", minute: "2-digit"});
  time.textContent = `${part({year: "numeric", month: "2-digit", day: "2-digit"})} ${clock}`;
}
