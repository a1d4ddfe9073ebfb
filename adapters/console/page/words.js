// The texts of the page, Dutch unless the person reads English.
const tables = {};
export let language = "nl";

export async function loadWords() {
  await Promise.all(["nl", "en"].map(async (lang) => {
    tables[lang] = await (await fetch(`/console/texts/${lang}.json`)).json();
  }));
}

// speak sets the language, and says what stands in the page itself.
export function speak(lang) {
  language = tables[lang] ? lang : "nl";
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", t(node.dataset.label));
    if (node.tagName === "BUTTON") node.title = t(node.dataset.label);
  }
}

// t gives a text; of [one, more] the first number chooses.
export function t(key, ...args) {
  let text = tables[language][key] ?? key;
  if (Array.isArray(text)) text = args[0] === 1 ? text[0] : text[1];
  return text.replace(/\{(\d)\}/g, (_, n) => args[n] ?? "");
}

const locale = () => (language === "en" ? "en-GB" : "nl-NL");

export const clock = (at) => at.toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit" });

export const fullTime = (at) => at.toLocaleString(locale(), { dateStyle: "full", timeStyle: "short" });

export function day(at) {
  const midnight = (d) => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
  const ago = Math.round((midnight(new Date()) - midnight(at)) / 86_400_000);
  if (ago === 0) return t("day.today");
  if (ago === 1) return t("day.yesterday");
  return at.toLocaleDateString(locale(), { weekday: "long", day: "numeric", month: "long" });
}
