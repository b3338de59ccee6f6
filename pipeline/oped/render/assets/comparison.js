"use strict";
(() => {
  const { statements, articles } = JSON.parse(document.getElementById("data").textContent);
  const byId = new Map(articles.map((article) => [article.id, article]));
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const value = (id) => (document.getElementById(id) ? document.getElementById(id).value : "");
  const dialog = document.getElementById("sentences");

  function paragraph(text, element = "p") {
    const made = document.createElement(element);
    made.dir = "auto";
    made.textContent = text;
    return made;
  }

  function quote(name) {
    const said = statements[name];
    const article = byId.get(said.article);
    const block = document.createElement("blockquote");
    block.className = "said";
    const source = said.holder === "other" ? `, reporting ${said.name || "another"}` : "";
    const parts = [`${said.by.join(", ")}${source}`, article.title || article.id, said.published, said.risk ? "⚠ risk" : null];
    const footer = paragraph(parts.filter(Boolean).join(" · "), "footer");
    if (/^https?:/.test(article.url || "")) {
      const link = document.createElement("a");
      link.href = article.url;
      link.rel = "noreferrer";
      link.textContent = "article";
      footer.append(" · ", link);
    }
    block.append(paragraph(said.text));
    if (said.gist) {
      const gist = paragraph(said.gist);
      gist.className = "gist";
      block.append(gist);
    }
    block.append(footer);
    return block;
  }

  function open(names) {
    document.getElementById("sentences-body").replaceChildren(...names.map(quote));
    dialog.showModal();
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

  function part(names) {
    return names.split(" ").filter(wanted);
  }

  function apply() {
    const words = value("search").trim().toLowerCase();
    let shown = 0;
    for (const item of all(".item")) {
      const names = item.dataset.statements.split(" ").filter((name) => name in statements);
      const kept = names.some(wanted) && (!words || names.some((name) => statements[name].text.toLowerCase().includes(words)));
      item.classList.toggle("hidden", !kept);
      shown += kept;
    }
    for (const cell of all("[data-held]")) {
      const [held, told] = [part(cell.dataset.held), part(cell.dataset.told)];
      cell.classList.toggle("hidden", !held.length && !told.length);
      cell.classList.toggle("held", held.length > 0);
      cell.classList.toggle("told", !held.length);
      const count = String((held.length ? held : told).length);
      cell.textContent = count;
      cell.setAttribute("aria-label", cell.getAttribute("aria-label").replace(/^\d+/, count));
    }
    // Shares are of all articles: they would be wrong of some.
    for (const bar of all(".lean")) bar.classList.toggle("hidden", Boolean(value("question") || value("from") || value("to")));
    for (const quoted of all("main .said")) quoted.classList.toggle("hidden", Boolean(value("question")) && byId.get(quoted.dataset.article).question !== value("question"));
    for (const cell of all("td[data-group], th.who, .bar, tr[data-group]")) cell.classList.toggle("hidden", Boolean(value("group")) && cell.dataset.group !== value("group"));
    document.getElementById("shown").textContent = `${shown} shown`;
  }

  document.addEventListener("click", (event) => {
    const cell = event.target.closest("[data-held]");
    if (cell) open([...part(cell.dataset.held), ...part(cell.dataset.told)]);
    if (event.target === dialog) dialog.close();
  });
  document.getElementById("close").addEventListener("click", () => dialog.close());
  for (const id of ["group", "question", "from", "to", "search"]) {
    const input = document.getElementById(id);
    if (input) input.addEventListener("input", apply);
  }
  apply();
})();
