// Find in the article: counts, scrolls to and steps through what was found, and shows its claim in the map.

const finder = (() => {
  const field = byId("search"), count = byId("found");
  let ranges = [], at = -1;
  const paints = typeof Highlight === "function" && CSS.highlights;

  /** Ranges of the words in a block, over all its pieces. */
  function rangesIn(block, words) {
    const text = block.element.textContent.toLowerCase(), found = [];
    if (!text.includes(words)) return found;
    const walker = document.createTreeWalker(block.element, NodeFilter.SHOW_TEXT), pieces = [];
    for (let node = walker.nextNode(), start = 0; node; node = walker.nextNode()) { pieces.push({ node, start }); start += node.length; }
    const locate = (place, ending) => {
      const piece = pieces.findLast((one) => (ending ? one.start < place : one.start <= place));
      return [piece.node, Math.min(place - piece.start, piece.node.length)];
    };
    for (let place = text.indexOf(words); place >= 0 && found.length < 5000; place = text.indexOf(words, place + words.length)) {
      const range = document.createRange();
      range.setStart(...locate(place, false));
      range.setEnd(...locate(place + words.length, true));
      found.push(range);
    }
    return found;
  }

  function search() {
    const words = field.value.trim().toLowerCase();
    ranges = words ? textPane.blocks.flatMap((block) => rangesIn(block, words)) : [];
    at = -1;
    if (paints) {
      CSS.highlights.set("found", new Highlight(...ranges));
      CSS.highlights.delete("found-here");
    }
    report();
    if (ranges.length) step(1, false);
  }

  function report() {
    const words = field.value.trim();
    count.textContent = !words ? "" : ranges.length ? `${at + 1} of ${ranges.length.toLocaleString("en")}` : "none found";
    for (const name of ["find-next", "find-before"]) byId(name).disabled = ranges.length < 1;
  }

  function step(by, follow = true) {
    if (!ranges.length) return;
    at = (at + by + ranges.length) % ranges.length;
    const range = ranges[at];
    if (follow && narrow.matches && look.view !== "text") showView("text");
    const mark = (range.startContainer.parentElement).closest(".component");
    textPane.scrollTo(range);
    if (paints) CSS.highlights.set("found-here", new Highlight(range));
    if (follow && mark) select(mark.dataset.id, "text");
    else if (mark) mapView.highlight(mark.dataset.id);
    report();
  }

  field.addEventListener("input", search);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); step(event.shiftKey ? -1 : 1); }
    if (event.key === "Escape") { field.value = ""; search(); field.blur(); event.stopPropagation(); }
  });
  byId("find-next").addEventListener("click", () => step(1));
  byId("find-before").addEventListener("click", () => step(-1));
  on("map", () => { if (field.value.trim()) search(); });
  report();
  return { search };
})();
