// The controls with which a map is corrected, by mouse, finger or keyboard alone.

const editing = (() => {
  const types = [...new Set(["major_claim", "claim", "premise", ...given.components.map((part) => part.type)])];
  const linkTypes = [...new Set(["support", "attack", ...given.relations.map((link) => link.type)])];
  const dialog = byId("sentences");
  // A press on a button must leave the words that are selected in the article as they are.
  const hold = { mousedown: (event) => event.preventDefault() };

  const labelled = (label, input) => make("label", {}, `${label} `, input);
  const control = (keep, text, click, options = {}) => make("button", { type: "button", text, data: { keep }, on: { click, ...hold }, ...options });
  const choice = (keep, values, chosen, change, name, label) => {
    const made = make("select", { "aria-label": label, data: { keep }, on: { change: () => change(made.value) } }, ...values.map((value) => make("option", { value, text: name(value), selected: value === chosen })));
    return made;
  };

  function holder(part) {
    const names = [...new Set(store.components.filter(isOther).map(holderOf))];
    const input = make("input", { type: "text", placeholder: "the author", list: "holders", value: isOther(part) ? holderOf(part) : "", data: { keep: "holder" }, on: { change: () => correction.setHolder(part.id, input.value) } });
    return labelled("View of", make("span", {}, input, make("datalist", { id: "holders" }, ...names.map((value) => make("option", { value })))));
  }

  function edges(part) {
    const nudge = (end, by, text, label) => control(`${end}${by}`, text, () => correction.nudge(part.id, end, by), { "aria-label": label });
    return make("div", { class: "row" },
      make("span", { class: "hint", text: "Begins" }), nudge("start", -1, "◂", "Begin a word earlier"), nudge("start", 1, "▸", "Begin a word later"),
      make("span", { class: "hint", text: "Ends" }), nudge("end", -1, "◂", "End a word earlier"), nudge("end", 1, "▸", "End a word later"),
      control("span", "Set to selected words", () => correction.move(part.id, correction.chosenSpan())));
  }

  function splitter(part) {
    const gaps = correction.gaps(part);
    if (!gaps.length) return "";
    const text = flat(part.text), letters = Array.from(part.text);
    const best = gaps.findIndex((place) => place - part.start > letters.length / 3 && /[,;:–—]\s*$/.test(letters.slice(0, place - part.start).join("")));
    const range = make("input", { type: "range", min: 0, max: gaps.length - 1, value: best < 0 ? Math.floor(gaps.length / 2) : best, "aria-label": `Where to split: ${shortened(text, 40)}`, data: { keep: "split" }, on: { input: preview } });
    const shown = make("output", { class: "hint" });
    function preview() {
      const place = gaps[range.value] - part.start;
      shown.textContent = `…${letters.slice(Math.max(0, place - 28), place).join("")} | ${letters.slice(place, place + 28).join("")}…`;
    }
    preview();
    return make("details", { class: "split" }, make("summary", { text: "Split", data: { keep: "split-open" } }), make("div", { class: "row" }, range, shown, control("split-here", "Split here", () => correction.split(part.id, gaps[range.value]))));
  }

  /** The controls for a component. */
  function form(part) {
    const risk = make("input", { type: "checkbox", checked: Boolean(part.risk), data: { keep: "risk" }, on: { change: () => correction.update(part.id, { risk: risk.checked, risk_probability: Number(risk.checked) }) } });
    return make("div", { class: "correction", role: "group", "aria-label": "Correct this component" },
      make("div", { class: "row" }, labelled("Type", choice("type", types, part.type, (type) => correction.update(part.id, { type }), typeName)), labelled("Risk", risk), holder(part)),
      edges(part),
      make("div", { class: "row" },
        control("join", "Join with next", () => correction.join(part.id), { disabled: !correction.nextInBlock(part.id) }),
        control("delete", "Delete component", () => correction.remove(part.id)), splitter(part)));
  }

  function linkRow(link, other, direction) {
    return make("li", {},
      choice(`type-${link.id}`, linkTypes, link.type, (type) => correction.changeLink(link.id, type), (type) => (direction === "out" ? `${type} →` : `← ${type}`), `Kind of the link ${direction === "out" ? "to" : "from"} ${shortened(bodyText(store.get(other)), 40)}`),
      " ", claimLink(store.get(other), shortened(bodyText(store.get(other)), 90)), " ",
      control(`remove-${link.id}`, "Remove link", () => correction.unlink(link.id), { "aria-label": `Remove link: ${direction === "out" ? "to" : "from"} ${shortened(bodyText(store.get(other)), 40)}` }));
  }

  /** The links of a component, each to be changed or removed, and a way to add one. */
  function links(part) {
    const rows = [...store.out(part.id).map((link) => linkRow(link, link.target, "out")), ...store.into(part.id).map((link) => linkRow(link, link.source, "in"))];
    const others = store.components.filter((one) => one.id !== part.id);
    const type = make("select", { "aria-label": "Kind of link", data: { keep: "link-type" } }, ...linkTypes.map((value) => make("option", { value, text: `${value}s` })));
    const target = make("select", { "aria-label": "What it bears on", data: { keep: "link-target" } }, ...others.map((one) => make("option", { value: one.id, text: `${typeName(one.type)}: ${shortened(bodyText(one), 80)}` })));
    return [
      make("h2", { text: "Links" }),
      rows.length ? make("ul", { class: "edit-links" }, ...rows) : make("p", { class: "hint", text: "None." }),
      others.length ? make("div", { class: "row" }, make("span", { class: "hint", text: "This" }), type, target, control("link-add", "Add link", () => correction.link(part.id, target.value, type.value))) : "",
    ];
  }

  /** A new component from the selected words, or else from one of the sentences that hold none. */
  function add() {
    const span = correction.chosenSpan();
    if (span) { correction.add(span); return; }
    const list = byId("free-sentences");
    const sentences = correction.free();
    list.replaceChildren(...sentences.map((one, place) => make("option", { value: place, text: shortened(flat(one.text), 160) })));
    const after = look.selected === null ? 0 : sentences.findIndex((one) => one.start > store.get(look.selected).start);
    list.selectedIndex = Math.max(0, after);
    dialog.returnValue = "";
    dialog.onclose = () => { if (dialog.returnValue === "add" && sentences[list.value]) correction.add(sentences[list.value]); };
    dialog.showModal();
    list.focus();
  }

  byId("free-sentences").addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); dialog.close("add"); } });

  function bar() {
    byId("undo").disabled = !store.canUndo;
    byId("redo").disabled = !store.canRedo;
    (byId("keep") || byId("save")).classList.toggle("main", store.changed);
  }

  function toggle(correcting) {
    look.correcting = correcting;
    document.body.classList.toggle("correcting", correcting);
    byId("correct").setAttribute("aria-pressed", String(correcting));
    byId("correction-bar").hidden = !correcting;
    bar();
    change({});
  }

  byId("correct").addEventListener("click", () => toggle(!look.correcting));
  byId("add").addEventListener("mousedown", hold.mousedown);
  byId("add").addEventListener("click", add);
  byId("undo").addEventListener("click", store.undo);
  byId("redo").addEventListener("click", store.redo);
  on("map", () => {
    if (look.selected !== null && !store.has(look.selected)) select(null);
    bar();
  });
  window.addEventListener("beforeunload", (event) => { if (store.changed) event.preventDefault(); });
  return { form, links, bar };
})();
