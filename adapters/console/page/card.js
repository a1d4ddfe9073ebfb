// What stands in a message: text, and cards with their buttons.
import { h, icon, said } from "./dom.js";
import { t } from "./words.js";

const muchText = 3000;
const firstPart = 900;

// prose shows text in its paragraphs, and a very long one in part.
export function prose(text, props = {}) {
  const box = h("div", { class: "prose", ...props });
  const fill = (part) => box.replaceChildren(...part.split(/\n{2,}/).map((p) => said("p", p)));
  if (text.length <= muchText) {
    fill(text);
    return box;
  }
  const more = h("button", { class: "link", type: "button", "aria-expanded": "false" });
  let open = false;
  const draw = () => {
    fill(open ? text : `${[...text.slice(0, firstPart)].slice(0, -1).join("")}…`);
    more.textContent = t(open ? "text.less" : "text.more");
    more.setAttribute("aria-expanded", String(open));
    box.append(more);
  };
  more.addEventListener("click", () => {
    open = !open;
    draw();
    more.focus();
  });
  draw();
  return box;
}

// card draws a card; press is called with the button that was chosen.
export function card(c, press) {
  const tone = ["good", "warn", "alarm"].includes(c.tone) ? c.tone : "plain";
  // A few words are said as a person says them, without a frame.
  const bare = tone === "plain" && !c.title && !c.facts.length && !c.sections.length;
  return h("div", { class: bare ? "card bare" : `card ${tone}`, "data-ref": c.ref || null },
    c.title ? h("h3", {}, tone === "plain" ? null : icon(tone), tone === "plain" ? null : h("span", { class: "aside" }, t(`tone.${tone}`)), said("span", c.title)) : null,
    c.text ? prose(c.text) : null,
    c.facts.length ? h("dl", {}, ...c.facts.map((f) => h("div", {}, said("dt", f.name), said("dd", f.value)))) : null,
    c.sections.length ? h("ul", { class: "sections" }, ...c.sections.map((s) => h("li", {},
      h("div", {}, s.title ? said("h4", s.title) : null, s.text ? prose(s.text) : null),
      buttons(s.buttons, press)))) : null,
    buttons(c.buttons, press),
    c.foot ? said("p", c.foot, { class: "foot" }) : null);
}

function buttons(list, press) {
  if (!list.length) return null;
  return h("div", { class: "buttons" }, ...list.map((b) => (b.url ? link(b) : button(b, press))));
}

function button(b, press) {
  const style = ["primary", "danger"].includes(b.style) ? b.style : "";
  return said("button", b.label, {
    type: "button", class: style, "data-command": b.command,
    onclick: (event) => press(b, event.currentTarget),
  });
}

// link opens a page of the web, and nothing that merely looks like one.
function link(b) {
  const url = URL.parse(b.url, location.href);
  if (!url || !["http:", "https:"].includes(url.protocol)) return said("span", b.label);
  const style = ["primary", "danger"].includes(b.style) ? b.style : "";
  return h("a", { class: `button ${style}`, href: url.href, target: "_blank", rel: "noopener noreferrer" },
    said("span", b.label), icon("out"), h("span", { class: "aside" }, t("link.new")));
}
