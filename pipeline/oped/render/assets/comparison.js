// The page of a comparison: passages on demand, filters, and what is uncertain behind a switch.

const { statements, articles, points } = JSON.parse(document.getElementById("data").textContent);
const byId = new Map(articles.map((article) => [article.id, article]));
const all = (selector, home = document) => Array.from(home.querySelectorAll(selector));
const field = (id) => document.getElementById(id);
const value = (id) => (field(id) ? field(id).value : "");
const dialog = field("sentences");

/** An element; text is set as such, so that nothing from an article is ever read as markup. */
function make(tag, { text, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, given] of Object.entries(attributes)) if (given) element.setAttribute(name, given);
  if (text !== undefined) element.textContent = text;
  element.append(...children.filter(Boolean));
  return element;
}

/** A statement in its paragraph, with whose it is and the ways to its article. */
function passage(name) {
  const said = statements[name], article = byId.get(said.article);
  const reporting = said.holder === "other" ? `, reporting ${said.name || "another"}` : "";
  const known = [`${said.by.join(", ")}${reporting}`, article.title || article.id, said.published, said.risk ? "⚠ risk" : null];
  const footer = make("footer", { text: known.filter(Boolean).join(" · "), dir: "auto" });
  if (article.map) footer.append(" · ", make("a", { href: `${article.map}#${encodeURIComponent(said.component)}`, text: "in its map" }));
  if (article.url) footer.append(" · ", make("a", { href: article.url, rel: "noopener noreferrer nofollow", target: "_blank", text: "article" }));
  const after = /^[\p{L}\p{N}…(–—]/u.test(said.after || "") ? ` ${said.after}` : said.after || "";
  return make("blockquote", { class: "said" },
    said.gist && make("p", { class: "gist", dir: "auto", text: said.gist }),
    make("p", { class: `passage type-${said.type.replaceAll("_", "-")}`, dir: "auto" }, said.before && `${said.before} `, make("mark", { text: said.text }), after),
    footer);
}

function show(title, ...content) {
  field("sentences-title").textContent = title;
  field("sentences-body").replaceChildren(...content);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

const open = (names) => show(names.length === 1 ? "Passage" : `${names.length} passages`, ...names.map(passage));

/** The points that two share, each leading to its row. */
function openPair([one, other]) {
  const unsure = document.body.classList.contains("show-uncertain");
  const found = points.filter((point) => point.by.includes(one) && point.by.includes(other) && (unsure || point.probability >= 0.5));
  const items = found.map((point) => make("li", { dir: "auto" }, make("a", { href: `#point-${point.id}`, text: point.text }), " ", make("small", { text: `${Math.round(100 * point.probability)} % sure` })));
  show(`${one} and ${other}`, make("ul", {}, ...items));
}

function wanted(name) {
  const said = statements[name];
  if (!said) return false;
  const date = said.published || "";
  return (!value("group") || said.by.includes(value("group")))
    && (!value("question") || byId.get(said.article).question === value("question"))
    && (!value("from") || date >= value("from"))
    && (!value("to") || (date && date <= value("to")));
}

const part = (names) => names.split(" ").filter(wanted);

function matches(item, words) {
  const names = item.dataset.statements.split(" ").filter((name) => name in statements);
  const filtered = document.body.classList.contains("filtered");
  if (!names.length) return !filtered && !words;
  return names.some(wanted) && (!words || item.textContent.toLowerCase().includes(words) || names.some((name) => statements[name].text.toLowerCase().includes(words)));
}

function renewCell(cell) {
  const [held, told] = [part(cell.dataset.held), part(cell.dataset.told)];
  cell.classList.toggle("hidden", !held.length && !told.length);
  cell.classList.toggle("held", held.length > 0);
  cell.classList.toggle("told", !held.length);
  const count = String((held.length ? held : told).length);
  cell.textContent = count;
  cell.setAttribute("aria-label", cell.getAttribute("aria-label").replace(/^\d+/, count));
}

function apply() {
  const words = value("search").trim().toLowerCase(), filtered = ["group", "question", "from", "to"].some(value);
  const unsure = document.body.classList.contains("show-uncertain");
  document.body.classList.toggle("filtered", filtered);
  let shown = 0;
  for (const item of all(".item")) {
    const kept = matches(item, words);
    item.classList.toggle("hidden", !kept);
    shown += kept && (unsure || !item.classList.contains("uncertain"));
  }
  all("[data-held]").forEach(renewCell);
  // Shares are of all articles: they would be wrong of some.
  for (const bar of all(".lean")) bar.classList.toggle("hidden", Boolean(value("question") || value("from") || value("to")));
  for (const quoted of all("main .said")) quoted.classList.toggle("hidden", Boolean(value("question")) && byId.get(quoted.dataset.article).question !== value("question"));
  for (const cell of all("td[data-group], .matrix th.who, .bar, tr[data-group]")) cell.classList.toggle("hidden", Boolean(value("group")) && cell.dataset.group !== value("group"));
  const question = value("question");
  if (question) {
    const authors = new Set(articles.filter((article) => article.question === question).flatMap((article) => article.by));
    for (const cell of all(".matrix [data-group]")) if (!authors.has(cell.dataset.group)) cell.classList.add("hidden");
  }
  const summaries = all("[data-of]"), own = summaries.some((summary) => summary.dataset.of === question);
  for (const summary of summaries) summary.hidden = summary.dataset.of !== (own ? question : "");
  const found = filtered || words ? `${shown} found` : "";
  field("shown").textContent = question && found ? `${question}: ${found}` : found;
}

function showUncertain(on) {
  const button = field("uncertain");
  document.body.classList.toggle("show-uncertain", on);
  button.setAttribute("aria-pressed", String(on));
  button.textContent = `${button.dataset.count} uncertain ${on ? "shown" : "hidden"}`;
  apply();
}

/** Where an address leads is opened: a row with its sentences. */
function arrive() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (dialog.open) dialog.close();
  if (target.classList.contains("uncertain")) showUncertain(true);
  const details = target.querySelector("details");
  if (details && target.tagName === "TR") details.open = true;
  target.scrollIntoView({ block: "start" });
}

document.addEventListener("click", (event) => {
  const near = (selector) => event.target.closest(selector);
  const [cell, link, pair, question] = [near("[data-held]"), near("[data-passage]"), near("[data-pair]"), near("[data-question]")];
  if (cell) open([...part(cell.dataset.held), ...part(cell.dataset.told)]);
  else if (link) open([link.dataset.passage]);
  else if (pair) openPair(JSON.parse(pair.dataset.pair));
  else if (question) { field("question").value = question.dataset.question; apply(); if (question.dataset.question) field("points").scrollIntoView(); else scrollTo({ top: 0 }); }
  else if (near("[data-show]")) { showUncertain(true); field(near("[data-show]").dataset.show).scrollIntoView(); }
  if (event.target === dialog) dialog.close();
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const menu of all("details.menu[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
});
field("close").addEventListener("click", () => dialog.close());
for (const id of ["group", "question", "from", "to", "search"]) field(id)?.addEventListener("input", apply);
field("theme").addEventListener("change", (event) => { document.documentElement.dataset.theme = event.target.value; });
field("uncertain")?.addEventListener("click", (event) => showUncertain(event.currentTarget.getAttribute("aria-pressed") !== "true"));
window.addEventListener("hashchange", arrive);
document.body.classList.add("ready");
apply();
arrive();
