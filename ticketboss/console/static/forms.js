// A form is sent once, however often its button is pressed.

for (const form of document.querySelectorAll("form.fields")) {
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("button")) {
      button.disabled = true;
    }
  });
}

// The way back shows the page as it was left.
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("form.fields button")) {
    button.disabled = false;
  }
});
