// What is at work shows without loading the page; once it ends, the page shows what came of it,
// or stays as it is where it has forms that somebody may be filling in (data-stays).
import { repeat } from "./web.js";

const place = document.getElementById("live");
if (Number(place.dataset.lookAgain)) {
  repeat(async () => {
    const response = await fetch(place.dataset.live, { headers: { accept: "text/html" } });
    if (!response.ok) {
      const error = new Error(`The server answered ${response.status}.`);
      error.retryAfterSeconds = Number(response.headers.get("retry-after")) || 0;
      throw error;
    }
    const seconds = Number(response.headers.get("x-look-again-seconds"));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!seconds && place.dataset.stays === undefined) {
      location.reload();
      return undefined;
    }
    place.replaceChildren(...page.body.children);
    return seconds || undefined;
  });
}
