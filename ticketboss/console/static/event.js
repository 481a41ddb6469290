// The page of one event, renewed as soon as its ledger grows, but not more often than every second.

import { Charts } from "./charts.js";
import { follow, serverNow, sleep } from "./live.js";

const PAUSE_MS = 1000;
const NOW_MS = 10000;
const PAST_RETRY_MS = 2000;

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

/** Have the charts begin with what was, as soon as the server tells it. */
async function showPast() {
  for (;;) {
    try {
      const response = await fetch(history, { headers: { Accept: "application/json" } });
      if (response.ok) {
        charts.begin((await response.json()).points, serverNow());
        return;
      }
      if (response.status === 401) {
        return;
      }
    } catch {
      // The page says that the connection is lost.
    }
    await sleep(PAST_RETRY_MS);
  }
}

showPast();

follow(
  (isFresh) => (isFresh ? live : `${live}?after=${shownVersion}`),
  PAUSE_MS,
  ({ now, version: newVersion, point, totals }) => {
    shownVersion = newVersion;
    showNow(now, totals);
    charts.add(point, now);
  },
);
