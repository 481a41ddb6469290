// Keeps an open page as the server has it: asks again and again, and says when there is no answer.

const RETRY_MS = 1000;
const RETRY_MS_MAX = 8000;
// Longer than the server lets a request wait; then the connection counts as lost.
const ANSWER_MS_MAX = 10000;
// How long it is said that the connection is back.
const BACK_MS = 30000;

const main = document.getElementById("main");
const connection = document.getElementById("connection");

let clockOffset = Number(main.dataset.now) - Date.now();
let asking = new AbortController();
// Whether the next answer is wanted at once, and not when there is something new.
let isFresh = true;

// What was done stays said on this page, and not on the next one of this address.
const address = new URL(location.href);
address.searchParams.delete("done");
history.replaceState(null, "", address);

/** The server's time in milliseconds since 1970. */
export function serverNow() {
  return Date.now() + clockOffset;
}

/**
 * Ask `urlOf(isFresh)` for ever, at most every `pauseMs`, and give each answer and whether it was
 * fresh to `show`; a fresh one is wanted at once, at first and whenever some may have been missed.
 */
export async function follow(urlOf, pauseMs, show) {
  const state = new Connection();
  let retryMs = RETRY_MS;
  for (;;) {
    await untilVisible();
    const began = performance.now();
    const wasFresh = isFresh;
    isFresh = false;
    try {
      const answer = await ask(urlOf(wasFresh));
      if (answer === null) {
        return;
      }
      clockOffset = answer.now - Date.now();
      for (const [name, html] of Object.entries(answer.parts)) {
        refresh(document.getElementById(`part-${name}`), html);
      }
      show(answer, wasFresh);
      state.isThere();
      retryMs = RETRY_MS;
    } catch (error) {
      // What was ended to ask anew is no loss.
      if (!isFresh) {
        state.isLost();
        isFresh = true;
        await sleep(retryMs);
        retryMs = Math.min(2 * retryMs, RETRY_MS_MAX);
      }
    }
    await sleep(pauseMs - (performance.now() - began));
  }
}

/** Says whether the page is live, since when it is not, and for a while that it was not. */
class Connection {
  lostAt = "";
  saidUntil = 0;

  isThere() {
    if (this.lostAt) {
      say("live", `Live again; the connection was lost at ${this.lostAt}`);
      this.saidUntil = performance.now() + BACK_MS;
      this.lostAt = "";
    } else if (performance.now() >= this.saidUntil) {
      say("live", "Live");
    }
  }

  isLost() {
    this.lostAt ||= timeOfDay();
    say("lost", `Connection lost at ${this.lostAt}, trying again`);
  }
}

/** The server's answer, or null when the session has ended. */
async function ask(url) {
  asking = new AbortController();
  const timer = setTimeout(() => asking.abort(), ANSWER_MS_MAX);
  try {
    const response = await fetch(url, {
      headers: { Accept: "application/json" },
      signal: asking.signal,
    });
    if (response.status === 401) {
      say("lost", "You are signed out: load the page again to sign in");
      return null;
    }
    if (!response.ok) {
      throw new Error(`status ${response.status}`);
    }
    return await response.json();
  } finally {
    clearTimeout(timer);
  }
}

function say(state, text) {
  connection.dataset.state = state;
  if (connection.textContent !== text) {
    connection.textContent = text;
  }
}

function timeOfDay() {
  return new Date(serverNow()).toISOString().slice(11, 19) + " UTC";
}

function sleep(ms) {
  return new Promise((done) => setTimeout(done, Math.max(0, ms)));
}

/** Pages that nobody sees ask for nothing. */
function untilVisible() {
  if (!document.hidden) {
    return Promise.resolve();
  }
  isFresh = true;
  return new Promise((done) => {
    document.addEventListener("visibilitychange", done, { once: true });
  });
}

/** Have an element show this HTML of the server's, and keep what is the same, with its focus. */
export function refresh(element, html) {
  const wanted = element.cloneNode(false);
  wanted.innerHTML = html;
  patch(element, wanted);
}

function isShown(node) {
  return node.nodeType !== Node.TEXT_NODE || node.data.trim() !== "";
}

function patch(shown, wanted) {
  // The page has other spaces between its parts than the answers.
  const before = [...shown.childNodes].filter(isShown);
  const after = [...wanted.childNodes].filter(isShown);
  after.forEach((node, place) => {
    const old = before[place];
    if (old === undefined) {
      shown.append(node);
    } else if (old.nodeName !== node.nodeName) {
      old.replaceWith(node);
    } else if (node.nodeType === Node.ELEMENT_NODE) {
      patchAttributes(old, node);
      patch(old, node);
    } else if (old.data !== node.data) {
      old.data = node.data;
    }
  });
  before.slice(after.length).forEach((node) => node.remove());
}

function patchAttributes(shown, wanted) {
  for (const { name } of [...shown.attributes]) {
    if (!wanted.hasAttribute(name)) {
      shown.removeAttribute(name);
    }
  }
  for (const { name, value } of wanted.attributes) {
    if (shown.getAttribute(name) !== value) {
      shown.setAttribute(name, value);
    }
  }
}

const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

/** As the server writes durations. */
function duration(ms) {
  let left = Math.max(0, Math.floor(ms / 1000));
  const parts = [];
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(left / seconds);
    left -= count * seconds;
    if (count || parts.length || unit === "s") {
      parts.push(`${count} ${unit}`);
    }
  }
  return parts.slice(0, 2).join(" ");
}

// Moments that were over already: each is a reason to ask anew once, however late the answer comes.
const past = new Set();

function tick() {
  const before = past.size;
  for (const time of document.querySelectorAll("time[data-until]")) {
    const left = Number(time.dataset.until) - serverNow();
    time.textContent = duration(left);
    if (left <= 0) {
      past.add(time.dataset.until);
    }
  }
  // A sale has opened or ended, which changes no version.
  if (past.size > before) {
    isFresh = true;
    asking.abort();
  }
}

setInterval(tick, 1000);
// Nobody would notice before the answer is overdue.
window.addEventListener("offline", () => asking.abort());
