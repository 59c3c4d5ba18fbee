// The maps of a region, with arrows and wells, and their values in order.
const seriesOf = (arrays, columns) => columns.map((name) => arrays[`value ${name}`]);
const amplitude = (series, row) => (series.length === 1 ? series[0][row] : Math.hypot(...series.map((s) => s[row])));

function panelOf(feature, arrays, rows) {
  const values = seriesOf(arrays, feature.columns), errors = seriesOf(arrays, feature.errors);
  const interval = seriesOf(arrays, feature.interval);
  const value = (row) => amplitude(values, row);
  const error = (row) => (errors.length ? amplitude(errors, row) : NaN);
  const isIsland = (row) => feature.name === "potential" && arrays.island[row] === 1;
  const low = (row) => (interval.length ? interval[0][row] : value(row) - error(row));
  const high = (row) => (interval.length ? interval[1][row] : value(row) + error(row));
  const cells = rows.filter((row) => !isIsland(row)), islands = rows.filter(isIsland);
  const order = cells.filter((row) => Number.isFinite(value(row))).sort((a, b) => value(a) - value(b));
  return { feature, values, value, error, low, high, cells, islands, order, rank: new Map(order.map((row, rank) => [row, rank])) };
}
function limitsOf(panel, showErrors) {
  const name = panel.feature.name;
  if (showErrors) {
    const found = panel.cells.map(panel.error).filter(Number.isFinite).sort((a, b) => a - b);
    return found.length ? [0, found[Math.floor(0.98 * (found.length - 1))] || 1] : [0, 1];
  }
  let [low, high] = panel.feature.limits;
  if (by("shared").checked)
    for (const result of results)
      for (const other of result.features)
        if (other.name === name) { low = Math.min(low, other.limits[0]); high = Math.max(high, other.limits[1]); }
  if (low === high) { const widen = Math.abs(low) * 0.01 || 1; low -= widen; high += widen; }
  return [low, high];
}
function showMaps() {
  const result = results[state.at], arrays = result.arrays;
  const rows = [];
  for (let row = 0; row < arrays.cell.length; row++)
    if (!result.segments || arrays.segment[row] === state.segment) rows.push(row);
  state.rows = rows;
  state.panels = result.drawn ? result.features.slice(0, content.panels).map((feature) => panelOf(feature, arrays, rows)) : [];
  by("legend").hidden = by("cell").hidden = !result.drawn;
  by("undrawn").hidden = result.drawn;
  if (result.drawn) {
    const { xs, ys } = result.outlines;
    let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const row of rows) {
      for (const x of xs[arrays.place[row]]) { left = Math.min(left, x); right = Math.max(right, x); }
      for (const y of ys[arrays.place[row]]) { bottom = Math.min(bottom, y); top = Math.max(top, y); }
    }
    if (rows.length) square("map x", "map y", left, right, bottom, top);
  }
  for (let n = 0; n < content.panels; n++) {
    by(`panel${n}`).hidden = n >= state.panels.length;
    if (n < state.panels.length) showPanel(n);
  }
  point(state.kept);
}
function showPanel(n) {
  showMap(n);
  showList(n);
}
function showMap(n) {
  const panel = state.panels[n], result = results[state.at], { feature } = panel;
  const { xs, ys } = result.outlines, place = result.arrays.place;
  const showErrors = by("shown").value === "errors";
  const outline = (rows) => ({ xs: rows.map((row) => xs[place[row]]), ys: rows.map((row) => ys[place[row]]) });
  const [low, high] = limitsOf(panel, showErrors);
  const palette = content.palettes[feature.name] || content.palettes.diffusivity;
  model(`colors ${n}`).setv({ palette });
  model(`bar colors ${n}`).setv({ palette, low, high });
  const shown = showErrors ? panel.error : panel.value;
  fill(`cells ${n}`, { ...outline(panel.cells), share: panel.cells.map((row) => (shown(row) - low) / (high - low)) });
  fill(`islands ${n}`, outline(panel.islands));
  fill(`arrows ${n}`, showErrors ? { xs: [], ys: [] } : arrowsOf(panel, result));
  showWells(n, feature, result);
  const unit = feature.unit ? ` (${feature.unit})` : "";
  const title = `${feature.name}${showErrors ? ", standard deviation" : ""}${unit}`;
  model(`bar ${n}`).title = null;
  plotOf(n).title.text = title;
  by(`panel${n}`).setAttribute("aria-label", `Map of ${title}; arrow keys move from cell to cell`);
}
const FEW = 20; // cells, of which the list shows each
function showList(n) {
  const panel = state.panels[n], { order } = panel;
  fill(`dots ${n}`, { x: order.map((_, rank) => rank), y: order.map(panel.value) });
  // One line with gaps, which is drawn at once.
  fill(`errors ${n}`, { x: order.flatMap((_, rank) => [rank, rank, rank]), y: order.flatMap((row) => [panel.low(row), panel.high(row), NaN]) });
  const [bottom, top] = limitsOf(panel, false), room = 0.35 * (top - bottom);
  const seen = order.length <= FEW ? order.map(panel.value) : []; // of many, some are far beyond any scale
  const low = Math.min(bottom, ...seen), high = Math.max(top, ...seen);
  model(`rank ${n}`).setv({ start: -1, end: Math.max(order.length, 1) });
  model(`value ${n}`).setv({ start: low - room, end: high + room });
}
const plots = [];
function plotOf(n) {
  return (plots[n] ??= Bokeh.documents[0].roots().find((root) => root.x_range.name === "map x" && root.renderers.some((r) => r.data_source.name === `cells ${n}`)));
}
// Which cells an arrow is for, and how long arrows are, is worked out with the results.
function arrowsOf(panel, result) {
  const { values, feature } = panel, drawn = { xs: [], ys: [] };
  if (!feature.arrows) return drawn;
  const { xs, ys } = result.outlines, { place, count } = result.arrays, squares = result.arrays[`square ${feature.name}`];
  const { length: most, least } = feature.arrows[result.segments ? state.segment : 0];
  const rows = panel.cells.filter((row) => Number.isFinite(panel.value(row)));
  let given = rows.map((row) => ({ x: mean(xs[place[row]]), y: mean(ys[place[row]]), fx: values[0][row], fy: values[1][row], weight: Math.max(count[row], 1), square: squares?.[row] }));
  if (squares) given = meansInSquares(given);
  const amounts = given.map(({ fx, fy }) => Math.hypot(fx, fy)).sort((a, b) => a - b);
  // Of the longest: as in the figures, that of a scale for several regions, or so that a few at the border do not shrink all others.
  const longest = by("shared").checked ? limitsOf(panel, false)[1] : amounts[Math.floor(0.95 * (amounts.length - 1))], reach = 0.85 * most;
  given = given.filter(({ fx, fy }) => Math.hypot(fx, fy) >= least * longest);
  for (const { x, y, fx, fy } of given) {
    const amount = Math.hypot(fx, fy);
    if (!(amount > 0)) continue;
    const length = reach * Math.min(amount / longest, 1), [ux, uy] = [fx / amount, fy / amount];
    const head = Math.min(0.4 * reach, length), shaft = 0.045 * reach, wing = head * 0.42;
    const tip = length / 2, neck = tip - head;
    const shape = [[-length / 2, shaft], [neck, shaft], [neck, wing], [tip, 0], [neck, -wing], [neck, -shaft], [-length / 2, -shaft]];
    drawn.xs.push(shape.map(([a, b]) => x + a * ux - b * uy));
    drawn.ys.push(shape.map(([a, b]) => y + a * uy + b * ux));
  }
  return drawn;
}
function meansInSquares(given) {
  const squares = new Map();
  for (const each of given) {
    if (!squares.has(each.square)) squares.set(each.square, []);
    squares.get(each.square).push(each);
  }
  return [...squares.values()].map((held) => {
    const total = held.reduce((sum, each) => sum + each.weight, 0);
    return Object.fromEntries(["x", "y", "fx", "fy"].map((name) => [name, held.reduce((sum, each) => sum + each.weight * each[name], 0) / total]));
  });
}
const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;

