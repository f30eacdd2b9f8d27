// Parts of a ticket that somebody viewed are folded, in this browser, until they say something else.
import { element, onPage } from "./web.js";

const contentOf = (heading) => {
  const found = [];
  for (let one = heading.nextElementSibling; one && one.localName !== "h3"; one = one.nextElementSibling) found.push(one);
  return found;
};

onPage(() => {
  const headings = [...document.querySelectorAll(".whole .body > h3[data-says]")], name = `viewed ${window.location.pathname}`;
  const viewed = new Set(localStorage.getItem(name)?.split(" "));

  function fold(heading, isViewed) {
    heading.classList.toggle("viewed", isViewed);
    heading.querySelector(".views").ariaPressed = String(isViewed);
    for (const one of contentOf(heading)) one.classList.toggle("folded", isViewed);
    // The next key views what comes next.
    const next = headings.find((one) => !one.classList.contains("viewed"));
    for (const one of headings) {
      const button = one.querySelector(".views");
      button?.toggleAttribute("data-key", one === next);
      if (one === next) button.dataset.key = "v";
    }
  }

  for (const heading of headings) {
    const button = element("button", { type: "button", class: "small quiet views no-print", "data-key-says": "Viewed: fold the next part" }, "Viewed");
    heading.append(" ", button);
    button.addEventListener("click", () => {
      const { says } = heading.dataset, isViewed = !viewed.delete(says);
      if (isViewed) viewed.add(says);
      const there = headings.map((one) => one.dataset.says).filter((one) => viewed.has(one));
      if (there.length) localStorage.setItem(name, there.join(" "));
      else localStorage.removeItem(name);
      fold(heading, isViewed);
    });
  }
  for (const heading of headings) fold(heading, viewed.has(heading.dataset.says));
});
