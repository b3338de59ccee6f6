// The map as an outline: what speaks for and against a claim indented below it, to be read branch by branch.

const outline = (() => {
  const home = byId("outline");
  let stale = true, round = 0;

  function entry(id) {
    const part = store.get(id), up = scene.now.forest.parent.get(id), below = scene.now.below.get(id), folded = look.closed.has(id);
    const item = make("li", { class: ["entry", up && (isCon(up.type) ? "con" : "pro"), up && isUncertain(up) && "uncertain", !scene.now.matches.has(id) && "context"].filter(Boolean).join(" ") });
    const line = make("div", { class: `line ${typeClass(part.type)}`, data: { id } });
    if (below) {
      line.append(make("button", { type: "button", class: "twist", "aria-expanded": String(!folded), "aria-label": `${below} below`, text: folded ? "▸" : "▾", data: { fold: id } }));
    }
    if (up) line.append(make("span", { class: "sign", text: isCon(up.type) ? "Con" : "Pro" }), " ");
    line.append(claimLink(part, bodyText(part)));
    line.append(" ", make("small", { text: remarks(part, folded ? below : 0) }));
    if (part.risk) line.append(" ", make("span", { class: "warn", text: "⚠ risk" }));
    item.append(line);
    return item;
  }

  function remarks(part, hidden) {
    return [typeName(part.type), isOther(part) && holderOf(part), hidden && `${hidden} folded`].filter(Boolean).join(" · ");
  }

  /** Draw all branches shown, a long outline bit by bit. */
  async function redraw() {
    if (!home.offsetParent && !look.printing) { stale = true; return; }
    stale = false;
    const mine = (round += 1);
    const { forest, roots, listed } = scene.now;
    const list = make("ul", { class: "branches" }), lists = new Map();
    const order = [...listed];
    home.replaceChildren(list);
    if (!order.length) home.replaceChildren(make("p", { class: "hint", text: "Nothing to show." }));
    const put = (id) => {
      const up = forest.parent.get(id)?.target, item = entry(id);
      let above = roots.includes(id) && (look.focus === id || up === undefined) ? list : lists.get(up);
      if (!above) above = list;
      above.append(item);
      if (scene.now.below.has(id) && !look.closed.has(id)) {
        const inner = make("ul");
        item.append(inner);
        lists.set(id, inner);
      }
      if (id === look.selected) mark(id);
    };
    if (order.length <= 400) order.forEach(put);
    else await inChunks(order, put, () => mine === round);
    count();
  }

  const line = (id) => all(".line", home).find((element) => element.dataset.id === id);

  function mark(id) {
    for (const element of all(".line.selected", home)) element.classList.remove("selected");
    line(id)?.classList.add("selected");
  }

  function count() { home.setAttribute("aria-busy", "false"); }

  function show(id) {
    mark(id);
    const found = line(id);
    if (found && home.offsetParent) keepInSight(found, home);
  }

  on("look", redraw);
  on("map", redraw);
  on("view", () => { if (stale) redraw().then(() => show(look.selected)); else if (look.selected !== null) show(look.selected); });
  on("select", show);
  return { redraw };
})();

/** Scroll a list by the least that brings an element into sight, above what covers its foot. */
function keepInSight(element, home) {
  const frame = home.getBoundingClientRect(), box = element.getBoundingClientRect();
  const sheet = byId("sheet").getBoundingClientRect();
  const floor = byId("sheet").hidden ? frame.bottom : Math.min(frame.bottom, sheet.top);
  if (box.top < frame.top + 8) home.scrollTop += box.top - frame.top - 24;
  else if (box.bottom > floor - 8) home.scrollTop += Math.min(box.top - frame.top - 24, box.bottom - floor + 24);
}
