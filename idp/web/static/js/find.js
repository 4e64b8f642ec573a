// Shortens a list by what is typed above it, in any spelling.

const fold = (text) =>
  text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f\u0640\u064b-\u065f\u0670\u200c\s()-]/g, "")
    .replace(/[\u064a\u0649]/g, "\u06cc")
    .replace(/\u0643/g, "\u06a9")
    .replace(/\u0629/g, "\u0647")
    .toLowerCase();

const spellings = (option, also) => [option.text, ...(also[option.value] || [])].map(fold);

function shorten(list, parts, sought) {
  const before = list.value;
  const found = [];
  while (list.firstChild) list.firstChild.remove();
  for (const { part, options } of parts) {
    const fitting = options.filter(({ names, stays }) => stays || names.some((name) => name.includes(sought)));
    for (const one of fitting) if (!one.stays) found.push(one);
    if (part) part.append(...fitting.map(({ option }) => option));
    if (fitting.length) list.append(part || fitting[0].option);
  }
  const exact = found.find(({ names }) => names.includes(sought));
  const only = found.length === 1 ? found[0] : exact;
  if (sought && only) list.value = only.option.value;
  else list.value = found.some(({ option }) => option.value === before) || before === "other" ? before : "";
  if (list.value !== before) list.dispatchEvent(new Event("change", { bubbles: true }));
  return found.length;
}

for (const list of document.querySelectorAll("select[data-none]")) {
  const also = JSON.parse(list.dataset.also || "{}");
  const parts = [...list.children].map((child) => {
    const part = child.tagName === "OPTGROUP" ? child : null;
    const options = part ? [...part.children] : [child];
    return {
      part,
      options: options.map((option) => ({ option, names: spellings(option, also), stays: ["", "other"].includes(option.value) })),
    };
  });
  const finder = document.getElementById(`${list.id}-finder`);
  const box = finder.querySelector("input");
  const says = finder.querySelector("p");
  box.addEventListener("input", (event) => {
    event.stopPropagation();
    const sought = fold(box.value);
    for (const { part } of parts) while (part && part.firstChild) part.firstChild.remove();
    says.textContent = shorten(list, parts, sought) ? "" : list.dataset.none;
  });
  // Enter chooses; it does not send the form.
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    list.focus();
  });
  finder.hidden = false;
}
