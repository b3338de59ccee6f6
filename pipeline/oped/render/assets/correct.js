"use strict";
(() => {
  // Correcting a map in the page: what is changed here is saved as a map of its own, made by hand.
  const { map, byId, select, selected, node, text: textOf, line } = window.oped;
  const panel = document.getElementById("selected");
  const paper = document.querySelector("section.article");
  const types = Array.from(new Set(["major_claim", "claim", "premise", ...map.components.map((part) => part.type)]));
  let correcting = false;
  let waiting = null; // the component whose target is to be chosen next
  let changes = 0;

  const points = (string) => Array.from(string).length;
  const fresh = (items, letter) => {
    const numbers = items.map((item) => Number(item.id.slice(1))).filter(Number.isFinite);
    return `${letter}${Math.max(0, ...numbers) + 1}`;
  };

  function changed(part) {
    if (part) part.probability = 1;
    changes += 1;
    document.getElementById("save").textContent = `Save (${changes})`;
  }

  function button(label, action) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = label;
    made.addEventListener("click", action);
    return made;
  }

  function labelled(label, input) {
    const made = document.createElement("label");
    made.append(label, " ", input);
    return made;
  }

  /** Where the reader's selection stands in the article, in code points; null outside one paragraph. */
  function chosenSpan() {
    const chosen = window.getSelection();
    if (!chosen.rangeCount || chosen.isCollapsed) return null;
    const range = chosen.getRangeAt(0);
    const inside = (place) => (place.nodeType === Node.TEXT_NODE ? place.parentElement : place).closest("section.article p");
    const home = inside(range.startContainer);
    if (!home || home !== inside(range.endContainer)) return null;
    const before = document.createRange();
    before.selectNodeContents(home);
    before.setEnd(range.startContainer, range.startOffset);
    const quoted = range.toString();
    const lead = quoted.length - quoted.trimStart().length;
    const start = Number(home.dataset.start) + points(before.toString()) + points(quoted.slice(0, lead));
    const quote = quoted.trim();
    return quote ? { start, end: start + points(quote), text: quote } : null;
  }

  function overlaps(span, except) {
    return map.components.some((part) => part.id !== except && part.start < span.end && span.start < part.end);
  }

  /** Draw the marks of a paragraph anew from the map. */
  function redraw(home) {
    const start = Number(home.dataset.start);
    const letters = Array.from(home.textContent);
    const end = start + letters.length;
    const parts = map.components.filter((part) => part.start < end && start < part.end).sort((a, b) => a.start - b.start);
    home.replaceChildren();
    let position = start;
    for (const part of parts) {
      const first = Math.max(part.start, start), last = Math.min(part.end, end);
      home.append(letters.slice(position - start, first - start).join(""));
      const mark = document.createElement("span");
      mark.id = `text-${part.id}`;
      mark.dataset.id = part.id;
      mark.tabIndex = 0;
      mark.setAttribute("role", "button");
      mark.textContent = letters.slice(first - start, last - start).join("");
      home.append(mark);
      position = last;
      dress(part, mark);
    }
    home.append(letters.slice(position - start).join(""));
  }

  function dress(part, mark) {
    const other = part.attribution && part.attribution.holder === "other";
    const kind = `type-${part.type.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "-")}`;
    mark.className = ["component", kind, part.risk ? "risk" : "", other ? "reported" : ""].join(" ");
    mark.setAttribute("aria-label", `${part.type.replace("_", " ")}${part.risk ? ", risk" : ""}: ${part.text}`);
  }

  function refresh(part) {
    for (const home of paper.querySelectorAll("p")) {
      const start = Number(home.dataset.start), end = start + points(home.textContent);
      if (home.querySelector(`[data-id="${part.id}"]`) || (part.start < end && start < part.end)) redraw(home);
    }
    const box = node(part.id);
    if (box) {
      box.setAttribute("class", `node type-${part.type.replace("_", "-")}${part.risk ? " risk" : ""}`);
      box.querySelector(".kind").textContent = part.type.replace("_", " ");
    }
    select(part.id, box);
  }

  function drop(link) {
    map.relations.splice(map.relations.indexOf(link), 1);
    for (const path of document.querySelectorAll(".link")) if (path.dataset.id === link.id) path.remove();
  }

  function remove(part) {
    for (const link of map.relations.filter((item) => item.source === part.id || item.target === part.id)) drop(link);
    map.components.splice(map.components.indexOf(part), 1);
    byId.delete(part.id);
    const box = node(part.id);
    if (box) box.remove();
    for (const home of paper.querySelectorAll("p")) if (home.querySelector(`[data-id="${part.id}"]`)) redraw(home);
    changed(null);
    select(null);
  }

  function reaches(from, to) {
    if (from === to) return true;
    return map.relations.some((link) => link.source === from && reaches(link.target, to));
  }

  function join(source, target, type) {
    waiting = null;
    if (source === target || reaches(target, source)) { tell("That would make a circle."); return; }
    for (const link of map.relations.filter((item) => item.source === source && item.target === target)) drop(link);
    const link = { id: fresh(map.relations, "r"), source, target, type, probability: 1 };
    map.relations.push(link);
    const from = node(source), to = node(target);
    if (from && to) {
      const [a, b] = [from, to].map((box) => box.transform.baseVal.getItem(0).matrix);
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("class", `link ${type}`);
      path.setAttribute("d", `M${a.e} ${a.f + 42}C${a.e - 40} ${a.f + 42} ${b.e + 281} ${b.f + 42} ${b.e + 241} ${b.f + 42}`);
      path.setAttribute("marker-end", `url(#arrow-${type === "attack" ? "attack" : "support"})`);
      Object.assign(path.dataset, { id: link.id, source, target });
      from.parentNode.insertBefore(path, from.parentNode.querySelector(".node"));
    }
    changed(null);
    select(source, from);
  }

  function tell(message) { document.getElementById("told").textContent = message; }

  /** The controls for a component, below its description. */
  function form(part) {
    const box = document.createElement("div");
    box.className = "correction";
    const kind = document.createElement("select");
    for (const type of types) kind.append(new Option(type.replace("_", " "), type, false, type === part.type));
    kind.addEventListener("change", () => { part.type = kind.value; changed(part); refresh(part); });
    const risk = document.createElement("input");
    risk.type = "checkbox";
    risk.checked = Boolean(part.risk);
    risk.addEventListener("change", () => { part.risk = risk.checked; part.risk_probability = risk.checked ? 1 : 0; changed(part); refresh(part); });
    const who = document.createElement("input");
    who.placeholder = "the author";
    who.value = part.attribution && part.attribution.holder === "other" ? part.attribution.name || "another" : "";
    who.addEventListener("change", () => {
      const name = who.value.trim();
      part.attribution = { holder: name ? "other" : "author", name: name || null };
      changed(part);
      refresh(part);
    });
    box.append(labelled("Type", kind), labelled("Risk", risk), labelled("View of", who));
    for (const link of map.relations.filter((item) => item.source === part.id)) {
      const row = line(`${link.type} → ${textOf(link.target)}`, "hint");
      row.append(" ", button("Remove link", () => { drop(link); changed(null); select(part.id); }));
      box.append(row);
    }
    for (const type of ["support", "attack"]) box.append(button(`Link: ${type} …`, () => { waiting = { source: part.id, type }; tell("Choose what it bears on."); }));
    box.append(button("Span from selected text", () => {
      const span = chosenSpan();
      if (!span || overlaps(span, part.id)) { tell("Select words of one paragraph, outside other components."); return; }
      Object.assign(part, span);
      changed(part);
      refresh(part);
    }), button("Delete component", () => remove(part)));
    return box;
  }

  function add() {
    const span = chosenSpan();
    if (!span || overlaps(span, null)) { tell("Select words of one paragraph, outside other components."); return; }
    const part = { id: fresh(map.components, "c"), ...span, type: "claim", probability: 1, risk: false, risk_probability: 0, attribution: { holder: "author", name: null }, entities: [] };
    map.components.push(part);
    byId.set(part.id, part);
    changed(part);
    refresh(part);
  }

  function save() {
    const order = [...map.components].sort((a, b) => a.start - b.start);
    const names = new Map(order.map((part, place) => [part.id, `c${place + 1}`]));
    const made = map.model ? { corrected_from: `${map.model.name} ${map.model.version}` } : {};
    const corrected = {
      ...map,
      model: null,
      article: { ...map.article, extra: { ...(map.article.extra || {}), ...made } },
      components: order.map((part) => ({ ...part, id: names.get(part.id), entities: map.entities.filter((item) => part.start <= item.start && item.end <= part.end).map((item) => item.id) })),
      relations: map.relations.map((link, place) => ({ ...link, id: `r${place + 1}`, source: names.get(link.source), target: names.get(link.target) })),
    };
    const file = document.createElement("a");
    file.href = URL.createObjectURL(new Blob([JSON.stringify(corrected, null, 1)], { type: "application/json" }));
    file.download = `${map.article.id.replace(/[^\p{L}\p{N}._-]+/gu, "-") || "map"}.corrected.json`;
    file.click();
    URL.revokeObjectURL(file.href);
    changes = 0;
    document.getElementById("save").textContent = "Save";
  }

  window.oped.onselect = (id) => {
    if (waiting && id !== null && id !== waiting.source) { join(waiting.source, id, waiting.type); return; }
    tell("");
    if (correcting && id !== null && byId.has(id)) panel.append(form(byId.get(id)));
  };
  document.getElementById("correct").addEventListener("click", (event) => {
    correcting = !correcting;
    waiting = null;
    event.target.setAttribute("aria-pressed", String(correcting));
    for (const name of ["add", "save"]) document.getElementById(name).hidden = !correcting;
    select(selected());
  });
  document.getElementById("add").addEventListener("mousedown", (event) => event.preventDefault());
  document.getElementById("add").addEventListener("click", add);
  document.getElementById("save").addEventListener("click", save);
  panel.addEventListener("mousedown", (event) => { if (event.target.tagName === "BUTTON") event.preventDefault(); });
  window.addEventListener("beforeunload", (event) => { if (changes) event.preventDefault(); });
})();
