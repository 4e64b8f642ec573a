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

for (const field of document.querySelectorAll("[data-password]")) {
  const input = field.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "reveal";
  const show = (visible) => {
    input.type = visible ? "text" : "password";
    button.textContent = visible ? "پنهان" : "نمایش";
    button.setAttribute("aria-pressed", String(visible));
    button.setAttribute("aria-label", `نمایش ${field.querySelector("label").textContent}`);
  };
  button.addEventListener("click", () => show(input.type === "password"));
  input.form?.addEventListener("submit", () => show(false));
  show(false);
  field.append(button);
}

// A part of the form that belongs to one choice of a list: <div data-shown-for="country=IR">.
for (const part of document.querySelectorAll("[data-shown-for]")) {
  const [name, wanted] = part.dataset.shownFor.split(/!?=/);
  const inverse = part.dataset.shownFor.includes("!=");
  const list = document.getElementById(name);
  const update = () => {
    const fits = wanted.split(",").includes(list.value);
    part.hidden = inverse ? fits || list.value === "" : !fits;
  };
  list.addEventListener("change", update);
  update();
}
