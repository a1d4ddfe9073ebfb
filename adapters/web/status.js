"use strict";
// The page reads itself anew every half minute, and changes only what changed: a
// screen reader is not told the same thing twice.
const board = document.getElementById("board");
async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { headers: { "Accept-Language": document.documentElement.lang } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("board");
    const parts = (root) => root.querySelectorAll("section, .at");
    const same = parts(board).length === parts(fresh).length;
    if (!same) board.replaceChildren(...fresh.childNodes);
    else parts(board).forEach((old, i) => {
      const now = parts(fresh)[i];
      if (old.outerHTML !== now.outerHTML) old.replaceWith(now.cloneNode(true));
    });
    document.title = page.title;
  } catch { /* the next time, perhaps */ }
}
setInterval(refresh, 30000);
document.addEventListener("visibilitychange", refresh);
