// The small menu of a message, and short notes at the edge of the page.
import { byId, h, icon } from "./dom.js";

const menu = byId("menu");
const toasts = byId("toasts");
const noteFor = 8000;
let opener;

// showMenu opens under a button; items are {icon, label, go}.
export function showMenu(at, items) {
  opener = at;
  menu.replaceChildren(...items.map((item) => {
    const button = h("button", { type: "button", role: "menuitem" }, icon(item.icon), item.label);
    button.addEventListener("click", () => {
      menu.hidePopover();
      item.go();
    });
    return button;
  }));
  menu.showPopover();
  const edge = at.getBoundingClientRect();
  const below = edge.bottom + menu.offsetHeight + 8 < innerHeight;
  menu.style.left = `${Math.max(8, Math.min(edge.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${below ? edge.bottom + 4 : edge.top - menu.offsetHeight - 4}px`;
  menu.firstElementChild.focus();
}

menu.addEventListener("keydown", (event) => {
  const items = [...menu.children];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    menu.hidePopover();
    opener.focus();
  } else if (to !== undefined) {
    event.preventDefault();
    items.at(to % items.length).focus();
  }
});

// note says something in passing.
export function note(text) {
  const box = h("p", { class: "toast" }, text);
  toasts.append(box);
  setTimeout(() => box.remove(), noteFor);
}
