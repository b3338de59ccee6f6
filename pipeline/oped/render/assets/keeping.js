// A service that keeps the map: corrections are saved into its library, and the machine's map can be had back.

const keeping = (() => {
  const { save, restore } = document.body.dataset;
  if (!save) return {};
  let edition = document.body.dataset.edition;
  const keep = byId("keep");

  /** Why the service did not do what it was asked for, in its own words where it has some. */
  async function reasonOf(answer) {
    if (answer.status === 412) return "Not saved: the map was changed elsewhere. Save a copy, then load the page anew.";
    try {
      const { detail } = await answer.json();
      return `Not saved: ${typeof detail === "string" ? detail : answer.statusText}`;
    } catch {
      return `Not saved: ${answer.statusText || answer.status}`;
    }
  }

  async function send() {
    const sent = store.components, links = store.relations;
    const headers = { "content-type": "application/json", "if-match": `"${edition}"` };
    const answer = await fetch(save, { method: "PUT", headers, body: JSON.stringify(takeAway.corrected()) });
    if (!answer.ok) { tell(await reasonOf(answer)); return; }
    edition = (answer.headers.get("etag") || "").replaceAll('"', "");
    byId("restore").hidden = false;
    // What was changed while the map travelled is not saved yet.
    if (store.components === sent && store.relations === links) store.markSaved();
    editing.bar();
    tell("Saved into the library.");
  }

  async function giveBack() {
    if (!window.confirm("Forget all corrections of this map, also the saved ones?")) return;
    const answer = await fetch(restore, { method: "DELETE" });
    if (!answer.ok) { tell(await reasonOf(answer)); return; }
    store.markSaved();
    window.location.reload();
  }

  const doing = (control, work) => async () => {
    control.disabled = true;
    try {
      await work();
    } catch {
      tell("The service does not answer. Your corrections are still here: save a copy, or try again.");
    }
    control.disabled = false;
  };

  keep.addEventListener("click", doing(keep, send));
  byId("restore").addEventListener("click", doing(byId("restore"), giveBack));
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s" && look.correcting) { event.preventDefault(); keep.click(); }
  });
  return { send };
})();
