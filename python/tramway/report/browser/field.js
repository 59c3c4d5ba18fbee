// The field: where the localizations are, and the regions.
async function showField() {
  const movie = content.movies.find((each) => each.name === results[state.at].movie);
  const boxes = boxesOf(movie.name);
  let [left, bottom, right, top] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { box } of boxes) {
    left = Math.min(left, box[0]); bottom = Math.min(bottom, box[1]);
    right = Math.max(right, box[2]); top = Math.max(top, box[3]);
  }
  const picture = movie.density;
  const empty = { url: [], x: [], y: [], width: [], height: [] };
  if (picture) {
    left = Math.min(left, picture.x); bottom = Math.min(bottom, picture.y);
    right = Math.max(right, picture.x + picture.width); top = Math.max(top, picture.y + picture.height);
    picture.url ??= urlOf((await unpack(picture)).shade, picture.columns);
    fill("density", { url: [picture.url], x: [picture.x], y: [picture.y], width: [picture.width], height: [picture.height] });
  } else fill("density", empty);
  square("field x", "field y", left, right, bottom, top);
  markBoxes(boxes);
}
function urlOf(shade, columns) {
  const rows = shade.length / columns;
  const canvas = element("canvas", { width: columns, height: rows }), context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  shade.forEach((level, i) => {
    const at = 4 * ((rows - 1 - Math.floor(i / columns)) * columns + (i % columns));
    image.data.fill(255 - 0.6 * level, at, at + 3);
    image.data[at + 3] = 255;
  });
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}
function boxesOf(movie) {
  const seen = new Map();
  results.forEach((result, at) => {
    if (result.movie === movie && !seen.has(result.region)) seen.set(result.region, { region: result.region, box: result.box, parts: partsOf(result), at });
  });
  return [...seen.values()];
}
// A region is parts, each an outline and its holes.
function partsOf({ box: [left, bottom, right, top], outline }) {
  return outline ?? [[[[left, bottom], [right, bottom], [right, top], [left, top]]]];
}
function markBoxes(boxes) {
  state.boxes = boxes;
  const chosen = boxes.map(({ region }) => region === results[state.at].region);
  fill("boxes", {
    xs: boxes.map((b) => b.parts.map((part) => part.map((ring) => ring.map(([x]) => x)))),
    ys: boxes.map((b) => b.parts.map((part) => part.map((ring) => ring.map(([, y]) => y)))),
    color: chosen.map((is) => (is ? "#ff2d95" : "#1f5fa8")), width: chosen.map((is) => (is ? 3 : 1)),
    name: boxes.map((b) => b.region),
  });
}
function square(xName, yName, left, right, bottom, top) {
  const half = 0.52 * Math.max(right - left, top - bottom, 1e-9);
  const set = (name, middle) => {
    const range = model(name);
    const ends = { start: middle - half, end: middle + half, reset_start: middle - half, reset_end: middle + half };
    range.setv(ends);
  };
  set(xName, (left + right) / 2);
  set(yName, (bottom + top) / 2);
}
