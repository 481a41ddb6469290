// The page of all events, renewed every two seconds.

import { follow } from "./live.js";

const PAUSE_MS = 2000;
const url = document.getElementById("main").dataset.live;

follow(() => url, PAUSE_MS, () => {});
