"use strict";
(() => {
  const map = JSON.parse(document.getElementById("data").textContent);
  const byId = new Map(map.components.map((part) => [part.id, part]));
  const svg = document.getElementById("map");
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const marks = (id) => all(".component, .node").filter((element) => element.dataset.id === id);
  const state = { selected: null, focus: null, collapsed: new Set() };
  const nodeOf = (id) => all(".node").find((element) => element.dataset.id === id);

  function neighbours(id) {
    const ids = new Set([id]);
    for (const link of map.relations) {
      if (link.source === id) ids.add(link.target);
      if (link.target === id) ids.add(link.source);
    }
    return ids;
  }

  function subtree(id) {
    const ids = new Set([id]);
    for (const waiting = [id]; waiting.length;) {
      const target = waiting.pop();
      for (const link of map.relations) {
        if (link.target === target && !ids.has(link.source)) { ids.add(link.source); waiting.push(link.source); }
      }
    }
    return ids;
  }

  /** Components of which all that they bear on is folded away or folds them away. */
  function folded() {
    const hidden = new Set();
    for (let before = -1; before !== hidden.size;) {
      before = hidden.size;
      for (const part of map.components) {
        const targets = map.relations.filter((link) => link.source === part.id).map((link) => link.target);
        if (targets.length && targets.every((id) => state.collapsed.has(id) || hidden.has(id))) hidden.add(part.id);
      }
    }
    return hidden;
  }

  function fold(id) {
    if (id === null) return;
    if (!state.collapsed.delete(id) && subtree(id).size > 1) state.collapsed.add(id);
    apply();
    select(id, nodeOf(id));
  }

  function highlight(id) {
    const ids = id === null ? new Set() : neighbours(id);
    for (const element of all(".component, .node")) element.classList.toggle("near", ids.has(element.dataset.id));
    for (const link of all(".link")) link.classList.toggle("near", id !== null && (link.dataset.source === id || link.dataset.target === id));
  }

  function line(text, className) {
    const element = document.createElement("p");
    if (className) element.className = className;
    element.dir = "auto";
    element.textContent = text;
    return element;
  }

  function percent(value) { return `${Math.round(100 * value)} %`; }

  function describe(id) {
    const box = document.getElementById("selected");
    box.replaceChildren(box.firstElementChild);
    if (id === null) { box.append(line("Choose a sentence or a box.", "hint")); return; }
    const part = byId.get(id);
    const holder = part.attribution && part.attribution.holder === "other" ? part.attribution.name || "another" : "the author";
    box.append(line(part.text));
    box.append(line(`${part.type.replace("_", " ")}, ${percent(part.probability)} certain; view of ${holder}`, "hint"));
    if (part.risk) box.append(line(`⚠ risk, ${percent(part.risk_probability ?? 1)} certain`, "hint"));
    for (const link of map.relations) {
      const outward = link.source === id;
      if (!outward && link.target !== id) continue;
      const other = byId.get(outward ? link.target : link.source);
      const verb = { support: outward ? "supports" : "is supported by", attack: outward ? "attacks" : "is attacked by" }[link.type] || link.type;
      const row = line(`${verb} (${percent(link.probability)}): `, "hint");
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.id = other.id;
      button.textContent = other.text;
      row.append(button);
      box.append(row);
    }
  }

  function select(id, origin) {
    state.selected = id;
    for (const element of all(".selected")) element.classList.remove("selected");
    if (id !== null) {
      for (const element of marks(id)) {
        element.classList.add("selected");
        if (element !== origin && !element.ownerSVGElement) element.scrollIntoView({ block: "center", behavior: "auto" });
      }
      if (!origin || !origin.ownerSVGElement) center(id);
    }
    highlight(id);
    describe(id);
    if (window.oped && window.oped.onselect) window.oped.onselect(id);
  }

  const view = { x: 0, y: 0, width: 0, height: 0 };

  function show() { svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`); }

  function fit() {
    const boxes = all(".node:not(.hidden)").map((node) => node.transform.baseVal.getItem(0).matrix);
    if (!boxes.length) return;
    const left = Math.min(...boxes.map((box) => box.e)), top = Math.min(...boxes.map((box) => box.f));
    const right = Math.max(...boxes.map((box) => box.e)) + 232, bottom = Math.max(...boxes.map((box) => box.f)) + 84;
    Object.assign(view, { x: left - 12, y: top - 12, width: right - left + 24, height: bottom - top + 24 });
    show();
  }

  function readable() {
    fit();
    const scale = Math.min(1, Math.max(0.6, Math.min(svg.clientWidth / view.width, svg.clientHeight / view.height)));
    view.width = svg.clientWidth / scale;
    view.height = svg.clientHeight / scale;
    show();
  }

  function zoom(factor, x = view.x + view.width / 2, y = view.y + view.height / 2) {
    view.x = x - (x - view.x) * factor;
    view.y = y - (y - view.y) * factor;
    view.width *= factor;
    view.height *= factor;
    show();
  }

  function center(id) {
    const node = nodeOf(id);
    if (!node) return;
    const place = node.transform.baseVal.getItem(0).matrix;
    view.x = place.e + 116 - view.width / 2;
    view.y = place.f + 42 - view.height / 2;
    show();
  }

  function point(event) {
    return new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  }

  function apply() {
    const least = Number(document.getElementById("threshold").value) / 100;
    const onlyRisks = document.getElementById("only-risks").checked;
    const source = document.getElementById("source").value;
    const words = document.getElementById("search").value.trim().toLowerCase();
    const shown = new Set();
    for (const part of map.components) {
      const other = part.attribution && part.attribution.holder === "other";
      const name = other ? `=${part.attribution.name || "another"}` : "author";
      const wanted = part.probability >= least && (!onlyRisks || part.risk) && (!source || source === name) && (!words || part.text.toLowerCase().includes(words));
      if (wanted) shown.add(part.id);
    }
    const inside = state.focus === null ? null : subtree(state.focus);
    const away = folded();
    const gone = (id) => away.has(id) || (inside !== null && !inside.has(id));
    for (const element of all(".component, .node")) {
      element.classList.toggle("faded", !shown.has(element.dataset.id));
      element.classList.toggle("match", Boolean(words) && shown.has(element.dataset.id));
      if (element.ownerSVGElement) {
        element.classList.toggle("hidden", gone(element.dataset.id));
        element.classList.toggle("collapsed", state.collapsed.has(element.dataset.id));
      }
    }
    for (const link of all(".link")) {
      const { source: from, target: to } = link.dataset;
      link.classList.toggle("faded", !(shown.has(from) && shown.has(to)));
      link.classList.toggle("hidden", gone(from) || gone(to));
    }
    document.getElementById("threshold-value").textContent = percent(least);
  }

  function setFocus(id) {
    state.focus = id;
    document.getElementById("focus").setAttribute("aria-pressed", String(id !== null));
    apply();
    if (id === null) readable(); else fit();
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-id]");
    if (target && !target.classList.contains("link")) { select(target.dataset.id, target); return; }
    const name = event.target.closest("button[data-name]");
    if (name) {
      const mentions = all(".entity");
      for (const mention of mentions) mention.classList.toggle("found", mention.dataset.name === name.dataset.name);
      const first = mentions.find((mention) => mention.dataset.name === name.dataset.name);
      if (first) first.scrollIntoView({ block: "center" });
    }
  });
  document.addEventListener("mouseover", (event) => {
    const target = event.target.closest(".component, .node");
    if (target) highlight(target.dataset.id);
  });
  document.addEventListener("mouseout", (event) => {
    if (event.target.closest(".component, .node")) highlight(state.selected);
  });
  document.addEventListener("keydown", (event) => {
    const target = event.target.closest(".component, .node");
    if (target && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); select(target.dataset.id, target); }
    if (target && event.key === "c") fold(target.dataset.id);
    if (event.key === "Escape") { setFocus(null); select(null); }
    if (event.key === "/" && event.target.tagName !== "INPUT") { event.preventDefault(); document.getElementById("search").focus(); }
  });
  for (const id of ["threshold", "only-risks", "source", "search"]) document.getElementById(id).addEventListener("input", apply);
  document.getElementById("show-entities").addEventListener("change", (event) => document.body.classList.toggle("show-entities", event.target.checked));
  document.getElementById("zoom-in").addEventListener("click", () => zoom(0.8));
  document.getElementById("zoom-out").addEventListener("click", () => zoom(1.25));
  document.getElementById("zoom-fit").addEventListener("click", () => { setFocus(null); fit(); });
  document.getElementById("fold").addEventListener("click", () => fold(state.selected));
  document.getElementById("fold-all").addEventListener("click", () => {
    const targets = new Set(map.relations.map((link) => link.target));
    const claims = map.components.filter((part) => targets.has(part.id) && part.type !== "major_claim").map((part) => part.id);
    state.collapsed = new Set(state.collapsed.size ? [] : claims);
    apply();
    fit();
  });
  document.getElementById("focus").addEventListener("click", () => setFocus(state.focus === null ? state.selected : null));
  svg.addEventListener("wheel", (event) => {
    event.preventDefault();
    const place = point(event);
    zoom(event.deltaY > 0 ? 1.1 : 0.9, place.x, place.y);
  }, { passive: false });
  let grip = null;
  svg.addEventListener("pointerdown", (event) => { if (!event.target.closest(".node")) { grip = point(event); svg.setPointerCapture(event.pointerId); } });
  svg.addEventListener("pointermove", (event) => {
    if (!grip) return;
    const place = point(event);
    view.x += grip.x - place.x;
    view.y += grip.y - place.y;
    show();
  });
  svg.addEventListener("pointerup", () => { grip = null; });
  readable();
  apply();
  window.oped = { map, byId, select, line, node: nodeOf, selected: () => state.selected, text: (id) => byId.get(id).text };
})();
