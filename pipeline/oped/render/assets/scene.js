// What is shown at the moment: chosen view and claim, filters, folded branches, and the trees that remain.

const look = {
  view: "map",
  selected: null,
  focus: null,
  collapsed: new Set(), // branches folded in the map
  closed: new Set(), // branches folded in the outline
  showUncertain: false,
  relationBound: Number(document.body.dataset.relationBound),
  componentBound: Number(document.body.dataset.componentBound),
  onlyRisks: false,
  source: "",
  correcting: false,
  printing: false,
  gists: given.components.some((part) => part.gist),
};

const narrow = window.matchMedia("(max-width: 1024px)");
const bodyText = (part) => (look.gists && part.gist ? part.gist : flat(part.text));
const isUncertain = (link) => link.probability < look.relationBound;

const scene = (() => {
  let known = null;

  function wanted(part) {
    return part.probability >= look.componentBound && (!look.onlyRisks || part.risk) && (!look.source || look.source === sourceKey(part));
  }

  /** Matches of the filters, and what they bear on as their context. */
  function filtered(forest) {
    const matches = new Set(store.components.filter(wanted).map((part) => part.id));
    const kept = new Set(matches);
    if (matches.size === store.components.length) return { matches, kept };
    for (const id of matches) {
      for (let link = forest.parent.get(id); link && !kept.has(link.target); link = forest.parent.get(link.target)) kept.add(link.target);
    }
    return { matches, kept };
  }

  /** How many components hang below each that is kept. */
  function countBelow(roots, forest, kept) {
    const below = new Map();
    const order = roots.flatMap((root) => descendants(root, forest.children)).filter((id) => kept.has(id));
    for (const id of order.reverse()) {
      const count = below.get(id), up = forest.parent.get(id)?.target;
      if (up !== undefined && kept.has(up)) below.set(up, (below.get(up) || 0) + (count || 0) + 1);
    }
    return below;
  }

  /** What is left where some branches are folded, in the order in which one reads it. */
  function unfolded(roots, forest, kept, folded) {
    const found = new Set(), waiting = [...roots].reverse();
    while (waiting.length) {
      const id = waiting.pop();
      if (!kept.has(id)) continue;
      found.add(id);
      if (!folded.has(id)) waiting.push(...[...forest.children.get(id)].reverse());
    }
    return found;
  }

  function compute() {
    const uncertain = store.relations.filter(isUncertain).length;
    const relations = store.relations.filter((link) => look.showUncertain || !isUncertain(link));
    const forest = growForest(store.components, relations);
    if (look.focus !== null && !store.has(look.focus)) look.focus = null;
    const { matches, kept } = filtered(forest);
    const roots = look.focus === null ? forest.roots : [look.focus];
    const [visible, listed] = [look.collapsed, look.closed].map((folded) => unfolded(roots, forest, kept, folded));
    return { forest, roots: roots.filter((id) => kept.has(id)), relations, matches, visible, listed, below: countBelow(roots, forest, kept), uncertain };
  }

  return {
    get now() { return (known ||= compute()); },
    forget() { known = null; },
    /** Children of a component that are shown. */
    children(id) { return this.now.forest.children.get(id).filter((child) => this.now.visible.has(child)); },
  };
})();

on("map", () => scene.forget());

/** Change what is shown, and show it. */
function change(changes) {
  Object.assign(look, changes);
  scene.forget();
  emit("look");
}

/** Branches that are folded in the view at hand. */
const foldedHere = () => (look.view === "outline" ? look.closed : look.collapsed);

function fold(id) {
  if (id === null || !scene.now.below.has(id)) return;
  const folded = foldedHere();
  if (!folded.delete(id)) folded.add(id);
  change({});
}

/** Open all branches above a claim, and filters that hide it, so that it can be seen. */
function reveal(id) {
  if (scene.now.visible.has(id) && scene.now.listed.has(id)) return;
  for (const above of ancestors(id, scene.now.forest.parent)) for (const folded of [look.collapsed, look.closed]) folded.delete(above);
  scene.forget();
  const changes = {};
  if (look.focus !== null && !scene.now.visible.has(id)) changes.focus = null;
  if (!scene.now.matches.has(id)) Object.assign(changes, { onlyRisks: false, source: "", componentBound: 0 });
  change(changes);
}

/** Choose a claim; `from` is the view in which it was touched, which then stays where it is. */
function select(id, from = "") {
  if (id !== null && !store.has(id)) return;
  look.selected = id;
  if (id !== null) reveal(id);
  emit("select", id, from);
}

function showView(name) {
  look.view = name;
  document.body.dataset.view = name;
  for (const tab of all("[data-tab]")) tab.setAttribute("aria-pressed", String(tab.dataset.tab === name));
  emit("view", name);
}
