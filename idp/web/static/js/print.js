// The button that prints the page is there only with a script.

const button = document.querySelector("[data-print]");
button.hidden = false;
button.addEventListener("click", () => print());
