// The page: who one is, which room is open, and what happens there.
import { card } from "./card.js";
import * as dialogs from "./dialogs.js";
import { avatar, byId, h, icon, said } from "./dom.js";
import * as log from "./log.js";
import { note, showMenu } from "./menu.js";
import { Refused, act, listen, read } from "./net.js";
import * as outbox from "./outbox.js";
import * as rooms from "./rooms.js";
import { markSeen } from "./seen.js";
import { Composer } from "./composer.js";
import { loadWords, speak, t } from "./words.js";

let me = null;
let people = [];
let known = new Map(); // channel → room with its messages
let home = null;
let here = "";
let stop = () => {};
let lineTimer;

const isHome = () => here.startsWith("home:");
const composer = new Composer({ send: say });

// --- who one is -----------------------------------------------------------

async function choose() {
  stop();
  me = null;
  ({ people } = await read());
  speak(navigator.languages.some((lang) => lang.startsWith("nl")) ? "nl" : "en");
  byId("people").replaceChildren(...people.map((p) => h("li", {}, h("a", { href: `#${encodeURIComponent(p.id)}` },
    avatar(p.id, p.name), h("span", { class: "named" }, said("strong", p.name), said("span", p.hint))))));
  byId("app").hidden = true;
  byId("choose").hidden = false;
  document.title = "schoolbel";
  byId("choose").querySelector("h1").focus();
}

// enter reads everything that somebody sees, and follows what changes.
async function enter(person, channel) {
  stop();
  const s = await read(person);
  people = s.people;
  me = people.find((p) => p.id === person);
  known = new Map(s.rooms.map((r) => [r.channel, { ...r, messages: new Map(r.messages.map((m) => [m.receipt, m])) }]));
  home = s.home;
  speak(me.locale);
  composer.speak();
  rooms.drawMe(me);
  byId("choose").hidden = true;
  byId("app").hidden = false;
  line(true);
  stop = listen(person, s.mark, { put, gone, home: atHome, form, again: anew, line });
  go(known.has(channel) || channel === `home:${person}` ? channel : `dm:${person}`);
}

// anew reads everything again, as long as it takes.
async function anew() {
  for (;;) {
    try {
      await enter(me.id, here);
      return;
    } catch (why) {
      if (why instanceof Refused) {
        location.hash = ""; // this person left the school
        return;
      }
      line(false);
      await new Promise((next) => setTimeout(next, 2000));
    }
  }
}

function go(channel) {
  const there = here === channel;
  here = channel;
  const address = `#${encodeURIComponent(me.id)}/${encodeURIComponent(channel)}`;
  // What is one step in the history: a room, and not the way to its address.
  if (location.hash !== address) history[location.hash.includes("/") ? "pushState" : "replaceState"](null, "", address);
  drawRoom();
  composer.open(`${me.id} ${channel}`, isHome());
  outbox.look(me.id, channel);
  rooms.closeDrawer();
  if (isHome() && !there) openHome();
  if (isHome()) byId("log").focus({ preventScroll: true });
  else composer.focus();
}

// --- what is shown --------------------------------------------------------

function drawRoom() {
  const room = known.get(here);
  const name = isHome() ? t("rooms.home") : room.direct ? "schoolbel" : room.name;
  byId("room-name").replaceChildren(icon(isHome() ? "home" : room.direct ? "bell" : "hash"), said("span", name));
  byId("room-about").textContent = isHome() ? t("home.about") : room.direct ? t("direct.about") : t("room.about", room.members);
  log.showAll(isHome() ? [] : [...room.messages.values()]);
  drawHome();
  drawEmpty();
  seen();
}

function seen() {
  const room = known.get(here);
  if (room && !document.hidden) markSeen(me.id, room);
  rooms.drawRooms(me, known, here, go);
}

function drawHome() {
  byId("home").hidden = !isHome() || !home;
  if (isHome() && home) byId("home").replaceChildren(card(home, (b, button) => press({ channel: here, receipt: "home" }, b, button)));
}

// drawEmpty says what to do first where nothing was said yet.
function drawEmpty() {
  const room = known.get(here);
  const empty = byId("empty");
  empty.hidden = isHome() ? home !== null : room.messages.size > 0;
  if (empty.hidden) return;
  const kind = isHome() ? "home" : room.direct ? "direct" : "room";
  const tries = kind === "direct" ? t("empty.tries").split("|") : [];
  empty.replaceChildren(icon({ home: "home", direct: "bell", room: "hash" }[kind]),
    h("h2", {}, t(`empty.${kind}.title`, me.name.split(" ")[0])), h("p", {}, t(`empty.${kind}.text`)),
    h("ul", {}, ...tries.map((text) => h("li", {}, h("button", { type: "button", onclick: () => composer.fill(text) }, text)))));
}

