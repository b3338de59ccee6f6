// Boxes and lines of the map as SVG elements; the page, the saved picture and the print show the same ones.

function nodeLabel(part) {
  const who = isOther(part) ? `, view of ${holderOf(part)}` : "";
  return `${typeName(part.type)}${part.risk ? ", risk" : ""}${who}: ${bodyText(part)}`;
}

/** What stands above a statement: its type, and whose view it is, as far as there is room. */
function headLine(part) {
  if (!isOther(part)) return typeName(part.type);
  const font = `600 12px ${FONT}`;
  const room = BOX.width - 2 * BOX.inset - (part.risk ? 58 : 0);
  let name = `${typeName(part.type)} · ${holderOf(part)}`;
  if (measure(name, font) <= room) return name;
  while (name.length > 12 && measure(`${name}…`, font) > room) name = name.slice(0, -1);
  return `${name.trimEnd()}…`;
}

function drawNode(node) {
  const part = store.get(node.id), box = boxOf(part), turned = isRightToLeft(box.text);
  const x = turned ? BOX.width - BOX.inset : BOX.inset;
  const classes = ["node", typeClass(part.type), part.risk && "risk", isOther(part) && "reported", !scene.now.matches.has(part.id) && "context"];
  const lines = box.lines.map((line, number) => draw("tspan", { x, y: BOX.head + 13 + number * BOX.line, text: line }));
  return draw(
    "g",
    { class: classes.filter(Boolean).join(" "), transform: `translate(${node.x} ${node.y})`, role: "button", tabindex: "-1", "aria-label": nodeLabel(part), data: { id: part.id } },
    draw("rect", { class: "box", width: BOX.width, height: node.height, rx: 7 }),
    draw("path", { class: "edge", d: `M3.5 8V${node.height - 8}` }),
    draw("text", { class: "kind", x: BOX.inset, y: BOX.hook + 4, text: headLine(part) }),
    ...(part.risk ? [draw("text", { class: "warn", x: BOX.width - BOX.inset, y: BOX.hook + 4, "text-anchor": "end", text: "⚠ risk" })] : []),
    draw("text", { class: "words", direction: turned ? "rtl" : undefined }, ...lines),
  );
}

/** The line between a box and the trunk of what it bears on; brought out, it runs all the way. */
function drawTreeLink(link, layout) {
  const child = layout.byId.get(link.source), parent = layout.byId.get(link.target), con = isCon(link.type);
  const classes = `link ${con ? "attack" : "support"}${isUncertain(link) ? " uncertain" : ""}`;
  const ways = { twig: twigPath(parent, child, con), whole: wholePath(parent, child, con) };
  return draw("path", { class: classes, d: ways.twig, "stroke-opacity": strength(link), data: { ...ends(link), ...ways } }, linkTitle(link));
}

/** The trunks of all claims: one for what supports it, one for what attacks it. */
function drawTrunks(layout) {
  const groups = new Map();
  for (const node of layout.nodes) {
    const up = scene.now.forest.parent.get(node.id);
    if (!up || !layout.byId.has(up.target)) continue;
    const key = `${isCon(up.type)} ${up.target}`;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(up);
  }
  return [...groups.values()].map((links) => {
    const con = isCon(links[0].type), parent = layout.byId.get(links[0].target);
    const last = links.map((link) => layout.byId.get(link.source)).reduce((a, b) => (b.y > a.y ? b : a));
    const surest = links.reduce((a, b) => (b.probability > a.probability ? b : a));
    // Dashes of a very long line would cost more to draw than all the rest.
    const kind = con ? "attack" : "support", long = last.y - parent.y > 4000 ? " long" : "";
    return draw("path", { class: `trunk ${kind}${long}${isUncertain(surest) ? " uncertain" : ""}`, d: trunkPath(parent, last, con), "stroke-opacity": strength(surest), "marker-start": `url(#end-${kind})` });
  });
}

function drawExtraLink(link, layout) {
  const con = isCon(link.type);
  const classes = `link extra ${con ? "attack" : "support"}${isUncertain(link) ? " uncertain" : ""}`;
  const path = extraPath(layout.byId.get(link.source), layout.byId.get(link.target));
  return draw("path", { class: classes, d: path, "stroke-opacity": strength(link), "marker-start": `url(#end-${con ? "attack" : "support"})`, data: ends(link) }, linkTitle(link));
}

const strength = (link) => (0.45 + 0.55 * link.probability).toFixed(2);
const ends = (link) => ({ link: link.id, source: link.source, target: link.target });
const linkTitle = (link) => draw("title", { text: `${link.type}, ${percent(link.probability)} sure` });

/** Plus or minus at the left edge of a box that bears on another. */
function drawBadge(node, link) {
  const con = isCon(link.type);
  return draw(
    "g",
    { class: `badge ${con ? "attack" : "support"}${isUncertain(link) ? " uncertain" : ""}`, transform: `translate(${node.x} ${node.y + BOX.hook})`, "aria-hidden": "true" },
    draw("circle", { r: 8.5 }),
    draw("path", { d: con ? "M-4 0H4" : "M-4 0H4M0 -4V4" }),
  );
}

/** The handle that folds the branch of a box away, or shows how many are folded. */
function drawFold(node) {
  const folded = look.collapsed.has(node.id), count = scene.now.below.get(node.id);
  const label = `${folded ? "Unfold" : "Fold"} ${count} below: ${shortened(bodyText(store.get(node.id)), 60)}`;
  const text = folded ? `+${count}` : "–";
  const width = folded ? 16 + 8 * text.length : 20;
  return draw(
    "g",
    { class: `fold${folded ? " folded" : ""}`, transform: `translate(${node.x + BOX.width} ${node.y + node.height - 13})`, role: "button", tabindex: "-1", "aria-label": label, data: { fold: node.id } },
    draw("rect", { x: -width / 2, y: -10, width, height: 20, rx: 10 }),
    draw("text", { y: 4.5, "text-anchor": "middle", text }),
  );
}

/** The ends of lines: an arrow where one supports, a bar where one attacks. */
function drawMarkers() {
  const marker = (id, box, content) => draw("marker", { id, viewBox: "0 0 12 12", refX: 1, refY: 6, markerWidth: box, markerHeight: box, markerUnits: "userSpaceOnUse", orient: "auto" }, content);
  return draw(
    "defs",
    {},
    marker("end-support", 12, draw("path", { class: "arrow support", d: "M1 6L10 1.5V10.5z" })),
    marker("end-attack", 14, draw("path", { class: "arrow attack", d: "M2.5 1.5V10.5" })),
  );
}

/** What a link is drawn from when correcting: plus to support, minus to attack. */
function drawHandles(node) {
  const handle = (type, x) => draw(
    "g",
    { class: `handle ${type}`, transform: `translate(${x} 0)`, "aria-hidden": "true", data: { linkHandle: type, source: node.id } },
    draw("circle", { r: 10 }),
    draw("path", { d: type === "attack" ? "M-4.5 0H4.5" : "M-4.5 0H4.5M0 -4.5V4.5" }),
    draw("title", { text: `Drag to what this ${type}s` }),
  );
  return draw("g", { transform: `translate(${node.x} ${node.y + node.height})` }, handle("support", 22), handle("attack", 46));
}
