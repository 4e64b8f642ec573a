// The code of the SMS fills itself in where the browser can read it (WebOTP): the last line of the message is
// bound to this address. The citizen looks at it and sends it; who types is not disturbed.

const input = document.querySelector('input[autocomplete="one-time-code"]');

async function wait() {
  const asking = new AbortController();
  const end = () => asking.abort();
  for (const [target, event] of [[input, "input"], [input.form, "submit"], [window, "pagehide"]]) {
    target.addEventListener(event, end, { once: true });
  }
  // Refused, dismissed, too late or ended above: then the code is typed.
  const got = await navigator.credentials
    .get({ otp: { transport: ["sms"] }, signal: asking.signal })
    .catch(() => null);
  if (got && !input.value) {
    input.value = got.code;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

if (input?.form && "OTPCredential" in window) {
  wait();
  // A page that comes back from the browser's cache asks again.
  addEventListener("pageshow", (event) => event.persisted && wait());
}
