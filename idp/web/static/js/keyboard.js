// The on-screen keyboard that the guide recommends. It types the letters, digits and signs a password
// may have; it never stands in the way of typing, pasting or a password manager.

const ROWS = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "&%$#!"];

function key(label, name, press) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  if (name) button.setAttribute("aria-label", name);
  button.addEventListener("click", press);
  return button;
}

function type(input, edit) {
  const start = input.selectionStart ?? input.value.length;
  const end = input.selectionEnd ?? start;
  edit(start, end);
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

function makeKeyboard(input) {
  const board = document.createElement("div");
  board.className = "keyboard";
  board.id = `${input.id}-keyboard`;
  board.hidden = true;
  board.setAttribute("role", "group");
  board.setAttribute("aria-label", input.dataset.keyboard);
  const letters = [];
  for (const row of ROWS) {
    const line = document.createElement("div");
    for (const sign of row) {
      const button = key(sign, "", () =>
        type(input, (start, end) => input.setRangeText(button.textContent, start, end, "end")));
      if (/[a-z]/.test(sign)) letters.push(button);
      line.append(button);
    }
    board.append(line);
  }
  const last = document.createElement("div");
  const shift = key("⇧", input.dataset.keyboardShift, () => {
    const upper = shift.getAttribute("aria-pressed") !== "true";
    shift.setAttribute("aria-pressed", String(upper));
    for (const letter of letters) {
      letter.textContent = upper ? letter.textContent.toUpperCase() : letter.textContent.toLowerCase();
    }
  });
  shift.setAttribute("aria-pressed", "false");
  const erase = key("⌫", input.dataset.keyboardErase, () =>
    type(input, (start, end) => input.setRangeText("", start === end ? Math.max(0, start - 1) : start, end, "end")));
  last.append(shift, erase);
  board.append(last);
  return board;
}

for (const input of document.querySelectorAll("input[data-keyboard]")) {
  const board = makeKeyboard(input);
  const toggle = key(input.dataset.keyboard, "", () => {
    board.hidden = !board.hidden;
    toggle.setAttribute("aria-expanded", String(!board.hidden));
  });
  toggle.className = "keyboard-toggle";
  toggle.setAttribute("aria-expanded", "false");
  toggle.setAttribute("aria-controls", board.id);
  const error = document.getElementById(`${input.id}-error`);
  (error || input).after(toggle, board); // an error stands beside its box
}
