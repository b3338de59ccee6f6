// What can be taken away: the corrected map, the picture, the outline, the page on paper.

const takeAway = (() => {
  const PROPERTIES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "opacity", "font-size", "font-weight", "font-style", "font-family", "text-anchor"];
  const MARGIN = 24, TITLE = 46, MOST_TREES = 60;

  const fileName = (ending) => `${given.article.id.replace(/[^\p{L}\p{N}._-]+/gu, "-") || "map"}.${ending}`;

  function download(name, blob) {
    const file = make("a", { href: URL.createObjectURL(blob), download: name });
    file.click();
    setTimeout(() => URL.revokeObjectURL(file.href), 10_000);
  }

  /** The map as it now is; made by hand from what a model said. */
  function corrected() {
    const names = new Map(store.components.map((part, place) => [part.id, `c${place + 1}`]));
    const made = given.model ? { corrected_from: `${given.model.name} ${given.model.version}` } : {};
    const inside = (part) => given.entities.filter((one) => part.start <= one.start && one.end <= part.end).map((one) => one.id);
    return {
      ...given,
      model: null,
      article: { ...given.article, extra: { ...(given.article.extra || {}), ...made } },
      components: store.components.map((part) => ({ ...part, id: names.get(part.id), entities: inside(part) })),
      relations: store.relations.map((link, place) => ({ ...link, id: `r${place + 1}`, source: names.get(link.source), target: names.get(link.target) })),
    };
  }

  function save() {
    download(fileName("corrected.json"), new Blob([JSON.stringify(corrected(), null, 1)], { type: "application/json" }));
    store.markSaved();
    editing.bar();
  }

  /** Everything that is shown, drawn whole with its colours in it. */
  function picture(headline) {
    const layout = layOut(), above = headline ? TITLE : 0;
    const width = Math.ceil(layout.width + 2 * MARGIN), height = Math.ceil(layout.height + 2 * MARGIN + above);
    const links = draw("g"), nodes = draw("g"), badges = draw("g");
    for (const node of layout.nodes) {
      const up = scene.now.forest.parent.get(node.id);
      nodes.append(drawNode(node));
      if (up && layout.byId.has(up.target)) { links.append(drawTreeLink(up, layout)); badges.append(drawBadge(node, up)); }
      if (look.collapsed.has(node.id) && scene.now.below.has(node.id)) badges.append(drawFold(node));
    }
    links.prepend(...drawTrunks(layout));
    for (const link of scene.now.forest.extra) if (layout.byId.has(link.source) && layout.byId.has(link.target)) links.append(drawExtraLink(link, layout));
    if (layout.caption) badges.append(draw("text", { class: "caption", x: layout.caption.x, y: layout.caption.y, text: layout.caption.text }));
    const made = draw("svg", { xmlns: "http://www.w3.org/2000/svg", class: "picture", width, height, viewBox: `0 0 ${width} ${height}` },
      drawMarkers(),
      draw("rect", { class: "ground", width, height }),
      draw("text", { class: "headline", x: MARGIN, y: MARGIN + 14, text: shortened(headline, Math.max(40, Math.floor(width / 9))) }),
      draw("g", { transform: `translate(${MARGIN} ${MARGIN + above})` }, links, nodes, badges));
    dress(made);
    return made;
  }

  /** Write what the page's style gives into the picture itself; it is drawn in light colours. */
  function dress(made) {
    document.body.append(made);
    for (const element of all("*", made)) {
      if (element.tagName === "defs" || element.tagName === "g" || element.tagName === "title") continue;
      const style = getComputedStyle(element);
      const words = element.tagName === "text" || element.tagName === "tspan";
      for (const name of PROPERTIES) {
        if (words || !/^(font|text)/.test(name)) element.setAttribute(name, style.getPropertyValue(name));
      }
    }
    for (const element of all("[class], [tabindex], [role]", made)) for (const name of ["class", "tabindex", "role", "aria-label", "aria-hidden"]) element.removeAttribute(name);
    for (const path of all("[data-whole]", made)) for (const name of ["whole", "twig"]) delete path.dataset[name];
    made.removeAttribute("class");
    made.remove();
  }

  const headline = () => [given.article.title, given.article.authors.join(", ")].filter(Boolean).join(" · ") || "Argument map";
  const svgText = () => `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(picture(headline()))}\n`;

  async function png() {
    const text = svgText(), [, width, height] = text.match(/width="(\d+)" height="(\d+)"/).map(Number);
    const scale = Math.min(2, 16_000 / Math.max(width, height), Math.sqrt(120e6 / (width * height)));
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = make("canvas", { width: Math.floor(width * scale), height: Math.floor(height * scale) });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => (blob ? download(fileName("png"), blob) : tell("The map is too large for a PNG: take the SVG.")));
  }

  /** The outline as Markdown: pro and con indented below each claim. */
  function markdown() {
    const { forest, roots, listed } = scene.now, escaped = (text) => text.replace(/([\\`*_{}[\]<>#|])/g, "\\$1");
    const lines = [`# ${escaped(given.article.title || "Argument map")}`, ""];
    const waiting = [...roots].reverse().map((id) => [id, 0]);
    while (waiting.length) {
      const [id, depth] = waiting.pop(), part = store.get(id), up = depth ? forest.parent.get(id) : undefined;
      if (!listed.has(id)) continue;
      const sign = up ? `**${isCon(up.type) ? "Con" : "Pro"}:** ` : part.type === "major_claim" ? "**Thesis:** " : "";
      const remarks = [part.risk && "risk", isOther(part) && escaped(holderOf(part))].filter(Boolean).join(", ");
      lines.push(`${"  ".repeat(depth)}- ${sign}${escaped(bodyText(part))}${remarks ? ` *(${remarks})*` : ""}`);
      waiting.push(...[...forest.children.get(id)].reverse().map((child) => [child, depth + 1]));
    }
    return `${lines.join("\n")}\n`;
  }

  /** On paper: each tree of the map as a picture of its own, so that its words can be read. */
  function onPaper(printing) {
    look.printing = printing;
    all("body > .paper").forEach((made) => made.remove());
    if (!printing) return;
    const { focus, collapsed, closed } = look, last = document.querySelector("main");
    Object.assign(look, { collapsed: new Set(), closed: new Set() });
    scene.forget();
    outline.redraw();
    const { roots, below } = scene.now;
    for (const root of roots.filter((id) => below.has(id)).slice(0, MOST_TREES).reverse()) {
      look.focus = root;
      scene.forget();
      const made = picture("");
      fill(made, { class: "picture paper", role: "img", "aria-label": `Map: ${bodyText(store.get(root))}` }, []);
      last.after(made);
    }
    Object.assign(look, { focus, collapsed, closed });
    scene.forget();
  }

  window.addEventListener("beforeprint", () => onPaper(true));
  window.addEventListener("afterprint", () => onPaper(false));
  byId("save").addEventListener("click", save);
  byId("take-json").addEventListener("click", save);
  byId("take-svg").addEventListener("click", () => download(fileName("svg"), new Blob([svgText()], { type: "image/svg+xml" })));
  byId("take-png").addEventListener("click", () => png().catch(() => tell("The picture could not be made: take the SVG.")));
  byId("take-outline").addEventListener("click", () => download(fileName("md"), new Blob([markdown()], { type: "text/markdown" })));
  byId("take-print").addEventListener("click", () => window.print());
  return { svgText, markdown, corrected };
})();