function showWells(n, feature, result) {
  const lines = { xs: [], ys: [] }, texts = { x: [], y: [], text: [] };
  if (feature.name === "potential") {
    const rowOf = new Map(Array.from(result.arrays.cell, (cell, row) => [cell, row]));
    for (const well of result.wells) {
      if (well.probability < LEAST_PROBABILITY || (result.segments && well.segment !== state.segment)) continue;
      const edges = new Map();
      let [top, middle, count] = [-Infinity, 0, 0];
      for (const cell of well.cells) {
        const corners = result.outlines.corners[result.arrays.place[rowOf.get(cell)]];
        corners.forEach((corner, i) => {
          const next = corners[(i + 1) % corners.length], key = corner < next ? `${corner} ${next}` : `${next} ${corner}`;
          edges.has(key) ? edges.delete(key) : edges.set(key, [corner, next]);
          top = Math.max(top, result.outlines.y[corner]);
          middle += result.outlines.x[corner]; count++;
        });
      }
      for (const [a, b] of edges.values()) {
        lines.xs.push([result.outlines.x[a], result.outlines.x[b]]);
        lines.ys.push([result.outlines.y[a], result.outlines.y[b]]);
      }
      texts.x.push(middle / count); texts.y.push(top); texts.text.push(measured(well.depth, well.std));
    }
  }
  for (const color of ["white", "black"]) fill(`wells ${n} ${color}`, lines);
  fill(`depths ${n}`, texts);
}
