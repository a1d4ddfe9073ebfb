// Where one types. Each room keeps what was not sent yet, and the thread that one
// was answering in.
import { byId, icon } from "./dom.js";
import { t } from "./words.js";

export class Composer {
  #box = byId("say");
  #banner = byId("reply");
  #send;
  #key = "";
  #drafts = new Map(); // person and channel → {text, thread, to}

  constructor({ send }) {
    this.#send = send;
    byId("send").append(icon("send"));
    this.#banner.lastElementChild.append(icon("close"));
    this.#banner.lastElementChild.addEventListener("click", () => this.reply("", ""));
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#go();
    });
    this.#box.addEventListener("input", () => {
      this.#draft.text = this.#box.value;
      this.#fit();
    });
    this.#box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#go();
      } else if (event.key === "Escape" && this.#draft.thread) this.reply("", "");
    });
  }

  get #draft() {
    if (!this.#drafts.has(this.#key)) this.#drafts.set(this.#key, { text: "", thread: "", to: "" });
    return this.#drafts.get(this.#key);
  }

  // open takes up where one was in a room.
  open(key, hidden) {
    this.#key = key;
    byId("composer").hidden = hidden;
    this.#box.value = this.#draft.text;
    this.speak();
  }

  // reply answers to a message, or to none.
  reply(thread, to) {
    Object.assign(this.#draft, { thread, to });
    this.speak();
    this.focus();
  }

  fill(text) {
    this.#box.value = text;
    this.#draft.text = text;
    this.#fit();
    this.focus();
  }

  focus() {
    this.#box.focus({ preventScroll: true });
  }

  speak() {
    const { thread, to } = this.#draft;
    this.#banner.hidden = !thread;
    this.#banner.firstElementChild.textContent = t("reply.to", to);
    this.#box.placeholder = t(thread ? "say.reply" : "say.here");
    this.#fit();
  }

  #go() {
    const text = this.#box.value.trim();
    if (!text) return;
    this.#send(text, this.#draft.thread);
    this.fill("");
  }

  #fit() {
    byId("send").disabled = !this.#box.value.trim();
    this.#box.style.height = "auto";
    this.#box.style.height = `${this.#box.scrollHeight}px`;
  }
}
