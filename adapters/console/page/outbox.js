// What somebody wrote and schoolbel has not stored yet. It is said again under
// the same id, one after the other, until it is taken or refused.
import { byId, h, said } from "./dom.js";
import { Refused, post } from "./net.js";
import { t } from "./words.js";

const pauses = [2000, 5000, 15_000, 30_000];
const list = byId("outbox");
let letters = [];
let busy = false;
let timer;
let open = {}; // person and channel that are looked at

// look says which room is open: its letters are shown.
export function look(person, channel) {
  open = { person, channel };
  draw();
}

export function put(person, channel, thread, text, done) {
  letters.push({ id: crypto.randomUUID(), person, channel, thread, text, done, state: "sending", tries: 0 });
  draw();
  void send();
}

// arrived hides a letter that stands in the room already; its answer is under way.
export function arrived(id, there) {
  const letter = letters.find((l) => l.id === id);
  if (!letter) return;
  letter.there = there;
  draw();
}

async function send() {
  const letter = letters.find((l) => l.state !== "refused");
  if (busy || !letter) return;
  clearTimeout(timer);
  busy = true;
  try {
    await post(letter.person, "say", { channel: letter.channel, thread: letter.thread, text: letter.text }, letter.id);
    drop(letter);
    letter.done();
  } catch (why) {
    letter.there = false;
    letter.state = why instanceof Refused ? "refused" : "waiting";
    letter.code = why.code;
    if (letter.state === "waiting") timer = setTimeout(send, pauses[Math.min(letter.tries++, pauses.length - 1)]);
  }
  busy = false;
  draw();
  if (letter.state !== "waiting") void send();
}

function drop(letter) {
  letters = letters.filter((l) => l !== letter);
  draw();
}

function draw() {
  const mine = letters.filter((l) => l.person === open.person && l.channel === open.channel && !l.there);
  list.replaceChildren(...mine.map((l) => h("li", { class: `letter ${l.state}` }, said("p", l.text),
    l.state === "sending" ? h("p", { class: "state" }, t("outbox.sending")) : h("p", { class: "state" },
      t(l.state === "waiting" ? "outbox.waiting" : `error.${l.code}`), " ",
      h("button", { class: "link", type: "button", onclick: () => again(l) }, t("outbox.again")), " ",
      h("button", { class: "link", type: "button", onclick: () => drop(l) }, t("outbox.drop"))))));
}

function again(letter) {
  letter.state = "sending";
  draw();
  void send();
}
