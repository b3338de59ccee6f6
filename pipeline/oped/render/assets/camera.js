// Moving about in the map: drag, wheel and pinch, and what part of it is seen.

const camera = (() => {
  const home = byId("map-view"), svg = byId("map"), world = byId("world");
  const at = { x: 0, y: 0, scale: 1 };
  const LEAST = 0.08, MOST = 2.5, MARGIN = 24, BAR = 54;
  let size = { width: 0, height: 0 };
  let known = null;
  let covered = 0; // height of what lies over the lower part of the map

  /** Size of the view; asked of the page only when it has changed. */
  function room() {
    if (!known) {
      const now = { width: svg.clientWidth, height: svg.clientHeight };
      if (!now.width) return now;
      known = now;
    }
    return known;
  }
  new ResizeObserver(() => { known = null; }).observe(svg);

  /** Keep the drawing in sight: it may leave no more than half of the view empty. */
  function bound(place, length, view) {
    const seen = Math.min(length, view / 2);
    return Math.min(view - seen, Math.max(seen - length, place));
  }

  function apply() {
    const { width, height } = room();
    at.x = bound(at.x, size.width * at.scale, width);
    at.y = bound(at.y, size.height * at.scale, height);
    world.setAttribute("transform", `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)}) scale(${at.scale.toFixed(4)})`);
    emit("camera");
  }

  function moveBy(dx, dy) {
    const before = { ...at };
    at.x += dx;
    at.y += dy;
    apply();
    return before.x !== at.x || before.y !== at.y;
  }

  /** Zoom about a point of the view. */
  function zoom(factor, x = room().width / 2, y = room().height / 2) {
    const scale = Math.min(MOST, Math.max(LEAST, at.scale * factor));
    at.x = x - (x - at.x) * (scale / at.scale);
    at.y = y - (y - at.y) * (scale / at.scale);
    at.scale = scale;
    apply();
  }

  /** The opening view: full size, so that the words can be read, from the thesis on. */
  function open() {
    const { width } = room();
    Object.assign(at, { scale: 1, x: size.width + 2 * MARGIN < width ? (width - size.width) / 2 : MARGIN, y: BAR });
    apply();
  }

  function whole() {
    const { width, height } = room();
    const scale = Math.min(1, (width - 2 * MARGIN) / Math.max(1, size.width), (height - BAR - MARGIN) / Math.max(1, size.height));
    Object.assign(at, { scale: Math.max(LEAST, scale), x: 0, y: 0 });
    at.x = Math.max(MARGIN, (width - size.width * at.scale) / 2);
    at.y = Math.max(BAR, (height - size.height * at.scale) / 2);
    apply();
  }

  /** Bring a box into sight by the least movement; `middle` puts it where its branch can be seen too. */
  function show(box, middle) {
    const view = room();
    const left = at.x + box.x * at.scale, top = at.y + box.y * at.scale;
    const right = left + BOX.width * at.scale, bottom = top + box.height * at.scale, floor = view.height - covered;
    const inside = left >= 8 && top >= BAR - 8 && right <= view.width - 8 && bottom <= floor - 8;
    if (inside) return;
    if (middle || at.scale < 0.5) {
      if (at.scale < 0.5) at.scale = 1;
      at.x = Math.min(box.x * at.scale + MARGIN, Math.max(12, Math.min(MARGIN + (BOX.width + BOX.column) * at.scale, view.width - (BOX.width + MARGIN) * at.scale))) - box.x * at.scale;
      at.y = Math.max(BAR, (floor - box.height * at.scale) / 2.5) - box.y * at.scale;
    } else {
      at.x += left < 8 ? 24 - left : Math.min(0, view.width - 24 - right);
      at.y += top < BAR - 8 || bottom - top > floor - BAR ? BAR - top : Math.min(0, floor - 24 - bottom);
    }
    apply();
  }

  const local = (event) => {
    const frame = svg.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  };

  svg.addEventListener("wheel", (event) => {
    const unit = event.deltaMode === 1 ? 30 : event.deltaMode === 2 ? 400 : 1;
    const place = local(event);
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      zoom(Math.exp(-Math.max(-60, Math.min(60, event.deltaY * unit)) / 150), place.x, place.y);
    } else {
      const [dx, dy] = event.shiftKey && !event.deltaX ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
      if (moveBy(-dx * unit, -dy * unit)) event.preventDefault();
    }
  }, { passive: false });

  const fingers = new Map();
  let dragged = 0;

  svg.addEventListener("pointerdown", (event) => {
    if (event.button > 0 || event.target.closest("[data-link-handle]")) return;
    fingers.set(event.pointerId, local(event));
    dragged = 0;
  });
  svg.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = local(event);
    dragged += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
    if (dragged > 5 && !svg.hasPointerCapture(event.pointerId)) svg.setPointerCapture(event.pointerId);
    if (fingers.size === 1 && dragged > 5) moveBy(now.x - before.x, now.y - before.y);
    if (fingers.size === 2) pinch(event.pointerId, before, now);
    fingers.set(event.pointerId, now);
    home.classList.toggle("grabbed", dragged > 5);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    svg.addEventListener(name, (event) => {
      fingers.delete(event.pointerId);
      home.classList.remove("grabbed");
    });
  }
  // A drag that ends on a box is no click on it.
  svg.addEventListener("click", (event) => { if (dragged > 5) { event.stopPropagation(); dragged = 0; } }, true);

  function pinch(id, before, now) {
    const [other] = [...fingers].filter(([finger]) => finger !== id).map(([, place]) => place);
    const far = (place) => Math.hypot(place.x - other.x, place.y - other.y) || 1;
    zoom(far(now) / far(before), (now.x + other.x) / 2, (now.y + other.y) / 2);
    moveBy((now.x - before.x) / 2, (now.y - before.y) / 2);
  }

  return {
    at, apply, moveBy, zoom, open, whole, show, room, local,
    resize(width, height) { size = { width, height }; },
    cover(height) { covered = height; },
  };
})();
