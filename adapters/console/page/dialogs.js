// The windows over the page: forms, questions before a button goes through, and
// the quick way to another room.
import { h, icon, said } from "./dom.js";
import { prose } from "./card.js";
import { t } from "./words.js";

const fewOptions = 4; // that many are shown at once, more fold into a list
let serial = 0;

function open(dialog) {
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog && dialog.dataset.light) dialog.close();
  });
  dialog.showModal();
}

function frame(title, ...inside) {
  const id = `title-${++serial}`;
  const close = h("button", { class: "quiet close", type: "button", "aria-label": t("dialog.close"), title: t("dialog.close") }, icon("close"));
  const dialog = h("dialog", { "aria-labelledby": id }, h("header", {}, said("h2", title, { id }), close), ...inside);
  close.addEventListener("click", () => dialog.close());
  return dialog;
}

// ask puts a question before a button goes through.
export function ask(button, go) {
  const no = h("button", { type: "button" }, t("dialog.no"));
  const yes = said("button", button.label, { type: "button", class: button.style === "danger" ? "danger" : "primary" });
  const dialog = frame(t("dialog.sure"), prose(button.confirm), h("footer", {}, no, yes));
  no.addEventListener("click", () => dialog.close());
  yes.addEventListener("click", () => {
    dialog.close();
    go();
  });
  open(dialog);
  (button.style === "danger" ? no : yes).focus(); // an Enter too many must do no harm
}

// form shows a form; send gets its values and answers "" or what went wrong.
export function form(f, send) {
  const fields = f.inputs.map(field);
  const wrong = h("p", { class: "wrong", role: "alert", hidden: true });
  const cancel = said("button", f.cancel || t("form.cancel"), { type: "button" });
  const submit = said("button", f.submit || t("form.send"), { type: "submit", class: "primary" });
  const page = h("form", { novalidate: true, autocomplete: "off" }, f.text ? prose(f.text) : null,
    ...fields.map((x) => x.node), wrong, h("footer", {}, cancel, submit));
  const dialog = frame(f.title, page);
  cancel.addEventListener("click", () => dialog.close());
  page.addEventListener("submit", async (event) => {
    event.preventDefault();
    const bad = fields.filter((x) => !x.check());
    if (bad.length) {
      bad[0].focus();
      return;
    }
    submit.disabled = true;
    const why = await send(Object.fromEntries(fields.map((x) => [x.name, x.value()])));
    submit.disabled = false;
    if (!why) dialog.close();
    wrong.hidden = !why;
    wrong.textContent = why;
  });
  page.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) page.requestSubmit();
  });
  open(dialog);
  (fields[0] ?? { focus: () => submit.focus() }).focus();
}

function field(input) {
  const id = `field-${++serial}`;
  const hint = input.hint ? said("p", input.hint, { class: "hint", id: `${id}-hint` }) : null;
  const missing = h("p", { class: "wrong", id: `${id}-wrong`, hidden: true }, t("form.missing"));
  const about = { "aria-describedby": [hint && hint.id, missing.id].filter(Boolean).join(" ") };
  const optional = input.optional ? h("span", { class: "optional" }, ` ${t("form.optional")}`) : null;
  const { node, control, value, focus } = input.options.length && input.options.length <= fewOptions
    ? radios(input, id, about, optional, hint) : single(input, id, about, optional, hint);
  node.append(missing);
  const check = () => {
    const fine = input.optional || value().trim() !== "";
    missing.hidden = fine;
    control.setAttribute("aria-invalid", String(!fine));
    return fine;
  };
  node.addEventListener("input", () => missing.hidden || check());
  return { name: input.name, node, value, focus, check };
}

function radios(input, id, about, optional, hint) {
  const options = input.options.map((o) => h("label", {},
    h("input", { type: "radio", name: id, value: o.value, checked: o.value === input.value }), said("span", o.label)));
  const node = h("fieldset", { class: "field", role: "radiogroup", ...about }, h("legend", {}, said("span", input.label), optional), hint, h("div", { class: "options" }, ...options));
  const chosen = () => node.querySelector("input:checked");
  return { node, control: node, value: () => chosen()?.value ?? "", focus: () => (chosen() ?? node.querySelector("input")).focus() };
}

function single(input, id, about, optional, hint) {
  let control;
  if (input.options.length) {
    control = h("select", { id, ...about }, h("option", { value: "" }, t(input.optional ? "form.none" : "form.choose")),
      ...input.options.map((o) => h("option", { value: o.value }, o.label)));
    control.value = input.options.some((o) => o.value === input.value) ? input.value : "";
  } else if (input.long) {
    control = h("textarea", { id, rows: "4", dir: "auto", ...about });
    control.value = input.value;
  } else if (input.time) {
    control = h("input", { id, type: "datetime-local", ...about });
    control.value = localTime(input.value);
  } else {
    control = h("input", { id, type: "text", dir: "auto", ...about });
    control.value = input.value;
  }
  const node = h("div", { class: "field" }, h("label", { for: id }, said("span", input.label), optional), hint, control);
  // A time that nobody touched goes back as it came, with its zone.
  const untouched = input.time ? control.value : null;
  const value = () => (input.time && control.value === untouched ? input.value : control.value);
  return { node, control, value, focus: () => control.focus() };
}

// localTime shows a time as the browser's own field wants it: local, to the minute.
function localTime(text) {
  if (!/(Z|[+-]\d\d:\d\d)$/.test(text)) return text.slice(0, 16);
  const at = new Date(text);
  return new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

// jump is the quick way to a room: type a part of its name.
export function jump(places, go) {
  const list = h("ul", { id: "jump-list", role: "listbox", "aria-label": t("rooms.label") });
  const input = h("input", {
    type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "jump-list", "aria-autocomplete": "list",
    "aria-label": t("jump.label"), placeholder: t("jump.label"),
  });
  const dialog = frame(t("jump.title"), h("div", { class: "field" }, input), list);
  dialog.classList.add("jump");
  dialog.dataset.light = "yes";
  let found = [];
  let at = 0;
  const choose = (place) => {
    dialog.close();
    go(place);
  };
  const draw = () => {
    list.replaceChildren(...found.map((p, i) => {
      const li = h("li", { id: `jump-${i}`, role: "option", "aria-selected": String(i === at) }, icon(p.icon), said("span", p.name), p.unread ? h("span", { class: "count" }, String(p.unread)) : null);
      li.addEventListener("click", () => choose(p));
      return li;
    }));
    input.setAttribute("aria-activedescendant", found.length ? `jump-${at}` : "");
    list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  };
  const search = () => {
    const word = input.value.trim().toLowerCase();
    found = places.filter((p) => p.name.toLowerCase().includes(word));
    at = 0;
    draw();
  };
  input.addEventListener("input", search);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) at = (at + step + found.length) % found.length;
    else if (event.key === "Enter" && found[at]) choose(found[at]);
    else return;
    event.preventDefault();
    draw();
  });
  search();
  open(dialog);
  input.focus();
}
