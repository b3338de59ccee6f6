// The map as it stands, and how it came to be so: every change can be undone and done again.

const given = JSON.parse(byId("data").textContent);

const store = (() => {
  let state = { components: given.components, relations: given.relations };
  let saved = state, index = null;
  const past = [], future = [];

  /** Components by id, and the relations that leave and reach each. */
  function indexed() {
    if (index) return index;
    index = { parts: new Map(), order: new Map(), out: new Map(), into: new Map() };
    state.components.forEach((part, place) => {
      index.parts.set(part.id, part);
      index.order.set(part.id, place);
      index.out.set(part.id, []);
      index.into.set(part.id, []);
    });
    for (const link of state.relations) {
      index.out.get(link.source).push(link);
      index.into.get(link.target).push(link);
    }
    return index;
  }

  function become(next) {
    const before = state;
    state = next;
    index = null;
    emit("map", before);
  }

  return {
    get components() { return state.components; },
    get relations() { return state.relations; },
    get changed() { return state !== saved; },
    get canUndo() { return past.length > 0; },
    get canRedo() { return future.length > 0; },
    get: (id) => indexed().parts.get(id),
    has: (id) => indexed().parts.has(id),
    place: (id) => indexed().order.get(id),
    out: (id) => indexed().out.get(id) || [],
    into: (id) => indexed().into.get(id) || [],
    /** Take over a changed state, in order of appearance; the one before can be had again. */
    commit(next) {
      past.push(state);
      future.length = 0;
      const components = [...(next.components || state.components)].sort((a, b) => a.start - b.start || a.end - b.end);
      become({ components, relations: next.relations || state.relations });
    },
    undo() {
      if (!past.length) return;
      future.push(state);
      become(past.pop());
    },
    redo() {
      if (!future.length) return;
      past.push(state);
      become(future.pop());
    },
    markSaved() { saved = state; },
  };
})();
