// Help while typing: show a password, tick its rules, notice the Persian keyboard.

for (const field of document.querySelectorAll("[data-password]")) {
  const input = field.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "reveal";
  const show = (visible) => {
    input.type = visible ? "text" : "password";
    button.textContent = visible ? field.dataset.hide : field.dataset.show;
    button.setAttribute("aria-pressed", String(visible));
    button.setAttribute("aria-label", `${field.dataset.show} ${field.querySelector("label").textContent}`);
  };
  button.addEventListener("click", () => show(input.type === "password"));
  input.form?.addEventListener("submit", () => show(false));
  show(false);
  field.append(button);
}

// The rules that can be seen in the password alone; names and national ID are the server's.
const RULES = {
  "pw.latin": (typed) => /^[\x20-\x7e]+$/.test(typed),
  "pw.start": (typed) => /^[A-Za-z]/.test(typed),
  "pw.classes": (typed) => /[A-Z]/.test(typed) && /[a-z]/.test(typed) && /[0-9]/.test(typed),
  "pw.length": (typed) => typed.length >= 8,
  "pw.charset": (typed) => /^[A-Za-z0-9&%$#!]+$/.test(typed),
};

const rules = document.querySelector("[data-kept]");
const chosen = document.querySelector('input[autocomplete="new-password"]');
if (rules && chosen) {
  const words = document.createElement("span");
  words.className = "sr";
  words.textContent = ` (${rules.dataset.kept})`;
  const tick = () => {
    for (const item of rules.querySelectorAll("[data-rule]")) {
      const isKept = RULES[item.dataset.rule]?.(chosen.value) ?? false;
      if (isKept === item.classList.contains("is-kept")) continue;
      item.classList.toggle("is-kept", isKept);
      if (isKept) item.append(words.cloneNode(true));
      else item.lastElementChild.remove();
    }
  };
  chosen.addEventListener("input", tick);
  tick();
}

// Letters of the Persian keyboard in a field that takes none of them.
for (const input of document.querySelectorAll("input[data-latin]")) {
  const says = document.createElement("p");
  says.className = "hint latin";
  says.setAttribute("role", "status");
  input.closest(".field").append(says);
  input.addEventListener("input", () => {
    says.textContent = /[\u0600-\u06ff]/.test(input.value) ? input.dataset.latin : "";
  });
}
