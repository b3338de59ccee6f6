// Keeps the states of articles that are not done yet up to date, opens a map when it is there, and sees that enough maps are
// chosen to compare.
"use strict";

const PAUSE = 1500;
const LONG_PAUSE = 10000;

async function look() {
  let pause = PAUSE;
  try {
    if (!await update()) return;
  } catch {
    pause = LONG_PAUSE; // the service is away for a while
  }
  setTimeout(look, pause);
}

// Whether there is anything left to wait for.
async function update() {
  const waiting = await queue();
  const open = [...document.querySelectorAll("[data-status=queued], [data-status=running]")];
  for (const element of open) {
    const answer = await fetch(`/api/articles/${encodeURIComponent(element.dataset.id)}`);
    if (answer.status === 404) show(element, { status: "deleted" });
    else if (answer.ok) show(element, await answer.json());
    else throw new Error(answer.statusText);
  }
  return waiting || open.length > 0;
}

function show(element, { status, title, authors, published }) {
  if (status === element.dataset.status) return;
  element.dataset.status = status;
  element.querySelector(".status").textContent = status;
  for (const box of element.querySelectorAll("[name=id]")) box.disabled = status !== "done";
  if (element.tagName === "P") {
    if (status === "done" || status === "failed") location.reload();
  } else if (status === "done") {
    if (title) element.querySelector("a").textContent = title;
    element.cells[2].textContent = authors.join(", ");
    element.cells[3].textContent = published ?? "";
  }
}

async function queue() {
  const shown = document.querySelector("#queue");
  if (!shown) return false;
  const answer = await fetch("/api/queue");
  if (!answer.ok) throw new Error(answer.statusText);
  const { queued, running } = await answer.json();
  const bar = shown.querySelector("progress");
  bar.max = Math.max(bar.max, queued + running);
  bar.value = bar.max - queued - running;
  shown.querySelector("span").textContent = queued + running;
  return queued + running > 0;
}

document.querySelector("#compare")?.addEventListener("submit", (event) => {
  const enough = event.target.querySelectorAll("[name=id]:checked").length > 1;
  document.querySelector("#too-few").hidden = enough;
  if (!enough) event.preventDefault();
});

look();
