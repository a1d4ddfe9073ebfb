// The messages of the room that is open. A message that changes is replaced where
// it stands; the whole room is drawn only when it is opened.
import { avatar, byId, h, icon, said } from "./dom.js";
import { card, prose } from "./card.js";
import { clock, day, fullTime, t } from "./words.js";

const together = 5 * 60_000; // messages of one writer within this stand together
const nearEnd = 80;
const log = byId("log");
const list = byId("messages");
const fresh = byId("fresh");
const nodes = new Map(); // receipt → its <li>
let act; // what can be done with a message

export function openLog(actions) {
  act = actions;
  fresh.addEventListener("click", () => {
    toEnd();
    byId("say").focus();
  });
  log.addEventListener("scroll", () => {
    if (atEnd()) fresh.hidden = true;
  });
}

export const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < nearEnd;

export function toEnd() {
  log.scrollTop = log.scrollHeight;
  fresh.hidden = true;
}

// showAll draws a room. A screen reader is told its name, not all that was said.
export function showAll(messages) {
  log.setAttribute("aria-live", "off");
  nodes.clear();
  list.replaceChildren();
  for (const m of messages) place(m);
  arrange();
  toEnd();
  requestAnimationFrame(() => log.setAttribute("aria-live", "polite"));
}

// show adds a message, or replaces the one with its receipt.
export function show(m) {
  const stay = atEnd();
  const old = nodes.get(m.receipt);
  place(m);
  if (!old) nodes.get(m.receipt).classList.add("new");
  arrange();
  if (stay) toEnd();
  else if (!old) {
    fresh.replaceChildren(icon("down"), t("log.fresh"));
    fresh.hidden = false;
  }
}

export function remove(m) {
  nodes.get(m.receipt)?.remove();
  nodes.delete(m.receipt);
  arrange();
}

function place(m) {
  const old = nodes.get(m.receipt);
  const li = draw(m);
  nodes.set(m.receipt, li);
  if (!old) {
    const root = nodes.get(m.thread);
    if (root) root.querySelector(":scope > .thread").append(li);
    else list.append(li);
    return;
  }
  // Who is busy in the old one stays busy in the new one.
  const at = [...old.querySelectorAll("button, a")].indexOf(document.activeElement);
  li.querySelector(":scope > .thread").append(...old.querySelector(":scope > .thread").childNodes);
  old.replaceWith(li);
  if (at >= 0) ([...li.querySelectorAll("button, a")][at] ?? byId("say")).focus();
}

function draw(m) {
  const bot = m.from === "";
  const at = new Date(m.at);
  const name = bot ? "schoolbel" : m.name;
  const more = h("button", { class: "quiet more", type: "button", "aria-label": t("menu.open", name), title: t("menu.title"), "aria-haspopup": "menu" }, icon("dots"));
  more.addEventListener("click", () => act.menu(m, more));
  const li = h("li", { class: `message ${bot ? "bot" : "person"}${m.private ? " private" : ""}`, "data-receipt": m.receipt },
    h("div", { class: "line" },
      bot ? h("span", { class: "avatar bell", "aria-hidden": "true" }, icon("bell")) : avatar(m.from, m.name),
      h("div", { class: "told" },
        h("p", { class: "by" }, said("strong", name), h("time", { datetime: m.at, title: fullTime(at) }, clock(at)),
          m.edited ? h("span", { class: "edited" }, t("message.edited")) : null),
        m.private ? h("p", { class: "only" }, icon("eye"), t("message.private")) : null,
        m.card ? card(m.card, (b, button) => act.press(m, b, button)) : prose(m.text)),
      more),
    h("ol", { class: "thread" }));
  Object.assign(li, { writer: m.from, only: m.private, at, framed: li.querySelector(".card:not(.bare)") !== null });
  return li;
}

// arrange sets what depends on neighbours: days, and who goes on speaking.
function arrange() {
  let before = null;
  for (const li of list.children) {
    const label = day(li.at);
    const other = !before || day(before.at) !== label;
    const mark = li.querySelector(":scope > .day");
    if (!other) mark?.remove();
    else if (!mark) li.prepend(h("p", { class: "day" }, h("span", {}, label)));
    li.classList.toggle("same", goesOn(before, li) && !other);
    let reply = null;
    const thread = li.querySelector(":scope > .thread");
    for (const answer of thread.querySelectorAll(":scope > li")) {
      answer.classList.toggle("same", goesOn(reply, answer));
      reply = answer;
    }
    before = thread.children.length ? { at: li.at, writer: null } : li;
  }
}

// A card in its frame always says whose it is and since when.
const goesOn = (before, li) => before !== null && !li.framed && before.writer === li.writer && before.only === li.only && li.at - before.at < together;
