// A page that lay behind another window begins its half second anew when it comes to the front: the second
// click of a double click, or a held key, was meant for what stood there before. The style sheet does the rest.

const buttons = document.querySelectorAll(".not-yet");

function wait() {
  for (const button of buttons) {
    button.classList.remove("not-yet");
    void button.offsetWidth; // only a style that was computed without the class starts its animation again
    button.classList.add("not-yet");
  }
}

addEventListener("focus", wait);
document.addEventListener("visibilitychange", wait);
