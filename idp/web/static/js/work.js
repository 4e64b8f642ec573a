// Solves the page's puzzle (ALTCHA, PBKDF2) and sends the held form on; where there is none, the
// form waits for its turn. Without this file the button of the page does the same a little later.

const form = document.getElementById("work");
const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));
const hex = (buffer) =>
  Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

const derive = async ({ nonce, salt, cost, keyLength }, counter) => {
  const start = bytes(nonce);
  const password = new Uint8Array(start.length + 4);
  password.set(start);
  new DataView(password.buffer).setUint32(start.length, counter);
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost };
  return hex(await crypto.subtle.deriveBits(how, key, keyLength * 8));
};

const solve = async (puzzle) => {
  for (let counter = 0; ; counter += 1) {
    const derivedKey = await derive(puzzle.parameters, counter);
    if (derivedKey.startsWith(puzzle.parameters.keyPrefix)) {
      return btoa(JSON.stringify({ challenge: puzzle, solution: { counter, derivedKey } }));
    }
  }
};

const wait = (seconds) =>
  new Promise((done) => {
    setTimeout(done, seconds * 1000, "");
  });

// A sign of life while it takes minutes. The clock of the day goes on while a phone sleeps.
const time = document.getElementById("work-time");
if (time) {
  const began = Date.now();
  const numbers = new Intl.NumberFormat(document.documentElement.lang === "fa" ? "fa-IR" : "en", { useGrouping: false });
  const seconds = new Intl.NumberFormat(numbers.resolvedOptions().locale, { minimumIntegerDigits: 2 });
  const show = () => {
    const gone = Math.max(0, Math.floor((Date.now() - began) / 1000));
    const shown = `${numbers.format(Math.floor(gone / 60))}:${seconds.format(gone % 60)}`;
    time.textContent = time.dataset.words.replace("{time}", shown);
  };
  setInterval(show, 1000);
  show();
}

// Promises, for `await` outside of a function needs Chromium 89.
(form.dataset.puzzle ? solve(JSON.parse(form.dataset.puzzle)) : wait(Number(form.dataset.wait)))
  .then((solution) => {
    form.elements.altcha.value = solution;
    form.submit();
  });
