// The map view: boxes and lines of what is shown, drawn as far as they are in sight.

const mapView = (() => {
  const world = byId("world"), layers = { links: byId("links"), nodes: byId("nodes"), badges: byId("badges") };
  const DRAW_ALL = 400; // so many boxes stand in the document whole; of more, those around the view
  const MOST_EXTRA = 300; // of more extra links, those of the chosen claim alone are drawn
  const NEAR = 700;
  const MOST_OPEN = 14; // a tree with so few boxes below its root is never folded at first
  let layout = { nodes: [], byId: new Map(), width: 0, height: 0 };
  let drawn = new Map(), stale = true, wanted = 0, opened = false, near = new Set();

  const link = (id) => scene.now.forest.parent.get(id);

  function extras() {
    const here = scene.now.forest.extra.filter((one) => layout.byId.has(one.source) && layout.byId.has(one.target));
    if (here.length <= MOST_EXTRA) return here;
    return here.filter((one) => one.source === look.selected || one.target === look.selected).slice(0, MOST_EXTRA);
  }

  /** What belongs to one box: itself, its line to what it bears on, plus or minus, and the handle to fold. */
  function parts(node) {
    const up = link(node.id), made = { nodes: drawNode(node) };
    if (up && layout.byId.has(up.target)) Object.assign(made, { links: drawTreeLink(up, layout), badges: drawBadge(node, up) });
    if (scene.now.below.has(node.id)) made.fold = drawFold(node);
    if (look.correcting) made.handles = drawHandles(node);
    return made;
  }

  function add(node) {
    const made = parts(node);
    layers.nodes.append(made.nodes);
    if (made.links) { layers.links.append(made.links); layers.badges.append(made.badges); }
    for (const handle of [made.fold, made.handles]) if (handle) layers.badges.append(handle);
    drawn.set(node.id, made);
    dress(made, node.id);
  }

  function remove(id) {
    for (const element of Object.values(drawn.get(id))) element.remove();
    drawn.delete(id);
  }

  /** Whether a box is in the view or near it. */
  function sight() {
    const { x, y, scale } = camera.at, view = camera.room();
    const [left, right] = [(-NEAR - x) / scale - BOX.width, (view.width + NEAR - x) / scale];
    const [top, bottom] = [(-NEAR - y) / scale, (view.height + NEAR - y) / scale];
    return (node) => node.x > left && node.x < right && node.y + node.height > top && node.y < bottom;
  }

  function redraw() {
    for (const layer of Object.values(layers)) layer.replaceChildren();
    drawn = new Map();
    if (layout.caption) layers.badges.append(draw("text", { class: "caption", x: layout.caption.x, y: layout.caption.y, text: layout.caption.text }));
    layers.links.append(...drawTrunks(layout));
    cull();
    for (const one of extras()) layers.links.append(drawExtraLink(one, layout));
  }

  /** Draw the boxes that came into sight, and take away those that left it. */
  function cull() {
    wanted = 0;
    if (layout.nodes.length <= DRAW_ALL) {
      if (!drawn.size) layout.nodes.forEach(add);
      return;
    }
    const inSight = sight();
    for (const id of [...drawn.keys()]) if (!inSight(layout.byId.get(id)) && id !== look.selected) remove(id);
    for (const node of layout.nodes) if (!drawn.has(node.id) && inSight(node)) add(node);
  }

  /** Lay out anew and show it; boxes glide from where they stood. */
  function refresh({ anchor = look.selected, glide = true } = {}) {
    if (!isShown()) { stale = true; return; }
    const before = layout, kept = before.byId.get(anchor);
    layout = layOut();
    if (!opened && foldTall(camera.room().height)) layout = layOut();
    stale = false;
    camera.resize(layout.width, layout.height);
    redraw();
    minimap.take(layout);
    if (!opened) { camera.open(); opened = true; }
    else hold(kept, layout.byId.get(anchor));
    if (glide && before.nodes.length && layout.nodes.length <= DRAW_ALL) glideFrom(before);
    roving();
    byId("map-empty").hidden = layout.nodes.length > 0;
  }

  /** At first a tree that is much higher than the view shows its claims alone, with what is folded below each. */
  function foldTall(height) {
    const { roots, forest, below } = scene.now;
    let found = false;
    for (const root of roots.filter((id) => below.get(id) > MOST_OPEN)) {
      const boxes = descendants(root, forest.children).map((id) => layout.byId.get(id)).filter(Boolean);
      if (Math.max(...boxes.map((box) => box.y + box.height)) - layout.byId.get(root).y < height * 1.5) continue;
      for (const id of forest.children.get(root)) if (below.has(id)) { look.collapsed.add(id); found = true; }
    }
    if (found) { scene.forget(); emit("folded"); }
    return found;
  }

  /** Keep the chosen box where it was in the view. */
  function hold(before, after) {
    if (before && after) camera.moveBy((before.x - after.x) * camera.at.scale, (before.y - after.y) * camera.at.scale);
    else camera.apply();
  }

  function glideFrom(before) {
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const [id, made] of drawn) {
      const from = before.byId.get(id), to = layout.byId.get(id);
      if (!from) made.nodes.animate([{ opacity: 0 }, { opacity: 1 }], 220);
      else if (from.x !== to.x || from.y !== to.y) made.nodes.animate([{ transform: `translate(${from.x}px, ${from.y}px)` }, { transform: `translate(${to.x}px, ${to.y}px)` }], { duration: 220, easing: "ease-out" });
    }
    for (const layer of [layers.links, layers.badges]) layer.animate([{ opacity: 0 }, { opacity: 1 }], 260);
  }

  const isShown = () => byId("map-view").clientWidth > 0;

  function dress(made, id) {
    made.nodes.classList.toggle("selected", id === look.selected);
    made.nodes.classList.toggle("near", near.has(id));
    if (!made.links) return;
    const out = isNear(made.links.dataset);
    if (made.links.classList.toggle("near", out)) made.links.setAttribute("d", made.links.dataset.whole);
    else made.links.setAttribute("d", made.links.dataset.twig);
  }

  let center = null;
  const isNear = ({ source, target }) => center !== null && (source === center || target === center);

  /** Bring out a claim with its neighbours; null: the chosen one. */
  function highlight(id = look.selected) {
    center = id;
    near = new Set(id === null ? [] : [id, ...store.out(id).map((one) => one.target), ...store.into(id).map((one) => one.source)]);
    for (const [name, made] of drawn) dress(made, name);
    for (const path of all(".extra", layers.links)) path.classList.toggle("near", isNear(path.dataset));
  }

  /** One box of the map is reached by Tab; the arrows lead on from there. */
  function roving() {
    const first = drawn.has(look.selected) ? look.selected : layout.nodes[0]?.id;
    for (const [id, made] of drawn) made.nodes.setAttribute("tabindex", id === first ? "0" : "-1");
  }

  function reach(id) {
    const node = layout.byId.get(id);
    if (!node) return;
    camera.show(node, false);
    cull();
    drawn.get(id)?.nodes.focus({ preventScroll: true });
  }

  /** The box that an arrow key leads to. */
  function neighbour(id, key) {
    const kids = scene.children(id), up = link(id)?.target;
    if (key === "ArrowLeft") return layout.byId.has(up) ? up : undefined;
    if (key === "ArrowRight") return kids[0];
    const column = layout.nodes.filter((node) => node.x === layout.byId.get(id).x).sort((a, b) => a.y - b.y);
    return column[column.findIndex((node) => node.id === id) + (key === "ArrowDown" ? 1 : -1)]?.id;
  }

  on("camera", () => { if (layout.nodes.length > DRAW_ALL) wanted ||= requestAnimationFrame(cull); });
  on("look", () => refresh());
  on("map", () => refresh());
  on("view", () => { if (stale) refresh({ glide: false }); });
  on("select", (id, from) => {
    if (scene.now.forest.extra.length > MOST_EXTRA && isShown()) redraw();
    highlight(id);
    roving();
    const node = layout.byId.get(id);
    if (node && isShown()) { camera.show(node, from !== "map"); cull(); }
  });

  return { refresh, highlight, reach, neighbour, get layout() { return layout; }, world, node: (id) => drawn.get(id)?.nodes, reopen() { camera.open(); } };
})();
