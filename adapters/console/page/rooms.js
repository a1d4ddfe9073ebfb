// The left side: rooms, who one is, and the drawer that it becomes on a phone.
import { avatar, byId, h, icon, said } from "./dom.js";
import { unread } from "./seen.js";
import { t } from "./words.js";

const side = byId("side");
const opener = byId("drawer-open");
const shade = byId("shade");
const phone = matchMedia("(max-width: 47.99rem)");

// places lists where one can go: the home page, the direct room, the rooms.
export function places(me, rooms) {
  return [
    { channel: `home:${me.id}`, name: t("rooms.home"), icon: "home", unread: 0 },
    ...[...rooms.values()].map((r) => ({
      channel: r.channel, name: r.direct ? "schoolbel" : r.name, icon: r.direct ? "bell" : "hash", direct: r.direct, unread: unread(me.id, r),
    })),
  ];
}

export function drawRooms(me, rooms, here, go) {
  const all = places(me, rooms);
  const focused = byId("rooms").contains(document.activeElement) ? document.activeElement.dataset.channel : null;
  const item = (p) => {
    const button = h("button", { type: "button", "data-channel": p.channel, "aria-current": p.channel === here ? "page" : null, class: p.unread ? "news" : null },
      icon(p.icon), said("span", p.name, { class: "name" }),
      p.unread ? h("span", { class: "count" }, h("span", { class: "aside" }, t("rooms.unread", p.unread)), h("span", { "aria-hidden": "true" }, p.unread > 99 ? "99+" : String(p.unread))) : null);
    button.addEventListener("click", () => go(p.channel));
    return h("li", {}, button);
  };
  const shared = all.slice(2);
  byId("rooms").replaceChildren(h("ul", {}, ...all.slice(0, 2).map(item)),
    ...(shared.length ? [h("h2", {}, t("rooms.shared")), h("ul", {}, ...shared.map(item))] : []));
  if (focused) byId("rooms").querySelector(`[data-channel="${CSS.escape(focused)}"]`)?.focus();
  const count = all.reduce((n, p) => n + p.unread, 0);
  opener.classList.toggle("news", all.some((p) => p.unread && p.channel !== here));
  document.title = `${count ? `(${count}) ` : ""}${all.find((p) => p.channel === here)?.name ?? ""} – schoolbel`;
}

export function drawMe(me) {
  byId("who").replaceChildren(avatar(me.id, me.name), h("span", { class: "named" }, said("strong", me.name), said("span", me.hint)), icon("swap"));
  byId("who").setAttribute("aria-label", t("who.swap", me.name));
  byId("who").title = t("who.title");
  byId("report").replaceChildren(icon("alarm"), t("report.button"));
}

// openDrawer and closeDrawer do nothing where the rooms are always there.
export function openDrawer() {
  side.classList.add("open");
  opener.setAttribute("aria-expanded", "true");
  settle();
  byId("drawer-close").focus();
}

export function closeDrawer() {
  if (!side.classList.contains("open")) return;
  side.classList.remove("open");
  opener.setAttribute("aria-expanded", "false");
  settle();
  opener.focus();
}

function settle() {
  const open = side.classList.contains("open");
  side.inert = phone.matches && !open;
  byId("room").inert = phone.matches && open;
}

export function startDrawer() {
  opener.replaceChildren(icon("list"));
  byId("drawer-close").replaceChildren(icon("close"));
  opener.addEventListener("click", openDrawer);
  byId("drawer-close").addEventListener("click", closeDrawer);
  shade.addEventListener("click", closeDrawer);
  side.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeDrawer();
  });
  phone.addEventListener("change", settle);
  settle();
}
