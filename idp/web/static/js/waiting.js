// Clocks of a page: until another code may be sent, and until the page's time runs out.

const numbers = new Intl.NumberFormat(document.documentElement.lang === "fa" ? "fa-IR" : "en", { useGrouping: false });

for (const button of document.querySelectorAll("button[data-after]")) {
  const words = button.textContent;
  const ready = Date.now() + button.dataset.after * 1000;
  const show = () => {
    const seconds = Math.ceil((ready - Date.now()) / 1000);
    button.disabled = seconds > 0;
    button.textContent =
      seconds > 0 ? button.dataset.waits.replace("{seconds}", numbers.format(seconds)) : words;
    if (seconds > 0) setTimeout(show, 500);
  };
  show();
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
  const wait = () => setTimeout(warn, (minutes - WARN_MINUTES) * 60000);
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
      wait();
    } else {
      says.textContent = moreFailed;
    }
  });
  wait();
}
