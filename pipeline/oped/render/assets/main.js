// The page as a whole: clicks, keys, filters, and what happens at first.

/** What a click on something that stands for a claim does. */
document.addEventListener("click", (event) => {
  const folds = event.target.closest("[data-fold]");
  if (folds) { fold(folds.dataset.fold); return; }
  const link = event.target.closest("[data-id]");
  if (link && !(event.metaKey || event.ctrlKey || event.shiftKey)) {
    if (link.tagName === "A") event.preventDefault();
    if (link.classList.contains("line") && event.target.closest("button")) return;
    if (link.classList.contains("component") && !window.getSelection().isCollapsed) return;
    visit(link.dataset.id, viewOf(link));
    return;
  }
  const name = event.target.closest("button[data-name]");
  if (name) showMentions(name.dataset.name);
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

/** The view in which something was touched; from the summary on a narrow screen one is led into the text. */
function viewOf(element) {
  if (element.closest("#summary") && narrow.matches && look.view === "summary") showView("text");
  return element.closest("#map-view") ? "map" : element.closest("#article") ? "text" : element.closest("#outline") ? "outline" : "";
}

function showMentions(name) {
  const mentions = all(".entity", textPane.home);
  for (const mention of mentions) mention.classList.toggle("found", mention.dataset.name === name);
  const first = mentions.find((mention) => mention.dataset.name === name);
  if (narrow.matches) showView("text");
  if (first) textPane.scrollTo(first);
}

document.addEventListener("mouseover", (event) => {
  const over = event.target.closest(".component, .node");
  if (!over) return;
  mapView.highlight(over.dataset.id);
  const ids = new Set([over.dataset.id]);
  textPane.highlight(over.classList.contains("node") ? ids : null);
});
document.addEventListener("mouseout", (event) => {
  if (event.target.closest(".component, .node")) { mapView.highlight(); textPane.highlight(null); }
});

const isTyping = (element) => element.matches("input:not([type=checkbox], [type=range]), textarea, select");

const KEYS = {
  "/": () => byId("search").focus(),
  c: () => fold(look.selected),
  o: () => showView("outline"),
  m: () => showView("map"),
  w: () => showView("walk"),
};

function onKey(event) {
  if (event.key === "Escape") { escape(event); return; }
  if ((event.ctrlKey || event.metaKey) && /^[zy]$/i.test(event.key) && !isTyping(event.target) && look.correcting) {
    event.preventDefault();
    if (event.key.toLowerCase() === "y" || event.shiftKey) store.redo(); else store.undo();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const target = event.target.closest(".component, .node, .fold");
  if (target && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); target.dispatchEvent(new MouseEvent("click", { bubbles: true })); return; }
  if (target?.classList.contains("node")) { keyOnNode(event, target.dataset.id); if (event.defaultPrevented) return; }
  if (look.view === "walk" && /^Arrow(Left|Right)$/.test(event.key)) { walk.by(event.key === "ArrowRight" ? 1 : -1); event.preventDefault(); return; }
  if (event.key === "Delete" && look.correcting && look.selected !== null) { correction.remove(look.selected); return; }
  if (KEYS[event.key]) { event.preventDefault(); KEYS[event.key](); }
}

function keyOnNode(event, id) {
  if (event.key === "c") { event.preventDefault(); fold(id); mapView.reach(id); }
  if (!event.key.startsWith("Arrow")) return;
  event.preventDefault();
  const next = mapView.neighbour(id, event.key);
  if (next !== undefined) mapView.reach(next);
}

function escape(event) {
  const open = all("details.menu[open]");
  for (const menu of open) { menu.open = false; menu.querySelector("summary").focus(); }
  if (open.length || event.target.closest("dialog")) return;
  if (look.focus !== null) change({ focus: null });
  visit(null);
}

document.addEventListener("keydown", onKey);

/** Lists and counts that follow the map. */
function renewLists() {
  const counts = new Map();
  for (const part of store.components) counts.set(sourceKey(part), (counts.get(sourceKey(part)) || 0) + 1);
  const names = [...counts].filter(([key]) => key !== "author").sort((a, b) => b[1] - a[1]);
  if (look.source && !counts.has(look.source)) { look.source = ""; scene.forget(); }
  byId("source").replaceChildren(
    make("option", { value: "", text: "anybody’s" }),
    make("option", { value: "author", text: `the author’s (${counts.get("author") || 0})` }),
    ...names.map(([key, count]) => make("option", { value: key, text: `${shortened(key.slice(1), 36)} (${count})` })),
  );
  byId("source").value = look.source;
}

function report() {
  const { uncertain, visible, matches } = scene.now, total = store.components.length;
  const chip = byId("uncertain");
  chip.parentElement.hidden = uncertain === 0;
  chip.textContent = `${counted(uncertain, "uncertain link")} ${look.showUncertain ? "shown" : "hidden"}`;
  chip.setAttribute("aria-pressed", String(look.showUncertain));
  const filtered = matches.size < total, folded = visible.size < total && !filtered;
  byId("shown").textContent = filtered ? `${matches.size} of ${total} shown` : folded ? `${visible.size} of ${total} unfolded` : "";
  for (const [name, value] of [["relation-bound", look.relationBound], ["component-bound", look.componentBound]]) {
    byId(name).value = Math.round(100 * value);
    byId(`${name}-value`).textContent = percent(value);
  }
  byId("fold-all").textContent = look.collapsed.size ? "Unfold all" : "Fold all";
  byId("only-risks").checked = look.onlyRisks;
  byId("source").value = look.source;
}

function listEntities() {
  const counts = new Map();
  for (const entity of given.entities) {
    const key = JSON.stringify([entity.name, entity.label]);
    counts.set(key, (counts.get(key) || 0) + 1);
  }
  const ranked = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 60);
  byId("entities").replaceChildren(...ranked.map(([key, count]) => {
    const [name, label] = JSON.parse(key);
    return make("li", {}, make("button", { type: "button", class: "plain", dir: "auto", text: name, data: { name } }), make("small", { text: ` ${label} · ${count}` }));
  }));
}

/** All branches below the first claims folded away, or none. */
function foldAll() {
  const inner = look.collapsed.size ? [] : store.components.filter((part) => scene.now.below.has(part.id) && part.type !== "major_claim").map((part) => part.id);
  change({ collapsed: new Set(inner) });
  mapView.reopen();
}

const SETTINGS = {
  "only-risks": (field) => ({ onlyRisks: field.checked }),
  source: (field) => ({ source: field.value }),
  gists: (field) => ({ gists: field.checked }),
  "relation-bound": (field) => ({ relationBound: field.value / 100 }),
  "component-bound": (field) => ({ componentBound: field.value / 100 }),
};
for (const [name, read] of Object.entries(SETTINGS)) byId(name).addEventListener("input", (event) => change(read(event.target)));
byId("uncertain").addEventListener("click", () => change({ showUncertain: !look.showUncertain }));
byId("about-certainty").addEventListener("click", () => byId("certainty-dialog").showModal());
byId("show-entities").addEventListener("change", (event) => document.body.classList.toggle("show-entities", event.target.checked));
byId("summary-fold").addEventListener("click", (event) => {
  const folded = document.body.classList.toggle("no-summary");
  event.currentTarget.setAttribute("aria-expanded", String(!folded));
});
byId("theme").addEventListener("change", (event) => {
  document.documentElement.dataset.theme = event.target.value;
  emit("theme");
});
for (const tab of all("[data-tab]")) tab.addEventListener("click", () => showView(tab.dataset.tab));
byId("zoom-in").addEventListener("click", () => camera.zoom(1.25));
byId("zoom-out").addEventListener("click", () => camera.zoom(0.8));
byId("zoom-whole").addEventListener("click", camera.whole);
byId("zoom-full").addEventListener("click", camera.open);
byId("fold-all").addEventListener("click", foldAll);

on("map", () => { renewLists(); report(); });
on("look", report);
on("folded", report);

/** A screen that became narrow or wide shows a view that it has. */
function fit() {
  if (!narrow.matches && (look.view === "text" || look.view === "summary")) showView("map");
  sheet.redraw();
  if (mapView.layout.nodes.length) camera.apply(); else mapView.refresh({ glide: false });
}

async function start() {
  byId("gists").parentElement.hidden = !given.components.some((part) => part.gist);
  byId("gists").checked = look.gists;
  byId("world").before(drawMarkers());
  renewLists();
  summary.redraw();
  report();
  if (store.components.length > 300) await inChunks(store.components, boxOf);
  showView(narrow.matches && window.innerWidth < 700 ? "summary" : "map");
  await pause();
  await textPane.markAll();
  listEntities();
  openAddress();
  new ResizeObserver(fit).observe(document.body);
  document.body.dataset.ready = "";
}

start();
