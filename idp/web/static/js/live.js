// Marks fields that are right while the form is filled in, by the server's own rules; secrets stay here. Without this
// file the marks come with the answer.

const form = document.querySelector("form[data-check]");
const nationalId = document.getElementById("national_id");
const PAUSE = 600;
// What a field is judged by beside its own boxes, and what is judged anew when it changes.
const BESIDE = { certificate_number: "birth", country: "city", city: "country" };
const AFTER = { birth: "certificate_number", country: "city", city: "country" };
const SECRET = new Set(["password", "password_again"]);
const BOXES = "input:not([type=hidden]):not([readonly]), select";

const fields = new Map();
for (const place of form.querySelectorAll(".field")) {
  const boxes = [...place.querySelectorAll(BOXES)].filter((box) => box.name);
  const name = place.id || (boxes[0] && boxes[0].name);
  if (boxes.length && !SECRET.has(name)) fields.set(name, { name, place, boxes, turn: 0 });
}

function describe(box, id, isSo) {
  const ids = new Set((box.getAttribute("aria-describedby") || "").split(" ").filter(Boolean));
  if (isSo) ids.add(id);
  else ids.delete(id);
  if (ids.size) box.setAttribute("aria-describedby", [...ids].join(" "));
  else box.removeAttribute("aria-describedby");
}

function mark({ name, place, boxes }, isRight) {
  const id = `${name}-good`;
  const old = document.getElementById(id);
  place.classList.toggle("is-good", isRight);
  for (const box of boxes) describe(box, id, isRight);
  if (!isRight) {
    if (old) old.remove();
    return;
  }
  place.classList.remove("is-wrong");
  const error = document.getElementById(`${name}-error`);
  for (const box of boxes) {
    box.removeAttribute("aria-invalid");
    describe(box, `${name}-error`, false);
  }
  if (error) error.remove();
  if (old) return;
  const sign = document.createElement("p");
  sign.className = "good";
  sign.id = id;
  const words = document.createElement("span");
  words.className = "sr";
  words.textContent = form.dataset.right;
  sign.append(words);
  place.append(sign);
}

const typed = (field) => field.boxes.filter((box) => !box.disabled && box.value.trim());

async function rules(field) {
  const asked = new URLSearchParams({ field: field.name });
  if (nationalId.readOnly) asked.set("national_id", nationalId.value);
  const beside = fields.get(BESIDE[field.name]);
  for (const one of beside ? [beside, field] : [field]) {
    for (const box of typed(one)) asked.set(box.name, box.value);
  }
  const answer = await fetch(form.dataset.check, { method: "POST", body: asked, credentials: "omit" }).catch(() => null);
  return Boolean(answer && answer.ok && (await answer.json()).good);
}

// The answer to the security question never leaves the page before it is submitted: two letters are its rule.
const letters = (text) => new Set(text.toLowerCase().match(/\p{L}/gu)).size;

// Who presses a button leaves a field: its error must not go, and move the button away, before the press is over.
let released = Promise.resolve();

addEventListener(
  "pointerdown",
  () => {
    released = new Promise((resolve) => {
      for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(resolve), { once: true, capture: true });
    });
  },
  true,
);

async function judge(field) {
  clearTimeout(field.wait);
  field.turn += 1;
  const turn = field.turn;
  let isRight = false;
  if (field.name === "answer") isRight = letters(field.boxes[0].value) > 1 && field.boxes[0].value.length <= 100;
  else if (typed(field).length) isRight = await rules(field);
  await released;
  if (turn === field.turn) mark(field, isRight);
}

for (const field of fields.values()) {
  field.place.addEventListener("input", () => {
    mark(field, false);
    clearTimeout(field.wait);
    field.wait = setTimeout(judge, PAUSE, field);
  });
  field.place.addEventListener("change", () => {
    judge(field);
    const other = fields.get(AFTER[field.name]);
    if (other && typed(other).length) judge(other);
  });
}
