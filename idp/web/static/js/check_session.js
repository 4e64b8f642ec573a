// The frame of OpenID Connect Session Management 1.0 (3.2): a portal's page asks "client_id session_state" and is
// answered "unchanged", "changed" or "error", and nothing else, to its own origin only.

const MESSAGE = /^([\x21-\x7e]{1,255}) ([0-9a-f]{64})\.([A-Za-z0-9_-]{16,64})$/;
const PER_SECOND = 20; // a page that floods is not answered beyond it
const cookie = `${document.documentElement.dataset.cookie}=`;
let answered = 0;

setInterval(() => {
  answered = 0;
}, 1000);

function browserState() {
  const found = document.cookie.split("; ").filter((one) => one.startsWith(cookie));
  return found.length === 1 ? found[0].slice(cookie.length) : "";
}

async function digest(text) {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function same(one, other) {
  let difference = one.length ^ other.length;
  for (let at = 0; at < one.length; at += 1) difference |= one.charCodeAt(at) ^ other.charCodeAt(at);
  return difference === 0;
}

// Without a cookie: it is gone, or this browser keeps third-party cookies back and nobody can know.
async function withoutState() {
  return (await document.hasStorageAccess?.()) ? "changed" : "error";
}

async function answer(message, origin) {
  const parts = typeof message === "string" ? MESSAGE.exec(message) : null;
  if (!parts || !globalThis.crypto?.subtle) return "error";
  const state = browserState();
  if (!state) return withoutState();
  const [, client, told, salt] = parts;
  return same(await digest(`${client} ${origin} ${state} ${salt}`), told) ? "unchanged" : "changed";
}

addEventListener("message", async (event) => {
  if (!event.source || event.origin === "null" || event.origin === location.origin) return;
  answered += 1;
  if (answered > PER_SECOND) return;
  const says = await answer(event.data, event.origin).catch(() => "error");
  event.source.postMessage(says, event.origin);
});
