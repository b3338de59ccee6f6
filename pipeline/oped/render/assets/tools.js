// Small helpers of the page: elements, words, time.

/** An element; text and attributes are set as such, so that nothing from the article is ever read as markup. */
function fill(element, { text, data, on, ...attributes }, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  if (text !== undefined) element.textContent = text;
  Object.assign(element.dataset, data || {});
  for (const [name, action] of Object.entries(on || {})) element.addEventListener(name, action);
  element.append(...children);
  return element;
}

const make = (tag, options = {}, ...children) => fill(document.createElement(tag), options, children);
const draw = (tag, options = {}, ...children) => fill(document.createElementNS("http://www.w3.org/2000/svg", tag), options, children);
const byId = (id) => document.getElementById(id);
const all = (selector, home = document) => Array.from(home.querySelectorAll(selector));

const button = (text, click, options = {}) => make("button", { type: "button", text, on: { click }, ...options });
const percent = (value) => `${Math.round(100 * value)} %`;
const counted = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
const flat = (text) => text.split(/\s+/).filter(Boolean).join(" ");
const shortened = (text, most) => (text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text);

const TYPE_NAMES = { major_claim: "Major claim", claim: "Claim", premise: "Premise" };
const typeName = (type) => TYPE_NAMES[type] || type.replaceAll("_", " ");
const typeClass = (type) => `type-${type.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "-")}`;
const isCon = (type) => /attack|against|^con$|contest|disagree|^reb|^und/i.test(type);
const isOther = (part) => Boolean(part.attribution) && part.attribution.holder === "other";
const holderOf = (part) => (isOther(part) ? part.attribution.name || "another" : "the author");
const sourceKey = (part) => (isOther(part) ? `=${sourceOf(part)}` : "author");

/** Whose view a component is, under the fullest name in the article: "Ruiz" and "President Ruiz" are Ana Ruiz. */
const sourceOf = (() => {
  const mentions = new Map();
  const bare = (name) => flat(name).replace(/^(?:the|an?)\s+/i, "").replace(/['’]s?$/, "");
  const known = () => {
    if (mentions.size) return mentions;
    for (const entity of given.entities || []) {
      const form = bare(entity.text);
      if (!mentions.has(form)) mentions.set(form, []);
      mentions.get(form).push(entity);
    }
    return mentions;
  };

  return (part) => {
    const name = holderOf(part), words = bare(name).split(" ");
    for (let titles = 0; titles < words.length; titles += 1) {
      if (titles && !/^\p{Lu}/u.test(words[titles - 1])) break;
      const found = (known().get(words.slice(titles).join(" ")) || []).filter((entity) => !titles || entity.label === "PERSON");
      const away = (entity) => Math.abs(entity.start - part.start);
      if (found.length) return found.reduce((best, entity) => (away(entity) < away(best) ? entity : best)).name;
    }
    return name;
  };
})();
const isRightToLeft = (text) => /^[^\p{L}]*[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}]/u.test(text);

/** A link to a claim in this page. */
const claimLink = (part, text, options = {}) => make("a", { href: `#${encodeURIComponent(part.id)}`, text, dir: "auto", data: { id: part.id }, ...options });

const pause = () => new Promise((resolve) => { setTimeout(resolve); });

/** Do something with each item, letting the reader's own doings in between. */
async function inChunks(items, work, still = () => true) {
  let began = performance.now();
  for (const item of items) {
    if (!still()) return false;
    work(item);
    if (performance.now() - began > 12) {
      await pause();
      began = performance.now();
    }
  }
  return still();
}

/** Who wants to know what happened: "map" (the map was changed), "look" (what is shown), "select". */
const listeners = {};
const on = (event, listener) => { (listeners[event] ||= []).push(listener); };
const emit = (event, ...details) => { for (const listener of listeners[event] || []) listener(...details); };

function tell(message) { byId("told").textContent = message; }
