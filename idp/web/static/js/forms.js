// Comfort only: every page works without this file.

const form = document.querySelector("form[data-once]");
form?.addEventListener("submit", () => {
  const button = form.querySelector("button[type=submit]");
  // After the browser has taken the form's data.
  setTimeout(() => button?.setAttribute("disabled", ""), 0);
});
// A page that comes back from the browser's cache is ready for another try.
addEventListener("pageshow", () => form?.querySelector("button[disabled]")?.removeAttribute("disabled"));

document.getElementById("summary")?.focus();

// A part of the form that belongs to one choice of a list: <div data-shown-for="list=choice">.
for (const part of document.querySelectorAll("[data-shown-for]")) {
  const [name, choice] = part.dataset.shownFor.split("=");
  const list = document.getElementById(name);
  const update = () => {
    part.hidden = list.value !== choice;
  };
  list.addEventListener("change", update);
  update();
}

// Iran's cities come from the list, all others and those it lacks are typed.
const city = document.querySelector("[data-city]");
if (city) {
  const country = document.getElementById("country");
  const choice = city.querySelector("select");
  const typed = document.querySelector("[data-city-text]");
  const update = () => {
    const abroad = !["", "IR"].includes(country.value);
    city.hidden = abroad;
    typed.hidden = !abroad && choice.value !== "other";
    // What nobody sees is not sent.
    typed.querySelector("input").disabled = typed.hidden;
  };
  for (const list of [country, choice]) {
    list.addEventListener("change", update);
  }
  update();
}
