// Questions wherever they are answered: Ctrl+Enter sends an answer, Escape leaves its field.

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.(".answer textarea");
  if (!field) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    sessionStorage.setItem("answering", "by keys");
    field.form.requestSubmit(field.parentElement.querySelector("button[value=answer]"));
  } else if (event.key === "Escape") {
    const question = field.closest(".question");
    question.tabIndex = -1;
    question.focus(); // keys act again
  }
});
