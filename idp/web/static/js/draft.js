// Keeps what is typed but for secrets: a tab that the phone throws away loses nothing. Without this file it is kept
// whenever the form is sent.

const form = document.querySelector("form[data-keep]");
const SECRETS = ["password", "password_again", "answer"];
const PAUSE = 5000;

function typed() {
  const all = new URLSearchParams(new FormData(form));
  for (const name of SECRETS) all.delete(name);
  return all;
}

let kept = typed().toString();
let wait;

function later() {
  clearTimeout(wait);
  wait = setTimeout(keep, PAUSE);
}

async function keep() {
  clearTimeout(wait);
  const body = typed();
  const text = body.toString();
  if (text === kept) return;
  kept = text;
  const answer = await fetch(form.dataset.keep, { method: "POST", body, keepalive: true }).catch(() => null);
  if (answer && answer.status !== 429) return;
  kept = "";
  later();
}

form.addEventListener("input", later);
form.addEventListener("change", later);
// What is sent is kept there.
form.addEventListener("submit", () => {
  clearTimeout(wait);
  kept = typed().toString();
});
document.addEventListener("visibilitychange", () => document.hidden && keep());
addEventListener("pagehide", keep);
