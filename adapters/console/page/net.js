// How the page speaks with schoolbel: what somebody does is posted under an id
// that stays the same when it is said again; what happens comes as a stream.
export const tab = crypto.randomUUID();

// Refused is an answer that saying it again does not change.
export class Refused extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

const longest = 30_000;

// post says something once. It throws Refused, or another error when it is worth
// trying again.
export async function post(person, door, body, id) {
  const answer = await fetch(`/console/${door}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...body, id, person, tab }),
    signal: AbortSignal.timeout(longest),
  });
  if (answer.ok) return answer.json();
  const code = (await answer.json().catch(() => null))?.error?.code ?? "failed";
  if (answer.status < 500) throw new Refused(code);
  throw new Error(code);
}

// act posts, and tries again a few times before it gives up.
export async function act(person, door, body) {
  const id = crypto.randomUUID();
  for (const pause of [500, 2000, 0]) {
    try {
      return await post(person, door, body, id);
    } catch (why) {
      if (why instanceof Refused || pause === 0) throw why;
      await new Promise((go) => setTimeout(go, pause));
    }
  }
}

export async function read(person) {
  const answer = await fetch(`/console/state${person ? `?person=${encodeURIComponent(person)}` : ""}`);
  if (!answer.ok) throw new Refused("stranger");
  return answer.json();
}

// A browser gives an address six connections over all its tabs, and each stream
// takes one. The first tabs keep theirs; a later one listens while it is looked at.
const streams = 4;
let keeps = false;

async function claim() {
  for (let n = 0; n < streams && !keeps; n++) {
    keeps = await new Promise((tell) => {
      void navigator.locks.request(`schoolbel stream ${n}`, { ifAvailable: true }, (lock) => {
        tell(lock !== null);
        return lock && new Promise(() => {}); // ours until this tab closes
      });
    });
  }
}
void claim();

// listen follows what happens from a mark on. on[kind] gets each change; on.line
// hears whether we are connected. It gives the way to stop.
export function listen(person, mark, on) {
  let source;
  let timer;
  let last = mark;
  const open = () => {
    const query = new URLSearchParams({ person, tab, from: last });
    source = new EventSource(`/console/stream?${query}`);
    source.onopen = () => on.line(true);
    source.onerror = () => {
      on.line(false);
      // The browser comes back by itself, unless it was answered with an error.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, 2000);
    };
    for (const kind of ["put", "gone", "home", "form", "again"]) {
      source.addEventListener(kind, (event) => {
        last = event.lastEventId;
        on[kind](JSON.parse(event.data));
      });
    }
  };
  const looked = () => {
    if (document.hidden && !keeps) close();
    else if (!document.hidden && source.readyState === EventSource.CLOSED) {
      close();
      open();
    }
  };
  const close = () => {
    clearTimeout(timer);
    source.close();
  };
  open();
  document.addEventListener("visibilitychange", looked);
  return () => {
    document.removeEventListener("visibilitychange", looked);
    close();
  };
}
