// The chosen claim, in a sheet from below: its words, whose view it is, what it bears on and what bears on it.

const sheet = (() => {
  const home = byId("sheet"), content = byId("sheet-content");

  function facts(part) {
    const known = given.model && part.probability < 1 ? `${percent(part.probability)} sure` : "";
    const items = [
      make("span", { class: `chip ${typeClass(part.type)}`, text: typeName(part.type) }),
      make("span", { class: "who", text: isOther(part) ? `view of ${holderOf(part)}` : "the author’s view" }),
    ];
    if (part.risk) items.push(make("span", { class: "warn", text: `⚠ risk${part.risk_probability && part.risk_probability < 1 ? `, ${percent(part.risk_probability)} sure` : ""}` }));
    if (known) items.push(make("span", { class: "hint", text: known }));
    return make("p", { class: "facts" }, ...items);
  }

  function linkRow(link, other) {
    const part = store.get(other), sureness = link.probability < 1 ? ` ${percent(link.probability)} sure` : "";
    return make("li", { class: isUncertain(link) ? "uncertain" : "" }, claimLink(part, bodyText(part)), make("small", { text: sureness }));
  }

  function links(id) {
    const seen = (link) => look.showUncertain || !isUncertain(link);
    const [out, into] = [store.out(id).filter(seen), store.into(id).filter(seen)];
    const groups = [
      ["Supports", out.filter((link) => !isCon(link.type)), "target", "pro"],
      ["Speaks against", out.filter((link) => isCon(link.type)), "target", "con"],
      ["Because", into.filter((link) => !isCon(link.type)), "source", "pro"],
      ["Against it", into.filter((link) => isCon(link.type)), "source", "con"],
    ];
    const shown = groups.filter(([, found]) => found.length), hidden = store.out(id).length + store.into(id).length - out.length - into.length;
    const rest = hidden ? [button(`${counted(hidden, "uncertain link")} hidden`, () => change({ showUncertain: true }), { class: "plain" })] : [];
    if (!shown.length) return [make("p", { class: "hint", text: hidden ? "It is linked to nothing with certainty." : "It bears on nothing, and nothing on it." }), ...rest];
    return [...shown.map(([title, found, end, kind]) => make("section", { class: kind }, make("h2", { text: title }), make("ul", {}, ...found.slice(0, 40).map((link) => linkRow(link, link[end]))))), ...rest];
  }

  function actions(id) {
    const focused = look.focus === id;
    const items = [
      button(focused ? "Whole map" : "Only this claim", () => change({ focus: focused ? null : id }), { "aria-pressed": String(focused) }),
      button("Walk from here", () => showView("walk")),
      button("Copy link", () => copyLink(id)),
    ];
    if (scene.now.below.has(id)) items.splice(1, 0, button(foldedHere().has(id) ? "Unfold" : "Fold", () => fold(id)));
    if (narrow.matches) items.unshift(...[["text", "In the text"], ["map", "In the map"]].filter(([name]) => name !== look.view).map(([name, text]) => button(text, () => showView(name))));
    return make("div", { class: "actions" }, ...items);
  }

  function redraw() {
    const part = look.selected === null ? undefined : store.get(look.selected);
    home.hidden = !part || (look.view === "walk" && !look.correcting);
    if (!home.hidden) {
      const kept = document.activeElement?.dataset?.keep;
      const held = content.scrollTop, words = make("p", { class: "statement", dir: "auto", text: flat(part.text) });
      const gist = part.gist ? [make("p", { class: "gist", dir: "auto", text: part.gist })] : [];
      content.replaceChildren(
        make("div", { class: "about" }, facts(part), ...gist, words, actions(part.id), ...(look.correcting ? [editing.form(part)] : [])),
        make("div", { class: "links" }, ...(look.correcting ? editing.links(part) : links(part.id))),
      );
      content.scrollTop = home.dataset.shown === part.id ? held : 0;
      home.dataset.shown = part.id;
      // Who corrects by keyboard stays at the control that was used.
      if (kept) (all("[data-keep]", content).find((element) => element.dataset.keep === kept && !element.disabled) || content).focus({ preventScroll: true });
    }
    camera.cover(home.hidden || !home.offsetParent ? 0 : home.offsetHeight);
  }

  byId("sheet-close").addEventListener("click", () => visit(null));
  on("select", redraw);
  on("look", redraw);
  on("map", redraw);
  on("view", redraw);
  return { redraw };
})();
