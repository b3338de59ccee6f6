// Where the boxes stand: claims at the left, what bears on them at the right, a box as high as its words need.

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';
const BOX = Object.freeze({ width: 284, inset: 15, head: 30, line: 18.5, foot: 11, gap: 14, column: 70, hook: 20, tree: 40, mostLines: 24 });

const measure = (() => {
  const pen = document.createElement("canvas").getContext("2d");
  const widths = new Map();
  return (word, font) => {
    if (!widths.has(font)) widths.set(font, new Map());
    const known = widths.get(font);
    let width = known.get(word);
    if (width === undefined) {
      if (pen.font !== font) pen.font = font;
      width = pen.measureText(word).width;
      known.set(word, width);
    }
    return width;
  };
})();

/** The lines of a text that fit into a width; a word that is wider is cut. */
function wrapped(text, font, room) {
  const lines = [], blank = measure(" ", font);
  let line = "", width = 0;
  for (const word of text.split(" ").flatMap((one) => cut(one, font, room))) {
    const more = measure(word, font);
    if (line && width + blank + more > room) {
      lines.push(line);
      [line, width] = [word, more];
      if (lines.length > BOX.mostLines) break;
    } else {
      [line, width] = line ? [`${line} ${word}`, width + blank + more] : [word, more];
    }
  }
  if (line) lines.push(line);
  return lines.length > BOX.mostLines ? [...lines.slice(0, BOX.mostLines - 1), `${lines[BOX.mostLines - 1]} …`] : lines;
}

function cut(word, font, room) {
  if (word.length < 20 || measure(word, font) <= room) return [word];
  const pieces = [""];
  let width = 0;
  for (const letter of word.slice(0, 2000)) {
    const more = measure(letter, font);
    if (width + more > room) { pieces.push(""); width = 0; }
    pieces[pieces.length - 1] += letter;
    width += more;
  }
  return pieces;
}

const boxes = new WeakMap();

/** Size and lines of a component's box. */
function boxOf(part) {
  const text = bodyText(part);
  const known = boxes.get(part);
  if (known && known.text === text) return known;
  const font = part.type === "major_claim" ? `600 14.5px ${FONT}` : `13.5px ${FONT}`;
  const lines = wrapped(text, font, BOX.width - 2 * BOX.inset);
  const box = { text, lines, height: BOX.head + BOX.line * lines.length + BOX.foot };
  boxes.set(part, box);
  return box;
}

/** Height of each tree's columns, so that the next may move up beside the shallow ones. */
function place(root, children, heights) {
  const top = new Map(), bottoms = new Map(), offsets = new Map();
  for (const id of descendants(root, children).reverse()) {
    const bottom = [0, 0];
    bottom[0] = heights.get(id);
    const kids = children.get(id) || [];
    const below = [];
    kids.forEach((kid, number) => {
      const own = bottoms.get(kid), tops = top.get(kid);
      let y = 0;
      if (number) for (let depth = 0; depth < own.length && depth < below.length; depth += 1) y = Math.max(y, below[depth] + BOX.gap - tops[depth]);
      offsets.set(kid, y);
      own.forEach((value, depth) => { below[depth] = Math.max(below[depth] ?? 0, y + value); });
    });
    bottoms.set(id, [bottom[0], ...below]);
    top.set(id, [0, ...merged(kids, top, offsets)]);
    for (const kid of kids) { bottoms.delete(kid); top.delete(kid); }
  }
  return { offsets, depths: bottoms.get(root) };
}

function merged(kids, top, offsets) {
  const found = [];
  for (const kid of kids) top.get(kid).forEach((value, depth) => { found[depth] = Math.min(found[depth] ?? Infinity, value + offsets.get(kid)); });
  return found;
}

