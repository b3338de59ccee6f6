// `#c7` in the address opens a claim; back and forward lead through the claims that were opened.

/** Choose a claim and put it into the address. */
function visit(id, from = "") {
  select(id, from);
  if (id === null || idInAddress() === id) return;
  try {
    window.location.hash = encodeURIComponent(id);
  } catch {
    // A page inside another may have no address of its own.
  }
}

function idInAddress() {
  try {
    return decodeURIComponent(window.location.hash.slice(1)) || null;
  } catch {
    return null;
  }
}

function openAddress() {
  const id = idInAddress();
  if (id === look.selected) return;
  if (id === null || store.has(id)) select(id, "address");
}

function addressOf(id) { return `${window.location.href.split("#")[0]}#${encodeURIComponent(id)}`; }

async function copyLink(id) {
  const address = addressOf(id);
  try {
    await navigator.clipboard.writeText(address);
    tell("Copied.");
  } catch {
    const field = byId("address");
    field.value = address;
    byId("address-dialog").showModal();
    field.select();
  }
}

window.addEventListener("hashchange", openAddress);
