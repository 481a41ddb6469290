// The page of one event, renewed as soon as its ledger grows, but not more often than every second.

import { Charts } from "./charts.js";
import { follow, serverNow } from "./live.js";

const PAUSE_MS = 1000;
const NOW_MS = 10000;

const { live, history, version, minutes } = document.getElementById("main").dataset;
let shownVersion = Number(version);
const counted = [];

/** What the server has done in the last ten seconds: the difference of two sums. */
function showNow(now, totals) {
  counted.push({ now, ...totals });
  while (counted.length > 2 && counted[1].now <= now - NOW_MS) {
    counted.shift();
  }
  const then = counted[0];
  const commits = totals.commits - then.commits;
  const batches = totals.batches - then.batches;
  const commitMs = 1000 * (totals.commitSeconds - then.commitSeconds);
  const figures = {
    commits: String(commits),
    commitTime: commits ? `${(commitMs / commits).toFixed(2)} ms` : "-",
    batch: batches ? ((totals.batchCommands - then.batchCommands) / batches).toFixed(1) : "-",
    conflicts: String(totals.conflicts - then.conflicts),
  };
  for (const [name, text] of Object.entries(figures)) {
    document.querySelector(`[data-now="${name}"]`).textContent = text;
  }
}

const charts = new Charts(Number(minutes));
let isPastShown = false;

/** Have the charts tell what was before this page looked, or while it did not. */
async function showPast() {
  try {
    const response = await fetch(history, { headers: { Accept: "application/json" } });
    if (response.ok) {
      charts.begin((await response.json()).points, serverNow());
      isPastShown = true;
    }
  } catch {
    // With the next answer it is asked again.
  }
}

follow(
  (isFresh) => (isFresh ? live : `${live}?after=${shownVersion}`),
  PAUSE_MS,
  ({ now, version: newVersion, point, totals }, wasFresh) => {
    shownVersion = newVersion;
    showNow(now, totals);
    charts.add(point, now);
    if (wasFresh || !isPastShown) {
      showPast();
    }
  },
);
