// Copies a text that a page shows: data-copies="id" is a button that copies the text of the element of that id.

/** Copy the text of an element; a page without that right shows and selects it. */
export async function copyText(button, shown) {
  try {
    await navigator.clipboard.writeText(shown.textContent);
    button.textContent = "Copied";
  } catch {
    shown.hidden = false;
    window.getSelection().selectAllChildren(shown);
    button.textContent = "Selected";
  }
}

document.addEventListener("click", (event) => {
  const copier = event.target.closest?.("[data-copies]");
  if (copier) copyText(copier, document.getElementById(copier.dataset.copies));
});
