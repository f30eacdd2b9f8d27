// Questions wherever they are answered, and comments: Ctrl+Enter sends what is typed, Escape leaves its field.

document.addEventListener("toggle", ({ target }) => {
  if (target.open) target.closest(".instead")?.querySelector("input:not([type=hidden])").focus();
}, true);

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.(".answer textarea, .instead input, #comment, .decide textarea");
  if (!field) return;
  if (field.matches("textarea") && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    const answer = field.parentElement.querySelector("button[value=answer], .decide button");
    field.form.dataset.byKeys = "";
    field.form.requestSubmit(answer);
  } else if (field.matches("input") && event.key === "Enter") {
    event.preventDefault();
    field.form.requestSubmit(field.parentElement.querySelector("button"));
  } else if (event.key === "Escape" && !field.closest(".decide")) {
    field.closest(".instead details")?.removeAttribute("open");
    const question = field.closest(".question, section");
    question.tabIndex = -1;
    question.focus(); // keys act again
  }
});
