// What can be corrected in a map. Each correction is one step that can be undone; what a reader set is certain.

const correction = (() => {
  const points = (string) => Array.from(string).length;

  function fresh(items, letter) {
    const numbers = items.map((item) => Number(item.id.slice(1))).filter(Number.isFinite);
    return `${letter}${Math.max(0, ...numbers) + 1}`;
  }

  const overlaps = (span, except = []) => store.components.some((part) => !except.includes(part.id) && part.start < span.end && span.start < part.end);

  /** The words of the article from one place to another, without blanks at their ends; null where there are none. */
  function spanOf(start, end) {
    const block = textPane.blockAt(start);
    if (end > block.end) return null;
    while (start < end && /\s/.test(block.letters[start - block.start])) start += 1;
    while (end > start && /\s/.test(block.letters[end - 1 - block.start])) end -= 1;
    return end > start ? { start, end, text: block.letters.slice(start - block.start, end - block.start).join("") } : null;
  }

  /** What the reader selected, within one paragraph; null where that is nothing. */
  function chosenSpan() {
    const chosen = window.getSelection();
    if (!chosen.rangeCount || chosen.isCollapsed) return null;
    const range = chosen.getRangeAt(0);
    const inside = (node) => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest("#article [data-start]");
    const home = inside(range.startContainer);
    if (!home || home !== inside(range.endContainer)) return null;
    const before = document.createRange();
    before.selectNodeContents(home);
    before.setEnd(range.startContainer, range.startOffset);
    const start = Number(home.dataset.start) + points(before.toString());
    return spanOf(start, start + points(range.toString()));
  }

  function refuse(message) {
    tell(message);
    return false;
  }

  function update(id, changes) {
    const renewed = (part) => ({ ...part, ...changes, probability: 1 });
    store.commit({ components: store.components.map((part) => (part.id === id ? renewed(part) : part)) });
    tell("");
    return true;
  }

  function setHolder(id, name) {
    const trimmed = name.trim();
    return update(id, { attribution: { holder: trimmed ? "other" : "author", name: trimmed || null } });
  }

  function add(span, type = "claim") {
    if (!span || overlaps(span)) return refuse("Select words of one paragraph, outside other components.");
    const part = { id: fresh(store.components, "c"), ...span, type, probability: 1, risk: false, risk_probability: 0, attribution: { holder: "author", name: null }, entities: [] };
    store.commit({ components: [...store.components, part] });
    tell("");
    visit(part.id);
    return true;
  }

  function move(id, span) {
    if (!span || overlaps(span, [id])) return refuse("Select words of one paragraph, outside other components.");
    return update(id, { ...span, gist: undefined });
  }

  /** Move the beginning or the end of a component by one word. */
  function nudge(id, end, by) {
    const part = store.get(id), block = textPane.blockAt(part.start);
    const words = [...wordsOf(block)].map(([from, to]) => (end === "start" ? from : to)).filter((place) => (end === "start" ? place < part.end : place > part.start));
    const place = by > 0 ? words.find((one) => one > part[end]) : words.findLast((one) => one < part[end]);
    const span = place === undefined ? null : end === "start" ? spanOf(place, part.end) : spanOf(part.start, place);
    if (!span || overlaps(span, [id])) return refuse("There is no room that way.");
    return move(id, span);
  }

  /** Begin and end of each word of a block; punctuation at its end may stay outside. */
  function* wordsOf(block) {
    let from = null;
    for (let place = 0; place <= block.letters.length; place += 1) {
      const blank = place === block.letters.length || /\s/.test(block.letters[place]);
      if (!blank && from === null) from = place;
      if (!blank || from === null) continue;
      let to = place;
      while (to > from + 1 && /[.,;:!?]/.test(block.letters[to - 1])) to -= 1;
      yield [block.start + from, block.start + to];
      if (to < place) yield [block.start + from, block.start + place];
      from = null;
    }
  }

  function remove(id) {
    select(null);
    store.commit({ components: store.components.filter((part) => part.id !== id), relations: store.relations.filter((link) => link.source !== id && link.target !== id) });
    return true;
  }

  const nextInBlock = (id) => {
    const part = store.get(id), next = store.components[store.place(id) + 1];
    return next && textPane.blockAt(next.start) === textPane.blockAt(part.start) ? next : undefined;
  };

  /** Make one component of two neighbours; links of the second are the first's. */
  function join(id) {
    const part = store.get(id), next = nextInBlock(id);
    if (!next) return refuse("There is no further component in this paragraph.");
    const joined = { ...part, ...spanOf(part.start, Math.max(part.end, next.end)), probability: 1, risk: part.risk || next.risk, gist: undefined };
    const seen = new Set(), own = (end) => (end === next.id ? id : end);
    const relations = [];
    for (const link of store.relations.map((one) => ({ ...one, source: own(one.source), target: own(one.target) }))) {
      const key = JSON.stringify([link.source, link.target]);
      if (link.source === link.target || seen.has(key) || reaches(relations, link.target, link.source)) continue;
      seen.add(key);
      relations.push(link);
    }
    store.commit({ components: store.components.filter((one) => one.id !== next.id).map((one) => (one.id === id ? joined : one)), relations });
    select(id);
    return true;
  }

  /** Where a component may be split: before each of its words but the first. */
  function gaps(part) {
    const block = textPane.blockAt(part.start);
    return [...new Set([...wordsOf(block)].map(([from]) => from))].filter((place) => place > part.start && place < part.end);
  }

  /** Make two components of one; both bear on what the one bore on. */
  function split(id, place) {
    const part = store.get(id), block = textPane.blockAt(part.start);
    let end = place;
    while (end > part.start + 1 && /[\s.,;:–—]/.test(block.letters[end - 1 - block.start])) end -= 1;
    const [first, second] = [spanOf(part.start, end), spanOf(place, part.end)];
    if (!first || !second) return refuse("There is nothing to split.");
    const other = { ...part, ...second, id: fresh(store.components, "c"), probability: 1, gist: undefined };
    const components = [...store.components.map((one) => (one.id === id ? { ...part, ...first, probability: 1, gist: undefined } : one)), other];
    const relations = [...store.relations];
    for (const link of store.out(id)) relations.push({ ...link, id: fresh(relations, "r"), source: other.id, probability: 1 });
    store.commit({ components, relations });
    select(id);
    return true;
  }

  function reaches(relations, from, to) {
    const seen = new Set([from]), waiting = [from];
    while (waiting.length) {
      const at = waiting.pop();
      if (at === to) return true;
      for (const link of relations) if (link.source === at && !seen.has(link.target)) { seen.add(link.target); waiting.push(link.target); }
    }
    return false;
  }

  function link(source, target, type) {
    if (source === target || reaches(store.relations, target, source)) return refuse("That would make a circle.");
    const others = store.relations.filter((one) => one.source !== source || one.target !== target);
    store.commit({ relations: [...others, { id: fresh(store.relations, "r"), source, target, type, probability: 1 }] });
    tell("");
    select(source, "map");
    return true;
  }

  function changeLink(id, type) {
    store.commit({ relations: store.relations.map((one) => (one.id === id ? { ...one, type, probability: 1 } : one)) });
    return true;
  }

  function unlink(id) {
    store.commit({ relations: store.relations.filter((one) => one.id !== id) });
    return true;
  }

  /** Sentences of the article, or what is left of them beside the components that they hold. */
  function free() {
    const found = [];
    for (const block of textPane.blocks) {
      for (const match of block.letters.join("").matchAll(/[^.!?…]+(?:[.!?…](?!\s)[^.!?…]*)*/g)) {
        const start = block.start + points(match.input.slice(0, match.index));
        found.push(...uncovered(start, start + points(match[0])));
      }
    }
    return found;
  }

  function uncovered(start, end) {
    const spans = [];
    let from = start;
    for (const part of store.components.filter((one) => one.start < end && start < one.end)) {
      spans.push([from, part.start]);
      from = Math.max(from, part.end);
    }
    spans.push([from, end]);
    return spans.map(([a, b]) => (a < b ? spanOf(a, b) : null)).filter((span) => span && /\p{L}\S*\s+\S*\p{L}/u.test(span.text));
  }

  return { update, setHolder, add, move, nudge, remove, join, nextInBlock, gaps, split, link, changeLink, unlink, free, chosenSpan };
})();
