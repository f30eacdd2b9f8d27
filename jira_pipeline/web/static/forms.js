// The forms of views: a note goes into its field.
document.addEventListener("click", ({ target }) => {
  if (!("fill" in target.dataset)) return;
  const field = target.closest(".field").querySelector("textarea");
  field.value = `${field.value} ${target.previousElementSibling.textContent}`.trim();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