// --- what happens ---------------------------------------------------------

function put(m) {
  const room = known.get(m.channel);
  if (!room) {
    void anew(); // a room that we were let into
    return;
  }
  room.messages.set(m.receipt, m);
  if (m.deed) outbox.arrived(m.deed, true);
  if (m.channel === here) {
    log.show(m);
    if (m.deed && m.from === me.id) log.toEnd();
    drawEmpty();
  }
  seen();
}

function gone(m) {
  known.get(m.channel)?.messages.delete(m.receipt);
  if (m.deed) outbox.arrived(m.deed, false);
  if (m.channel !== here) return;
  log.remove(m);
  drawEmpty();
}

function atHome(c) {
  home = c;
  drawHome();
  if (isHome()) drawEmpty();
}

function form(f) {
  dialogs.form(f, async (values) => {
    try {
      await act(me.id, "submit", { channel: f.channel, thread: f.thread, receipt: f.receipt, command: f.command, form: values });
      if (isHome()) openHome();
      return "";
    } catch (why) {
      return reason(why);
    }
  });
}

function line(up) {
  clearTimeout(lineTimer);
  if (up) byId("offline").hidden = true;
  else {
    lineTimer = setTimeout(() => {
      byId("offline").textContent = t("line.lost");
      byId("offline").hidden = false;
    }, 1500);
  }
}

// --- what somebody does ---------------------------------------------------

function say(text, thread) {
  outbox.put(me.id, here, thread, text, () => {});
  log.toEnd();
}

function press(m, b, button) {
  const go = () => during(button, async () => {
    await act(me.id, "press", { channel: m.channel, receipt: m.receipt, command: b.command });
    if (isHome()) openHome();
  });
  if (b.confirm) dialogs.ask(b, go);
  else void go();
}

function openHome() {
  follow(act(me.id, "home", {}));
}

function menu(m, button) {
  showMenu(button, [
    { icon: "reply", label: t("menu.reply"), go: () => composer.reply(m.thread || m.receipt, m.from ? m.name : "schoolbel") },
    { icon: "alarm", label: t("menu.report"), go: () => during(button, () => act(me.id, "shortcut", { channel: m.channel, receipt: m.receipt })) },
  ]);
}

// during shows that something is under way; it is not asked twice.
async function during(button, work) {
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  await follow(work());
  button.removeAttribute("aria-busy");
}

// follow tells when something went wrong.
async function follow(work) {
  try {
    await work;
  } catch (why) {
    note(reason(why));
  }
}

const reason = (why) => t(`error.${why instanceof Refused ? why.code : "failed"}`);

// --- keys and addresses ---------------------------------------------------

function step(by) {
  const all = rooms.places(me, known).map((p) => p.channel);
  go(all[(all.indexOf(here) + by + all.length) % all.length]);
}

document.addEventListener("keydown", (event) => {
  if (!me || document.querySelector("dialog[open]")) return;
  if (event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key)) step(event.key === "ArrowUp" ? -1 : 1);
  else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") jump();
  else return;
  event.preventDefault();
});

const jump = () => dialogs.jump(rooms.places(me, known), (p) => go(p.channel));

async function arrive() {
  const [person, channel = ""] = location.hash.slice(1).split("/").map(decodeURIComponent);
  try {
    if (!person) await choose();
    else if (me?.id === person && (known.has(channel) || channel === `home:${person}`)) go(channel);
    else await enter(person, channel);
  } catch (why) {
    if (!(why instanceof Refused)) throw why;
    location.hash = ""; // somebody who is not there (any more)
  }
}

await loadWords();
rooms.startDrawer();
log.openLog({ press, menu });
byId("jump").append(icon("search"));
byId("jump").addEventListener("click", jump);
byId("report").addEventListener("click", (event) => during(event.currentTarget, () => act(me.id, "shortcut", {})));
byId("who").addEventListener("click", () => { location.hash = ""; });
document.addEventListener("visibilitychange", () => { if (me && !document.hidden) seen(); });
addEventListener("hashchange", arrive);
await arrive();
