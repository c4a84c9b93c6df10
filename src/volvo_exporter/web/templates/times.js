// Times in the time zone of the browser; without scripts they are in UTC.
function showLocalTimes(page) {
  for (const time of page.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    const clock = moment.toLocaleTimeString("sv-SE", {hour: "2-digit", minute: "2-digit"});
    time.textContent = time.classList.contains("clock") ? clock : `${moment.toLocaleDateString("sv-SE")} ${clock}`;
  }
}
showLocalTimes(document);