/** Places of all boxes shown: trees below each other, those linked to nothing in rows at the end. */
function layOut() {
  const { forest, roots } = scene.now;
  const children = new Map();
  for (const id of scene.now.visible) children.set(id, scene.children(id));
  const heights = new Map([...scene.now.visible].map((id) => [id, boxOf(store.get(id)).height]));
  const isAlone = (id) => forest.size.get(id) === 1 && look.focus === null && store.get(id).type !== "major_claim";
  const nodes = [];
  let y = 0;
  for (const root of roots.filter((id) => !isAlone(id))) {
    const { offsets, depths } = place(root, children, heights);
    stand(root, children, offsets, y, heights, nodes);
    y += Math.max(...depths) + BOX.tree;
  }
  const alone = roots.filter(isAlone);
  const caption = alone.length && nodes.length ? { x: 0, y: y + 4, text: `Linked to nothing (${alone.length})` } : null;
  const across = Math.max(2, Math.round((Math.max(0, ...nodes.map((node) => node.x)) + BOX.width + BOX.column) / (BOX.width + BOX.column)));
  rows(alone, heights, caption ? y + 20 : y, Math.min(across, 6), nodes);
  const width = Math.max(0, ...nodes.map((node) => node.x + BOX.width)), height = Math.max(0, ...nodes.map((node) => node.y + node.height));
  return { nodes, byId: new Map(nodes.map((node) => [node.id, node])), width, height, caption };
}

function stand(root, children, offsets, y, heights, nodes) {
  const waiting = [[root, 0, y]];
  while (waiting.length) {
    const [id, depth, top] = waiting.pop();
    nodes.push({ id, x: depth * (BOX.width + BOX.column), y: top, height: heights.get(id) });
    for (const kid of [...children.get(id)].reverse()) waiting.push([kid, depth + 1, top + offsets.get(kid)]);
  }
}

function rows(ids, heights, y, across, nodes) {
  const bottoms = Array(across).fill(y);
  for (const id of ids) {
    const column = bottoms.indexOf(Math.min(...bottoms));
    nodes.push({ id, x: column * (BOX.width + BOX.gap * 2), y: bottoms[column], height: heights.get(id) });
    bottoms[column] += heights.get(id) + BOX.gap;
  }
}

/** Where the lines of a branch run: all reasons for a claim share one trunk, all against it another. */
function course(parent, child, con) {
  const from = parent.x + BOX.width, start = parent.y + BOX.hook + (con ? 16 : 0), end = child.y + BOX.hook;
  const bend = Math.min(9, Math.abs(end - start) / 2);
  return { from: from + 3, trunk: from + (con ? 40 : 26), start, end, bend, turn: Math.sign(end - start) * bend, to: child.x };
}

/** The trunk, from the claim down to where the last reason leaves it. */
function trunkPath(parent, last, con) {
  const { from, trunk, start, end, bend, turn } = course(parent, last, con);
  return bend < 1 ? `M${from} ${start}H${trunk}` : `M${from} ${start}H${trunk - bend}Q${trunk} ${start} ${trunk} ${start + turn}V${end - turn}`;
}

/** The short line from the trunk to a reason. */
function twigPath(parent, child, con) {
  const { trunk, end, bend, turn, to } = course(parent, child, con);
  return bend < 1 ? `M${trunk - 10} ${end}H${to}` : `M${trunk} ${end - turn}Q${trunk} ${end} ${trunk + bend} ${end}H${to}`;
}

/** The whole way from a claim to one of its reasons. */
const wholePath = (parent, child, con) => trunkPath(parent, child, con) + twigPath(parent, child, con).replace(/^M[-\d.]+ [-\d.]+/, "");

/** The line of a link that is not part of the tree. */
function extraPath(source, target) {
  const y1 = source.y + BOX.hook + 8, y2 = target.y + Math.min(target.height - 10, BOX.hook + 30);
  const x1 = source.x, x2 = target.x + BOX.width + 3;
  const bend = Math.max(50, Math.abs(x1 - x2) / 2.5);
  return `M${x2} ${y2}C${x2 + bend} ${y2} ${x1 - bend} ${y1} ${x1} ${y1}`;
}
