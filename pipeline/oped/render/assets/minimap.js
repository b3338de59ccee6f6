// The whole map in small, with a frame around what is seen; only for maps that are larger than the view.

const minimap = (() => {
  const canvas = byId("minimap"), pen = canvas.getContext("2d");
  const WIDTH = 132, LEAST_WIDTH = 54;
  let scale = { x: 1, y: 1 }, layout = null, picture = null, wanted = 0;

  /** Draw the boxes once for each layout. */
  function take(next) {
    layout = next;
    const y = Math.min(WIDTH / Math.max(1, layout.width), Math.max(120, camera.room().height * 0.5) / Math.max(1, layout.height));
    scale = { x: Math.max(y, LEAST_WIDTH / Math.max(1, layout.width)), y };
    picture = null;
    ask();
  }

  function sizeCanvas(target, density) {
    target.width = Math.max(1, Math.ceil(layout.width * scale.x * density));
    target.height = Math.max(1, Math.ceil(layout.height * scale.y * density));
  }

  function paintBoxes(density) {
    picture = document.createElement("canvas");
    sizeCanvas(picture, density);
    const brush = picture.getContext("2d");
    brush.scale(scale.x * density, scale.y * density);
    const styles = getComputedStyle(canvas);
    for (const node of layout.nodes) {
      const part = store.get(node.id);
      if (!part) continue;
      brush.fillStyle = styles.getPropertyValue(`--mini-${part.type === "major_claim" ? "major" : part.type === "premise" ? "premise" : "claim"}`);
      brush.fillRect(node.x, node.y, BOX.width, Math.max(node.height, 2 / scale.y));
    }
  }

  function paint() {
    wanted = 0;
    if (!layout || !layout.nodes.length) { canvas.hidden = true; return; }
    const view = camera.room(), at = camera.at, density = window.devicePixelRatio || 1;
    canvas.hidden = layout.width * at.scale < view.width * 1.15 && layout.height * at.scale < view.height * 1.15;
    if (canvas.hidden) return;
    if (!picture) { paintBoxes(density); sizeCanvas(canvas, density); canvas.style.width = `${canvas.width / density}px`; }
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, 0, 0);
    pen.scale(density, density);
    pen.lineWidth = 1.5;
    pen.strokeStyle = getComputedStyle(canvas).color;
    const [across, down] = [scale.x / at.scale, scale.y / at.scale];
    pen.strokeRect(-at.x * across, -at.y * down, view.width * across, view.height * down);
  }

  function ask() { wanted ||= requestAnimationFrame(paint); }

  function go(event) {
    const frame = canvas.getBoundingClientRect(), view = camera.room();
    const x = (event.clientX - frame.left - 5) / scale.x, y = (event.clientY - frame.top - 5) / scale.y;
    camera.moveBy(view.width / 2 - x * camera.at.scale - camera.at.x, view.height / 2 - y * camera.at.scale - camera.at.y);
  }

  canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); go(event); });
  canvas.addEventListener("pointermove", (event) => { if (event.buttons) go(event); });
  on("camera", ask);
  on("theme", () => { picture = null; ask(); });
  return { take };
})();
