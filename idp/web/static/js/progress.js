// The page of a submitted case looks again by itself, without a new load: focus, place and speech stay. What is
// left of the 48 hours is put in quietly; a new state loads the page once.

const words = () => document.querySelector("[data-look-after]");
const clock = (page) => page.querySelector("[data-now]");
const MISSED = 60; // seconds until the next look after one without an answer

async function look() {
  const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  if (!answer || !answer.ok) {
    wait(MISSED);
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.querySelector("[data-look-after]");
  if (!now || now.dataset.state !== words().dataset.state) {
    location.reload();
    return;
  }
  if (clock(page) && clock(document)) clock(document).replaceWith(document.importNode(clock(page), true));
  wait(now.dataset.lookAfter);
}

function wait(seconds) {
  setTimeout(look, seconds * 1000);
}

if (words()) wait(words().dataset.lookAfter);
