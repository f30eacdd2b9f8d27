// Questions wherever they are answered: Ctrl+Enter sends an answer, Escape leaves its field.

for (const instead of document.querySelectorAll(".instead details")) {
  instead.addEventListener("toggle", () => { if (instead.open) instead.querySelector("input:not([type=hidden])").focus(); });
}

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.(".answer textarea, .instead input");
  if (!field) return;
  if (field.matches("textarea") && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    sessionStorage.setItem("answering", "by keys");
    field.form.requestSubmit(field.parentElement.querySelector("button[value=answer]"));
  } else if (event.key === "Escape") {
    const question = field.closest(".question");
    field.closest(".instead details")?.removeAttribute("open");
    question.tabIndex = -1;
    question.focus(); // keys act again
  }
});
