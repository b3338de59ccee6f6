// The pages of the service: the list and the queue keep themselves up to date, what is chosen stays chosen from search to
// search, a map opens when it is there.
"use strict";

const BUSY_PAUSE = 1200;
const IDLE_PAUSE = 3000;
const LONG_PAUSE = 10000;
const byId = (id) => document.getElementById(id);
const all = (selector, home = document) => Array.from(home.querySelectorAll(selector));

/** A browser may keep nothing; then the page just forgets. */
function kept(store, name, fallback) {
  try { return JSON.parse(store().getItem(name)) ?? fallback; } catch { return fallback; }
}

function keep(store, name, value) {
  try { store().setItem(name, JSON.stringify(value)); } catch { /* nothing is kept */ }
}

const ofSession = () => window.sessionStorage;
const ofBrowser = () => window.localStorage;

// What is chosen.

const chosen = new Set(kept(ofSession, "oped-chosen", []));

function showChosen() {
  const boxes = all("#results tbody [name=id]");
  for (const box of boxes) box.checked = !box.disabled && chosen.has(box.value);
  const output = byId("chosen");
  if (!output) return;
  output.dataset.found ??= output.textContent;
  output.textContent = chosen.size ? `${chosen.size} chosen` : output.dataset.found;
  byId("clear").hidden = !chosen.size;
  const free = boxes.filter((box) => !box.disabled);
  byId("choose-all").checked = free.length > 0 && free.every((box) => box.checked);
  byId("choose-all").disabled = !free.length;
  if (chosen.size) for (const name of ["too-few", "none-chosen"]) byId(name).hidden = true;
}

function choose(boxes, on) {
  for (const box of boxes) if (!box.disabled) chosen[on ? "add" : "delete"](box.value);
  keep(ofSession, "oped-chosen", [...chosen]);
  showChosen();
}

document.addEventListener("change", ({ target }) => {
  if (target.id === "choose-all") choose(all("#results tbody [name=id]"), target.checked);
  else if (target.matches("#results [name=id]")) choose([target], target.checked);
  else if (target.id === "theme") { keep(ofBrowser, "oped-theme", target.value); showTheme(); }
});

document.addEventListener("click", ({ target }) => {
  if (target.id !== "clear") return;
  chosen.clear();
  choose([], false);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("#compare")) return; // its fields are called `id`, so `form.id` is one of them
  const exports = event.submitter?.hasAttribute("formaction");
  const least = exports ? 1 : 2, most = exports ? Infinity : Number(form.dataset.most);
  const enough = chosen.size >= least && chosen.size <= most;
  byId("too-few").hidden = enough || exports;
  byId("none-chosen").hidden = enough || !exports;
  if (!enough) { event.preventDefault(); return; }
  // What was chosen on other pages of the list goes along.
  for (const old of all("[type=hidden]", form)) old.remove();
  const here = new Set(all("[name=id]:checked", form).map((box) => box.value));
  for (const id of chosen) {
    if (here.has(id)) continue;
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "id", value: id });
    form.append(field);
  }
  if (!exports) { event.submitter.textContent = "Comparing…"; event.submitter.setAttribute("aria-busy", "true"); }
});

window.addEventListener("pageshow", () => {
  for (const button of all("[aria-busy]")) { button.textContent = "Compare"; button.removeAttribute("aria-busy"); }
  showChosen();
});

// What the service does in the meantime.

let last = null;

async function queue() {
  const answer = await fetch("/api/queue");
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
}

/** Take the list and the queue from the page as it is now; what the reader holds stays in hand. */
async function renew() {
  const answer = await fetch(location.href);
  if (!answer.ok) throw new Error(answer.statusText);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const held = document.activeElement, key = held?.closest("#queue, #results") && nameOf(held);
  const settings = new Map(all("#results select").map((field) => [field.name, field.value]));
  const open = all("details[data-kept][open]").map((details) => details.dataset.kept);
  for (const id of ["queue", "results"]) byId(id).replaceWith(page.getElementById(id));
  for (const field of all("#results select")) if (settings.has(field.name)) field.value = settings.get(field.name);
  for (const details of all("details[data-kept]")) details.open = open.includes(details.dataset.kept);
  if (key) all("#queue a, #queue button, #queue summary, #results a, #results button, #results input, #results select").find((one) => nameOf(one) === key)?.focus({ preventScroll: true });
  showChosen();
}

const nameOf = (element) => [element.tagName, element.id, element.name, element.getAttribute("href"), element.name === "id" ? element.value : "", element.closest("[data-id], li")?.textContent].join("|");

async function look() {
  let pause = LONG_PAUSE;
  try {
    const now = await queue(), state = JSON.stringify(now);
    if (last !== null && state !== last) await renew();
    last = state;
    pause = now.queued + now.running ? BUSY_PAUSE : IDLE_PAUSE;
  } catch {
    // The service is away for a while.
  }
  setTimeout(look, document.hidden ? LONG_PAUSE : pause);
}

async function wait() {
  const { id, status } = byId("waiting").dataset;
  try {
    const answer = await fetch(`/api/articles/${encodeURIComponent(id)}`);
    if (answer.status === 404) { location.assign("/"); return; }
    if (answer.ok && (await answer.json()).status !== status) { location.reload(); return; }
  } catch {
    // The service is away for a while.
  }
  setTimeout(wait, BUSY_PAUSE);
}

function showTheme() {
  const theme = kept(ofBrowser, "oped-theme", "");
  document.documentElement.dataset.theme = theme;
  byId("theme").value = theme;
}

showTheme();
if (byId("queue")) look();
if (byId("waiting")) wait();
