// Keeps the states of articles that are not done yet up to date, and opens a map when it is there.
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
    if (element.tagName === "P" && (status === "done" || status === "failed")) location.reload();
  }
  if (open.length) setTimeout(look, PAUSE);
}

look();
