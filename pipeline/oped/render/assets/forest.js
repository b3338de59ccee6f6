// The map as trees: each component hangs below the one that it bears on most surely; other links are extra.

/**
 * Trees over components and the given relations; circles are cut where they close.
 * `children` has support before attack, each in order of appearance; `roots` the thesis first, then the largest.
 */
function growForest(components, relations) {
  const order = new Map(components.map((part, place) => [part.id, place]));
  const parent = choiceOfParents(components, relations);
  const children = new Map(components.map((part) => [part.id, []]));
  for (const [id, link] of parent) children.get(link.target).push(id);
  for (const ids of children.values()) {
    ids.sort((a, b) => isCon(parent.get(a).type) - isCon(parent.get(b).type) || order.get(a) - order.get(b));
  }
  const rooted = components.filter((part) => !parent.has(part.id));
  const size = sizes(rooted, children);
  const isThesis = (part) => part.type === "major_claim";
  const roots = rooted
    .sort((a, b) => isThesis(b) - isThesis(a) || size.get(b.id) - size.get(a.id) || order.get(a.id) - order.get(b.id))
    .map((part) => part.id);
  const chosen = new Set(parent.values());
  return { roots, children, parent, size, extra: relations.filter((link) => !chosen.has(link)) };
}

function choiceOfParents(components, relations) {
  const out = new Map();
  for (const link of relations) {
    if (!out.has(link.source)) out.set(link.source, []);
    out.get(link.source).push(link);
  }
  const parent = new Map();
  for (const part of components) {
    const links = [...(out.get(part.id) || [])].sort((a, b) => b.probability - a.probability);
    const link = links.find((candidate) => !hangsBelow(candidate.target, part.id, parent));
    if (link) parent.set(part.id, link);
  }
  return parent;
}

function hangsBelow(id, above, parent) {
  for (let at = id; at !== undefined; at = parent.get(at)?.target) if (at === above) return true;
  return false;
}

/** How many components each tree and branch holds. */
function sizes(roots, children) {
  const size = new Map();
  for (const root of roots) {
    const order = descendants(root.id, children);
    for (const id of order.reverse()) size.set(id, children.get(id).reduce((sum, child) => sum + size.get(child), 1));
  }
  return size;
}

/** A component and all that hang below it, in the order in which one reads them. */
function descendants(id, children) {
  const found = [], waiting = [id];
  while (waiting.length) {
    const next = waiting.pop();
    found.push(next);
    waiting.push(...[...(children.get(next) || [])].reverse());
  }
  return found;
}

/** The components that one bears on, from the nearest to the root. */
function ancestors(id, parent) {
  const found = [];
  for (let link = parent.get(id); link; link = parent.get(link.target)) found.push(link.target);
  return found;
}
