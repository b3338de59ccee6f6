// What the article says, for those who have just come: thesis, main reasons, strongest objection, what is feared, whose views.

const summary = (() => {
  const home = byId("summary");
  const MOST = 3;

  const quoted = (part, ...before) => make("li", {}, ...before, claimLink(part, bodyText(part), { title: flat(part.text) }));
  const remark = (text) => (text ? make("small", { text: `${text} ` }) : "");
  const cell = (title, name, ...content) => make("section", { class: `cell ${name}` }, make("h2", { text: title }), ...content.filter(Boolean));
  const listed = (items, none) => (items.length ? make("ul", {}, ...items) : make("p", { class: "hint", text: none }));
  const sure = (value) => (given.model && value < 1 ? `${percent(value)} sure` : "");

  function thesis() {
    const found = store.components.filter((part) => part.type === "major_claim").sort((a, b) => b.probability - a.probability).slice(0, 2);
    if (!found.length) return cell("Thesis", "thesis", make("p", { class: "none", text: "No thesis was found." }), make("p", { class: "hint", text: "The article may leave it unsaid, or it was not recognized. The largest branches of its argument follow." }));
    const title = ["Thesis", sure(found[0].probability)].filter(Boolean).join(", ");
    return cell(title, "thesis", make("ul", {}, ...found.map((part) => quoted(part, remark(isOther(part) ? `${holderOf(part)}:` : "")))));
  }

  /** What is said for the thesis, that with the most behind it first; without a thesis, what has the most behind it. */
  function reasons(forest) {
    const theses = forest.roots.filter((id) => store.get(id).type === "major_claim");
    const pool = theses.length
      ? theses.flatMap((id) => forest.children.get(id)).filter((id) => !isCon(forest.parent.get(id).type))
      : forest.roots.filter((id) => forest.size.get(id) > 1);
    const best = [...pool].sort((a, b) => forest.size.get(b) - forest.size.get(a) || store.get(b).probability - store.get(a).probability);
    const items = best.slice(0, MOST).map((id) => quoted(store.get(id), remark(isOther(store.get(id)) ? `${holderOf(store.get(id))}:` : "")));
    return cell(theses.length ? "Main reasons" : "Main points", "reasons", listed(items, theses.length ? "None is linked to the thesis with certainty." : "None found."), more(best.length - MOST, "outline"));
  }

  const more = (count, view) => (count > 0 ? button(`${count} more`, () => showView(view), { class: "plain" }) : "");

  /** Whether a component speaks for (1) or against (-1) what stands at the root of its tree. */
  function side(id, forest) {
    let sign = 1;
    for (let link = forest.parent.get(id); link; link = forest.parent.get(link.target)) if (isCon(link.type)) sign = -sign;
    return sign;
  }

  function objections(forest) {
    const weight = (id) => {
      const link = forest.parent.get(id), root = ancestors(id, forest.parent).at(-1);
      const central = store.get(root).type === "major_claim" ? 2 : 1;
      return central * link.probability * (1 + Math.log(forest.size.get(id))) / ancestors(id, forest.parent).length;
    };
    return [...forest.parent].filter(([id, link]) => isCon(link.type) && side(id, forest) < 0).map(([id]) => id).sort((a, b) => weight(b) - weight(a));
  }

  function objection(forest) {
    const [id] = objections(forest);
    if (id === undefined) return cell("Strongest objection", "objection", make("p", { class: "hint", text: "None was found, neither raised by the author nor reported." }));
    const answers = forest.children.get(id).filter((child) => isCon(forest.parent.get(child).type)).map((child) => store.get(child));
    const against = make("p", { class: "answer hint" }, "against: ", claimLink(store.get(forest.parent.get(id).target), bodyText(store.get(forest.parent.get(id).target))));
    const answer = answers.length ? make("p", { class: "answer hint" }, "answered by: ", claimLink(answers[0], bodyText(answers[0]))) : make("p", { class: "hint", text: "left standing" });
    return cell("Strongest objection", "objection", make("ul", {}, quoted(store.get(id), remark(isOther(store.get(id)) ? `${holderOf(store.get(id))}:` : ""))), against, answer);
  }

  function fears() {
    const weight = (part) => (part.risk_probability ?? 1) * part.probability;
    const risks = store.components.filter((part) => part.risk).sort((a, b) => weight(b) - weight(a));
    const items = risks.slice(0, MOST).map((part) => quoted(part, remark(`${holderOf(part)}:`)));
    const rest = risks.length > MOST ? button(`all ${risks.length}`, () => { change({ onlyRisks: true }); showView("outline"); }, { class: "plain" }) : "";
    return cell("What is feared", "fears", listed(items, "No risk was found."), rest);
  }

  function views() {
    const holders = new Map();
    for (const part of store.components) if (isOther(part)) holders.set(sourceOf(part), [...(holders.get(sourceOf(part)) || []), part]);
    const unnamed = ([name]) => name === "another";
    const ranked = [...holders].sort((a, b) => unnamed(a) - unnamed(b) || b[1].length - a[1].length || a[1][0].start - b[1][0].start);
    const items = ranked.slice(0, 5).map(([name, parts]) => make("li", {}, claimLink(parts[0], unnamed([name]) ? "others, not named" : name), make("small", { text: ` ${parts.length}` })));
    const rest = ranked.length > 5 ? make("small", { text: `and ${ranked.length - 5} more, under Show` }) : "";
    return cell("Whose views are reported", "views", listed(items, "Nobody’s but the author’s."), rest);
  }

  function redraw() {
    const forest = growForest(store.components, store.relations.filter((link) => !isUncertain(link)));
    home.replaceChildren(thesis(), reasons(forest), objection(forest), fears(), views());
    const risks = store.components.filter((part) => part.risk).length;
    byId("counts").textContent = [counted(store.components.length, "component"), counted(store.relations.length, "relation"), counted(risks, "risk")].join(" · ");
  }

  on("map", redraw);
  on("look", redraw);
  return { redraw };
})();
