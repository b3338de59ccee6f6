// A walk along the argument, one step after another: the thesis, each reason with its own reasons, in the article's words.

const walk = (() => {
  const home = byId("walk");
  let order = [], at = 0;

  function route() {
    const { forest } = scene.now;
    const roots = look.focus === null ? forest.roots : [look.focus];
    order = roots.flatMap((root) => descendants(root, forest.children)).filter((id) => scene.now.matches.has(id));
    at = Math.max(0, order.indexOf(look.selected));
  }

  /** The paragraph around a component, with its words set off. */
  function passage(part) {
    const block = textPane.blockAt(part.start);
    const words = (from, to) => block.letters.slice(from - block.start, to - block.start).join("");
    const end = Math.min(part.end, block.end);
    return make("p", { class: "passage", dir: "auto" }, words(block.start, part.start), make("mark", { class: typeClass(part.type), text: words(part.start, end) }), words(end, block.end));
  }

  function trail(id) {
    const above = ancestors(id, scene.now.forest.parent).reverse();
    return make("ol", { class: "trail" }, ...above.slice(-4).map((one) => make("li", {}, claimLink(store.get(one), shortened(bodyText(store.get(one)), 110)))));
  }

  function bearing(id) {
    const up = scene.now.forest.parent.get(id);
    if (up) return isCon(up.type) ? "Against this:" : "Because:";
    return store.get(id).type === "major_claim" ? "The thesis:" : "Something said beside:";
  }

  /** Where the walk goes on after this branch. */
  function past() {
    const inside = new Set(descendants(order[at], scene.now.forest.children));
    return order.findIndex((id, place) => place > at && !inside.has(id));
  }

  function redraw() {
    if (!home.offsetParent) return;
    route();
    const id = order[at];
    if (id === undefined) { home.replaceChildren(make("p", { class: "hint", text: "Nothing to walk along." })); return; }
    const part = store.get(id), beyond = past();
    home.replaceChildren(
      make("div", { class: "steps" },
        button("← Back", () => go(at - 1), { disabled: at === 0, data: { step: "back" } }),
        make("span", { class: "hint", text: `Step ${at + 1} of ${order.length}` }),
        button("Skip branch", () => go(beyond), { disabled: beyond < 0 || beyond === at + 1 }),
        button("Next →", () => go(at + 1), { disabled: at >= order.length - 1, data: { step: "next" }, class: "main" })),
      trail(id),
      make("p", { class: "bearing", text: bearing(id) }),
      make("p", { class: `statement ${typeClass(part.type)}`, dir: "auto", text: bodyText(part) }),
      make("p", { class: "hint", text: [typeName(part.type), `view of ${holderOf(part)}`, part.risk && "⚠ risk"].filter(Boolean).join(" · ") }),
      make("h2", { text: "In the article" }),
      passage(part),
    );
    home.scrollTop = 0;
  }

  function go(place) {
    if (place < 0 || place >= order.length) return;
    const step = place > at ? "next" : "back", held = home.contains(document.activeElement);
    at = place;
    visit(order[place], "walk");
    if (held) (home.querySelector(`[data-step=${step}]:enabled`) || home.querySelector("button:enabled"))?.focus();
  }

  on("view", redraw);
  on("look", redraw);
  on("map", redraw);
  on("select", redraw);
  on("view", (name) => { if (name === "walk" && look.selected === null && order.length) visit(order[0], "walk"); });
  return { go, by: (steps) => go(at + steps) };
})();
