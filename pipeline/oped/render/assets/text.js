// The article: each component marked where it stands, mentions of names and debris of the web inside.

const textPane = (() => {
  const home = byId("article");
  const DEBRIS = /https?:\/\/\S+|\bpic\.twitter\.com\/\S+|\[(?:[a-z]{2,3})(?:, ?[a-z]{2,4})*\](?!\()|\(@\w+\)/g;
  const blocks = all("[data-start]", home).map((element) => {
    const letters = Array.from(element.textContent);
    return { element, letters, start: Number(element.dataset.start), end: Number(element.dataset.start) + letters.length, faint: element.classList.contains("faint") };
  });

  /** The block that holds a position of the text. */
  function blockAt(position) {
    let low = 0, high = blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (blocks[middle].start <= position) low = middle; else high = middle - 1;
    }
    return blocks[low];
  }

  function blocksOf(part) {
    const found = [];
    for (let place = blocks.indexOf(blockAt(part.start)); place < blocks.length && blocks[place].start < part.end; place += 1) found.push(blocks[place]);
    return found;
  }

  function debrisOf(block) {
    return [...block.letters.join("").matchAll(DEBRIS)].map((match) => {
      const start = block.start + Array.from(match.input.slice(0, match.index)).length;
      return { start, end: start + Array.from(match[0]).length };
    });
  }

  const within = (spans, block) => spans.filter((span) => span.start < block.end && block.start < span.end);
  const covering = (spans, position) => spans.filter((span) => span.start <= position && position < span.end).sort((a, b) => a.end - a.start - (b.end - b.start))[0];

  /** Draw a block anew: cut where a component, a name or debris begins or ends, pieces of one component together. */
  function mark(block, parts, entities) {
    const [own, names, debris] = [within(parts, block), within(entities, block), debrisOf(block)];
    block.element.classList.toggle("faint", block.faint && !own.length);
    const cuts = new Set([block.start, block.end]);
    for (const span of [...own, ...names, ...debris]) for (const cut of [span.start, span.end]) if (cut > block.start && cut < block.end) cuts.add(cut);
    const places = [...cuts].sort((a, b) => a - b);
    const pieces = [];
    let open = null;
    places.slice(0, -1).forEach((from, number) => {
      const part = covering(own, from);
      const words = piece(block.letters.slice(from - block.start, places[number + 1] - block.start).join(""), covering(names, from), covering(debris, from));
      if (!part) { pieces.push(words); open = null; return; }
      if (!open || open.dataset.id !== part.id) pieces.push((open = span(part, from)));
      open.append(words);
    });
    block.element.replaceChildren(...pieces);
  }

  function piece(text, entity, debris) {
    if (entity) return make("span", { class: "entity", title: `${entity.name} · ${entity.label}`, text, data: { name: entity.name } });
    return debris ? make("span", { class: "debris", text }) : text;
  }

  function span(part, from) {
    const classes = ["component", typeClass(part.type), part.risk && "risk", isOther(part) && "reported"].filter(Boolean).join(" ");
    const first = part.start === from;
    const made = make("span", { class: classes, data: { id: part.id }, role: "button", tabindex: first ? "0" : "-1", "aria-label": nodeLabelOf(part) });
    if (first) made.id = `text-${part.id}`;
    state(made, part.id);
    return made;
  }

  const nodeLabelOf = (part) => `${typeName(part.type)}${part.risk ? ", risk" : ""}: ${flat(part.text)}`;

  function state(element, id) {
    element.classList.toggle("selected", id === look.selected);
    element.classList.toggle("faded", !scene.now.matches.has(id));
  }

  const markAll = () => inChunks(blocks, (block) => mark(block, store.components, given.entities));

  /** Draw the blocks anew in which components differ. */
  function renew(before) {
    const changed = new Set();
    const old = new Set(before.components), now = new Set(store.components);
    for (const part of before.components) if (!now.has(part)) blocksOf(part).forEach((block) => changed.add(block));
    for (const part of store.components) if (!old.has(part)) blocksOf(part).forEach((block) => changed.add(block));
    for (const block of changed) mark(block, store.components, given.entities);
  }

  const marks = (id) => (store.has(id) ? blocksOf(store.get(id)).flatMap((block) => all(".component", block.element)).filter((element) => element.dataset.id === id) : []);

  function scrollTo(element, smooth = false) {
    const frame = home.getBoundingClientRect(), box = element.getBoundingClientRect();
    if (!frame.height) return;
    const cover = byId("sheet").hidden || !narrow.matches ? 0 : byId("sheet").offsetHeight;
    const floor = frame.bottom - cover;
    if (box.top >= frame.top + 8 && box.bottom <= floor - 8) return;
    if (home.classList.contains("long")) {
      // The heights of blocks far away are guesses: bring the block into sight before its words are.
      const block = (element.startContainer?.parentElement || element).closest?.("[data-start]");
      if (block && (box.bottom < frame.top || box.top > frame.bottom)) {
        block.scrollIntoView({ block: "start" });
        requestAnimationFrame(() => near(element, frame, floor));
        return;
      }
    }
    near(element, frame, floor, smooth);
  }

  function near(element, frame, floor, smooth = false) {
    const box = element.getBoundingClientRect();
    home.scrollBy({ top: box.top - frame.top - Math.max(16, (floor - frame.top - box.height) / 3), behavior: smooth ? "smooth" : "auto" });
  }

  function show(id) {
    for (const element of all(".component.selected", home)) element.classList.remove("selected");
    if (id === null) return;
    const found = marks(id);
    for (const element of found) element.classList.add("selected");
    if (found.length) scrollTo(found[0]);
  }

  function highlight(ids) {
    for (const element of all(".component.near", home)) element.classList.remove("near");
    for (const id of ids || []) for (const element of marks(id)) element.classList.add("near");
  }

  on("map", renew);
  on("look", () => { for (const element of all(".component", home)) state(element, element.dataset.id); });
  on("select", (id) => show(id));
  on("view", () => { if (look.selected !== null) requestAnimationFrame(() => show(look.selected)); });

  return { home, blocks, blockAt, blocksOf, markAll, scrollTo, highlight, show };
})();
