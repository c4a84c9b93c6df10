// Times in the time zone of the browser; without scripts they are in UTC.
function showLocalTimes(page) {
  for (const time of page.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    const clock = moment.toLocaleTimeString("sv-SE", {hour: "2-digit", minute: "2-digit"});
    const whole = `${moment.toLocaleDateString("sv-SE")} ${clock}`;
    if (time.classList.contains("ago")) time.title = whole;
    else time.textContent = time.classList.contains("clock") ? clock : whole;
  }
}
showLocalTimes(document);
