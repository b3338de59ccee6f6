// Keeps the states of articles that are not done yet up to date, opens a map when it is there, and sees that enough maps are
// chosen to compare.
"use strict";

const PAUSE = 1500;

async function look() {
  const open = [...document.querySelectorAll("[data-status=queued], [data-status=running]")];
  for (const element of open) {
    const answer = await fetch(`/api/articles/${encodeURIComponent(element.dataset.id)}`);
    if (!answer.ok) continue;
    const { status } = await answer.json();
    if (status === element.dataset.status) continue;
    element.dataset.status = status;
    element.querySelector(".status").textContent = status;
    for (const box of element.querySelectorAll("[name=id]")) box.disabled = status !== "done";
    if (element.tagName === "P" && (status === "done" || status === "failed")) location.reload();
  }
  if (await queue() || open.length) setTimeout(look, PAUSE);
}

async function queue() {
  const shown = document.querySelector("#queue");
  if (!shown) return false;
  const answer = await fetch("/api/queue");
  if (!answer.ok) return true;
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
