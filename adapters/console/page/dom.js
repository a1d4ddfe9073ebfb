// Everything on the page is made here, from text alone: no string is ever read
// as markup.
const space = "http://www.w3.org/2000/svg";

// h makes an element; children are nodes, texts, or null for nothing.
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

// said is text of others: its direction is its own business and nobody else's.
export const said = (tag, text, props = {}) => h(tag, { dir: "auto", ...props }, text);

const drawings = {
  bell: "M6 16.5h12l-1.3-2V11a4.7 4.7 0 0 0-9.4 0v3.5zM10.3 19a1.8 1.8 0 0 0 3.4 0M12 4v2",
  reply: "M9 7 4.5 11.5 9 16M5 11.5h8.5a5.5 5.5 0 0 1 5.5 5.5v1",
  dots: "M6 12h.01M12 12h.01M18 12h.01",
  eye: "M3 12s3.2-6 9-6 9 6 9 6-3.2 6-9 6-9-6-9-6zM12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  send: "M5 12h13M12.5 6 18.5 12l-6 6",
  list: "M4 7h16M4 12h16M4 17h10",
  close: "M6.5 6.5l11 11M17.5 6.5l-11 11",
  good: "M5 12.5l4.5 4.5L19 7.5",
  warn: "M12 4.5 21 19.5H3zM12 10v4.5M12 17h.01",
  alarm: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7.5v5.5M12 16.3h.01",
  home: "M4 11.5 12 5l8 6.5M6.5 10v8.5h11V10M10.5 18.5v-4h3v4",
  hash: "M9.5 4.5l-2 15M16.5 4.5l-2 15M4.5 9.5h15M4.5 14.5h15",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.3 15.3 20 20",
  swap: "M8 5 4.5 8.5 8 12M5 8.5h14M16 12l3.5 3.5L16 19M19 15.5H5",
  down: "M12 5v13M6 12.5l6 6 6-6",
  out: "M10 5H5v14h14v-5M13.5 5H19v5.5M19 5l-8.5 8.5",
};

export function icon(name) {
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  for (const [key, value] of [["viewBox", "0 0 24 24"], ["class", "icon"], ["aria-hidden", "true"]]) svg.setAttribute(key, value);
  path.setAttribute("d", drawings[name]);
  svg.append(path);
  return svg;
}

// avatar is the first letters of a name on a colour of its own.
export function avatar(id, name) {
  const letters = name.split(/\s+/).filter((w) => /^\p{Lu}/u.test(w)).map((w) => [...w][0]);
  let sum = 0;
  for (const c of id) sum = (sum * 31 + c.codePointAt(0)) % 9973;
  const text = letters.length > 1 ? letters[0] + letters.at(-1) : [...name].slice(0, 1).join("").toUpperCase();
  return h("span", { class: `avatar hue${sum % 6}`, "aria-hidden": "true" }, text);
}

export const byId = (id) => document.getElementById(id);
