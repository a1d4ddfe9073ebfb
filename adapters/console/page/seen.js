// What a person has not read yet. The browser remembers it, for each person on
// its own: who plays two people sees what the other one has seen.
const key = (person, channel) => `seen ${person} ${channel}`;

function until(person, channel) {
  try {
    return localStorage.getItem(key(person, channel)) ?? "";
  } catch {
    return ""; // a browser that keeps nothing: then all is new
  }
}

const latest = (room) => [...room.messages.values()].reduce((at, m) => (m.at > at ? m.at : at), "");

export function unread(person, room) {
  const seen = until(person, room.channel);
  return [...room.messages.values()].filter((m) => m.from !== person && m.at > seen).length;
}

export function markSeen(person, room) {
  const at = latest(room);
  if (at <= until(person, room.channel)) return;
  try {
    localStorage.setItem(key(person, room.channel), at);
  } catch { /* then it stays new */ }
}
