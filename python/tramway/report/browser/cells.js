// Cells: pointed at in one figure, marked in all.
function point(row) {
  state.row = row;
  const result = results[state.at], { arrays } = result;
  state.panels.forEach((panel, n) => {
    const place = row < 0 ? -1 : arrays.place[row];
    fill(`pointed ${n}`, row < 0 ? { xs: [], ys: [] } : { xs: [result.outlines.xs[place]], ys: [result.outlines.ys[place]] });
    const rank = panel.rank.get(row);
    fill(`pointed dot ${n}`, rank === undefined ? { x: [], y: [] } : { x: [rank], y: [panel.value(row)] });
  });
  const box = by("cell");
  if (row < 0) {
    box.replaceChildren(element("span", { className: "none" }, "Point at a cell to read its values."));
    return;
  }
  const parts = [element("b", {}, `cell ${arrays.cell[row]}`), element("span", {}, `${arrays.count[row]} translocations`)];
  for (const panel of state.panels) {
    const { feature } = panel;
    const interval = feature.interval.length ? ` (${number(panel.low(row))} to ${number(panel.high(row))})` : "";
    const island = feature.name === "potential" && arrays.island[row] ? ", island" : "";
    parts.push(element("span", {}, `${feature.name} ${measured(panel.value(row), panel.error(row))} ${feature.unit}${interval}${island}`));
  }
  const status = result.status[arrays.status[row]];
  if (status !== "ok") parts.push(element("span", {}, status));
  box.replaceChildren(...parts.flatMap((part) => [part, " "]));
}
const pointer = (rowOf) => (index) => { if (index >= 0 && rowOf(index) !== state.row) point(rowOf(index)); };
function keep(row) { state.kept = state.kept === row ? -1 : row; point(state.kept); }
function step(dx, dy) {
  const { arrays, outlines } = results[state.at];
  if (!outlines || !state.rows.length) return;
  const center = (row) => [mean(outlines.xs[arrays.place[row]]), mean(outlines.ys[arrays.place[row]])];
  if (state.row < 0) { state.kept = state.rows[0]; point(state.kept); return; }
  const [x, y] = center(state.row);
  let [best, least] = [-1, Infinity];
  for (const row of state.rows) {
    const [cx, cy] = center(row), along = (cx - x) * dx + (cy - y) * dy, aside = Math.abs((cx - x) * dy) + Math.abs((cy - y) * dx);
    if (along > 1e-9 && aside <= along * 1.2 && along + 2 * aside < least) { best = row; least = along + 2 * aside; }
  }
  if (best >= 0) { state.kept = best; point(best); }
}
