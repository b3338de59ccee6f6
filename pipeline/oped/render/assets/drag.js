// Drawing a link in the map: from the plus or minus of one box to another box.

(() => {
  const svg = byId("map");
  let line = null, from = null, type = null;

  const start = () => {
    const node = mapView.layout.byId.get(from);
    return { x: node.x + (type === "attack" ? 46 : 22), y: node.y + node.height };
  };
  const place = (event) => {
    const local = camera.local(event), { x, y, scale } = camera.at;
    return { x: (local.x - x) / scale, y: (local.y - y) / scale };
  };
  const boxAt = (event) => document.elementFromPoint(event.clientX, event.clientY)?.closest("#map .node");

  svg.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-link-handle]");
    if (!handle) return;
    event.preventDefault();
    [from, type] = [handle.dataset.source, handle.dataset.linkHandle];
    line = draw("path", { class: `link drawing ${type}` });
    byId("badges").append(line);
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    if (!line) return;
    const a = start(), b = place(event);
    line.setAttribute("d", `M${a.x} ${a.y}L${b.x} ${b.y}`);
    for (const node of all(".node.target", svg)) node.classList.remove("target");
    const over = boxAt(event);
    if (over && over.dataset.id !== from) over.classList.add("target");
  });
  svg.addEventListener("pointerup", (event) => {
    if (!line) return;
    const over = boxAt(event);
    line.remove();
    line = null;
    if (over && over.dataset.id !== from) correction.link(from, over.dataset.id, type);
  });
  svg.addEventListener("pointercancel", () => { line?.remove(); line = null; });
})();
