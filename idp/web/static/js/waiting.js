// Clocks of a page: until another code may be sent, and until its time runs out. What is left is the server's word,
// true when it answered; it is not counted anew when the page comes late, sleeps or comes back.

const numbers = new Intl.NumberFormat(document.documentElement.lang === "fa" ? "fa-IR" : "en", { useGrouping: false });

// How long ago the answer began to arrive; a script may come much later on a slow line.
const [arrival] = performance.getEntriesByType("navigation");
const age = arrival ? performance.now() - arrival.responseStart : 0;

// Returns the seconds gone since a moment so many milliseconds ago. The steady clock stands still while a phone
// sleeps, the clock of the day can be set back: the one that went further is right.
function secondsSince(ago) {
  const steady = performance.now() - ago;
  const ofDay = Date.now() - ago;
  return () => Math.max(performance.now() - steady, Date.now() - ofDay) / 1000;
}

// Calls `show` with the seconds left, every so many milliseconds, until none is; a page that wakes up or comes
// back from the browser's cache looks at once.
function countDown(seconds, ago, every, show) {
  const gone = secondsSince(ago);
  let next;
  const look = () => {
    clearTimeout(next);
    const left = Math.max(0, Math.ceil(seconds - gone()));
    show(left);
    if (left) {
      next = setTimeout(look, every);
      return;
    }
    document.removeEventListener("visibilitychange", look);
    removeEventListener("pageshow", look);
  };
  document.addEventListener("visibilitychange", look);
  addEventListener("pageshow", look);
  look();
}

for (const button of document.querySelectorAll("button[data-after]")) {
  const words = button.textContent;
  const { waits, waitsMinutes } = button.dataset;
  const wait = (left) => (left > 90
    ? waitsMinutes.replace("{minutes}", numbers.format(Math.ceil(left / 60)))
    : waits.replace("{seconds}", numbers.format(left)));
  countDown(Number(button.dataset.after), age, 500, (left) => {
    button.disabled = left > 0;
    button.textContent = left ? wait(left) : words;
  });
}

// Five minutes before the end the page says so, and can ask for more time; nothing typed is touched.
const WARN_MINUTES = 5;
const form = document.querySelector("form[data-minutes]");
if (form) {
  const { endsSoon, more, moreAddress, moreFailed, minutes } = form.dataset;
  const box = document.createElement("div");
  box.className = "summary care";
  box.setAttribute("role", "alert");
  const says = document.createElement("p");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet";
  button.textContent = more;
  box.append(says, button);
  const wait = (ago) => countDown((minutes - WARN_MINUTES) * 60, ago, 10000, (left) => left || warn());
  const warn = () => {
    says.textContent = endsSoon;
    form.prepend(box);
  };
  button.addEventListener("click", async () => {
    const carried = new URLSearchParams();
    for (const name of ["csrf_token", "flow"]) carried.set(name, form.elements[name].value);
    const answer = await fetch(moreAddress, { method: "POST", body: carried }).catch(() => null);
    if (answer && answer.ok) {
      box.remove();
      wait(0);
    } else {
      says.textContent = moreFailed;
    }
  });
  wait(age);
}
