"use strict";
// The page's own code: it fills the figures with the region that is looked at, and ties them together.
window.tramway = (() => {
  const content = JSON.parse(document.getElementById("content").textContent);
  const results = content.results;
  const state = { at: 0, segment: 0, row: -1, kept: -1, data: null, panels: [] };
  const by = (id) => document.getElementById(id);
  const LEAST_PROBABILITY = 0.5;

  function element(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }
  const model = (name) => Bokeh.documents[0].get_model_by_name(name);
  const fill = (name, data) => { model(name).data = data; };

  // --- numbers ---
  function number(value, digits = 3) {
    if (value === null || value === undefined || !Number.isFinite(value)) return "–";
    const size = Math.abs(value);
    if (size !== 0 && (size >= 10 ** Math.max(5, digits) || size < 1e-3)) return value.toExponential(digits - 1);
    return String(Number(value.toPrecision(digits)));
  }
  function measured(value, error) {
    if (!Number.isFinite(value)) return "no value";
    if (!Number.isFinite(error) || error <= 0) return number(value);
    const places = Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(error))));
    if (error >= 1e4 || error < 1e-5) return `${number(value)} ± ${number(error, 2)}`;
    return `${value.toFixed(places)} ± ${error.toFixed(places)}`;
  }

  // --- arrays ---
  const kinds = { f4: Float32Array, u4: Uint32Array, u2: Uint16Array, u1: Uint8Array };
  function uncompressed(text) {
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")));
  }
  async function unpack(packed) {
    const all = new Uint8Array(await uncompressed(packed.bytes).arrayBuffer());
    const arrays = {};
    let at = 0;
    for (const [name, kind, length] of packed.layout) {
      const size = Number(kind[1]);
      const flat = new Uint8Array(size * length);
      for (let plane = 0; plane < size; plane++)
        for (let i = 0; i < length; i++) flat[i * size + plane] = all[at++];
      const array = (arrays[name] = new kinds[kind](flat.buffer));
      if (kind === "u4") for (let i = 1; i < length; i++) array[i] += array[i - 1];
    }
    return arrays;
  }
  async function dataOf(result) {
    if (!result.arrays) {
      result.arrays = await unpack(result.data);
      result.outlines = outlinesOf(result.arrays);
    }
    return result.arrays;
  }
  function outlinesOf(arrays) {
    if (!arrays.sides) return null;
    const [x0, y0, width, height] = arrays.origin;
    const x = Array.from(arrays.x, (step) => x0 + (step / 65535) * width);
    const y = Array.from(arrays.y, (step) => y0 + (step / 65535) * height);
    const corners = [];
    let at = 0;
    for (const sides of arrays.sides) corners.push(arrays.corner.subarray(at, (at += sides)));
    return { corners, xs: corners.map((c) => Array.from(c, (i) => x[i])), ys: corners.map((c) => Array.from(c, (i) => y[i])), x, y };
  }

  // --- the field ---
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

  // --- the maps ---
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
    const panel = state.panels[n], result = results[state.at], { feature } = panel;
    const { xs, ys } = result.outlines, place = result.arrays.place;
    const showErrors = by("shown").value === "errors";
    const outline = (rows) => ({ xs: rows.map((row) => xs[place[row]]), ys: rows.map((row) => ys[place[row]]) });
    const [low, high] = limitsOf(panel, showErrors);
    const colors = model(`colors ${n}`);
    colors.setv({ palette: content.palettes[feature.name] || content.palettes.diffusivity, low, high });
    const shown = showErrors ? panel.error : panel.value;
    fill(`cells ${n}`, { ...outline(panel.cells), value: panel.cells.map(shown) });
    fill(`islands ${n}`, outline(panel.islands));
    fill(`arrows ${n}`, showErrors ? { xs: [], ys: [] } : arrowsOf(panel, result));
    showWells(n, feature, result);
    const unit = feature.unit ? ` (${feature.unit})` : "";
    const title = `${feature.name}${showErrors ? ", standard deviation" : ""}${unit}`;
    model(`bar ${n}`).title = null;
    plotOf(n).title.text = title;
    by(`panel${n}`).setAttribute("aria-label", `Map of ${title}; arrow keys move from cell to cell`);
    const { order } = panel;
    fill(`dots ${n}`, { x: order.map((_, rank) => rank), y: order.map(panel.value) });
    const bars = order.map((row, rank) => [rank, panel.low(row), panel.high(row)]).filter((bar) => Number.isFinite(bar[1]));
    fill(`errors ${n}`, { x: bars.map((b) => b[0]), low: bars.map((b) => b[1]), high: bars.map((b) => b[2]) });
    const [bottom, top] = limitsOf(panel, false), room = 0.35 * (top - bottom);
    model(`rank ${n}`).setv({ start: -1, end: Math.max(order.length, 1) });
    model(`value ${n}`).setv({ start: bottom - room, end: top + room });
  }
  const plots = [];
  function plotOf(n) {
    return (plots[n] ??= Bokeh.documents[0].roots().find((root) => root.x_range.name === "map x" && root.renderers.some((r) => r.data_source.name === `cells ${n}`)));
  }
  function arrowsOf(panel, result) {
    const { values, cells } = panel, drawn = { xs: [], ys: [] };
    if (values.length !== 2) return drawn;
    const { xs, ys } = result.outlines, place = result.arrays.place;
    const longest = Math.max(panel.feature.limits[1], 1e-12);
    for (const row of cells) {
      const [fx, fy] = [values[0][row], values[1][row]], size = Math.hypot(fx, fy);
      if (!(size > 0)) continue;
      const px = xs[place[row]], py = ys[place[row]];
      const cx = mean(px), cy = mean(py);
      const reach = Math.sqrt(Math.abs(area(px, py))) * 0.85;
      const length = reach * Math.min(size / longest, 1), [ux, uy] = [fx / size, fy / size];
      const head = Math.min(0.4 * reach, length), shaft = 0.045 * reach, wing = head * 0.42;
      const tip = length / 2, neck = tip - head;
      const shape = [[-length / 2, shaft], [neck, shaft], [neck, wing], [tip, 0], [neck, -wing], [neck, -shaft], [-length / 2, -shaft]];
      drawn.xs.push(shape.map(([a, b]) => cx + a * ux - b * uy));
      drawn.ys.push(shape.map(([a, b]) => cy + a * uy + b * ux));
    }
    return drawn;
  }
  const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const area = (xs, ys) => xs.reduce((sum, x, i) => sum + x * ys[(i + 1) % xs.length] - xs[(i + 1) % xs.length] * ys[i], 0) / 2;

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

  // --- cells: pointed at in one figure, marked in all ---
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

  // --- texts ---
  function tableOf(header, rows, isNumber = []) {
    const head = element("tr", {}, ...header.map((title, i) => element("th", { className: isNumber[i] ? "number" : "", scope: "col" }, title)));
    const lines = rows.map((row) => element("tr", {}, ...row.map((value, i) => element("td", { className: isNumber[i] ? "number" : "" }, value))));
    return element("table", {}, element("thead", {}, head), element("tbody", {}, ...lines));
  }
  const nothing = (text) => element("p", { className: "none" }, text);
  function showFacts() {
    const result = results[state.at];
    by("heading").textContent = `${result.movie}, ${result.region}: ${result.label}`;
    by("wells").replaceChildren(
      result.wells.length
        ? tableOf(["x (µm)", "y (µm)", "depth (kT)", "area (µm²)", "probability"],
            result.wells.map((w) => [number(w.x), number(w.y), measured(w.depth, w.std), number(w.area), number(w.probability)]), [1, 1, 1, 1, 1])
        : nothing("none found, or maps without a potential"));
    const settings = tableOf(["", ""], result.settings);
    settings.tHead.remove();
    const cards = element("div", { className: "cards" }, settings);
    if (result.trials)
      cards.append(tableOf([...result.trials.names, "log evidence"], result.trials.rows.map((row) => row.map((v, i) => (i === row.length - 1 ? number(v, 7) : number(v)))), result.trials.names.map(() => 1).concat(1)));
    by("settings").replaceChildren(cards);
    by("remarks").replaceChildren(
      result.findings.length ? element("ul", {}, ...result.findings.map(([kind, text]) => element("li", {}, `${kind}: ${text}`))) : nothing("none"));
  }
  const columns = [
    ["movie", (r) => r.movie], ["region", (r) => r.region], ["maps", (r) => r.label],
    ["cells", (r) => r.summary.cells, 1], ["translocations", (r) => r.summary.translocations, 1],
    ["D (µm²/s)", (r) => r.summary.diffusivity, 1, (r) => measured(r.summary.diffusivity ?? NaN, r.summary.diffusivity_std ?? NaN)],
    ["wells", (r) => r.summary.wells, 1],
    ["deepest (kT)", (r) => (r.deepest ? r.deepest.depth : null), 1, (r) => (r.deepest ? measured(r.deepest.depth, r.deepest.std) : "–")],
    ["log evidence", (r) => r.summary.log_evidence, 1, (r) => number(r.summary.log_evidence, 7)],
    ["warnings", (r) => r.findings.length, 1],
  ];
  function showTable(by_column = -1, direction = 1) {
    const order = results.map((_, at) => at);
    if (by_column >= 0) {
      const key = columns[by_column][1];
      order.sort((a, b) => {
        const [x, y] = [key(results[a]), key(results[b])];
        if (x === null || y === null) return (x === null) - (y === null);
        return direction * (typeof x === "string" ? x.localeCompare(y, undefined, { numeric: true }) : x - y);
      });
    }
    const head = element("tr", {}, ...columns.map(([title, , isNumber], i) => {
      const button = element("button", { type: "button", onclick: () => showTable(i, i === by_column ? -direction : 1) }, title);
      const cell = element("th", { className: isNumber ? "number" : "", scope: "col" }, button);
      if (i === by_column) cell.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
      return cell;
    }));
    const lines = order.map((at) => {
      const result = results[at];
      const line = element("tr", {}, ...columns.map(([title, key, isNumber, text]) => {
        const value = text ? text(result) : String(key(result) ?? "–");
        const inner = title === "region" ? goTo(at, value) : value;
        return element("td", { className: isNumber ? "number" : "" }, inner);
      }));
      line.dataset.at = at;
      return line;
    });
    by("table").replaceChildren(element("table", {}, element("thead", {}, head), element("tbody", {}, ...lines)));
    markRow();
  }
  function markRow() {
    for (const line of by("table").querySelectorAll("tbody tr")) line.classList.toggle("chosen", Number(line.dataset.at) === state.at);
  }
  const goTo = (at, text) => element("button", { type: "button", className: "link", onclick: () => { choose(at); by("heading").scrollIntoView({ block: "start" }); } }, text);
  function showWarnings() {
    const groups = new Map();
    results.forEach((result, at) => result.findings.forEach(([kind, text]) => groups.set(kind, [...(groups.get(kind) || []), [at, text]])));
    const lists = [...groups].sort((a, b) => b[1].length - a[1].length).map(([kind, where]) =>
      element("details", {}, element("summary", {}, `${kind} (${where.length} of ${results.length} maps)`),
        element("ul", {}, ...where.map(([at, text]) => element("li", {}, goTo(at, `${results[at].movie}, ${results[at].region}`), `: ${text}`)))));
    for (const movie of content.movies)
      for (const problem of movie.problems) lists.push(element("p", {}, `${movie.name}: ${problem}`));
    by("warnings").replaceChildren(...(lists.length ? lists : [nothing("none")]));
  }
  function showSources() {
    by("sources").replaceChildren(tableOf(["movie", "results", "trajectories", "localizations"],
      content.movies.map((m) => [m.name, m.file, m.data || "–", m.localizations === null ? "–" : m.localizations.toLocaleString("en")]), [0, 0, 0, 1]));
    const total = results.reduce((sum, r) => sum + r.summary.translocations, 0);
    by("overview").textContent = `${content.movies.length} movie${content.movies.length === 1 ? "" : "s"}, ${results.length} maps of ${new Set(results.map((r) => `${r.movie} ${r.region}`)).size} regions, ${total.toLocaleString("en")} translocations`;
  }

  // --- controls ---
  function showChoices() {
    const here = results[state.at].movie;
    by("movie").replaceChildren(...content.movies.filter((m) => results.some((r) => r.movie === m.name)).map((m) => element("option", { value: m.name, selected: m.name === here }, m.name)));
    by("region").replaceChildren(...results.map((r, at) => [r, at]).filter(([r]) => r.movie === here).map(([r, at]) =>
      element("option", { value: at, selected: at === state.at }, results.some((o, i) => i !== at && o.movie === r.movie && o.region === r.region) ? `${r.region}: ${r.label}` : r.region)));
    by("previous").disabled = state.at === 0;
    by("next").disabled = state.at === results.length - 1;
  }
  let latest = 0;
  async function choose(at, { anew = true } = {}) {
    const call = ++latest;
    const isOtherMovie = state.data === null || results[at].movie !== results[state.at].movie;
    await dataOf(results[at]);
    if (call !== latest) return;
    state.at = at;
    state.data = results[at];
    if (anew) { state.segment = 0; state.kept = -1; }
    showChoices();
    const { segments } = results[at];
    by("time").hidden = !segments;
    if (segments) { by("segment").max = segments.length - 1; by("segment").value = state.segment; showInterval(); }
    if (isOtherMovie) await showField(); else markBoxes(boxesOf(results[at].movie));
    showFacts();
    showMaps();
    markRow();
    for (const listener of listeners) listener(at);
    document.body.dataset.shown = at;
  }
  function showInterval() {
    const [begin, end] = results[state.at].segments[state.segment];
    by("interval").textContent = `${number(begin, 4)} to ${number(end, 4)} s`;
  }
  const listeners = [];
  function connect() {
    by("movie").onchange = () => choose(results.findIndex((r) => r.movie === by("movie").value));
    by("region").onchange = () => choose(Number(by("region").value));
    by("previous").onclick = () => choose(state.at - 1);
    by("next").onclick = () => choose(state.at + 1);
    by("shown").onchange = showMaps;
    by("shared").onchange = showMaps;
    by("segment").oninput = () => { state.segment = Number(by("segment").value); state.kept = -1; showInterval(); showMaps(); };
    for (const panel of document.querySelectorAll(".panel")) panel.onmouseleave = () => point(state.kept);
    by("print").onclick = () => window.print();
    by("copy").onclick = async () => {
      const text = by("script").textContent;
      try { await navigator.clipboard.writeText(text); } catch {
        getSelection().selectAllChildren(by("script"));
        document.execCommand("copy");
      }
      by("copied").textContent = "copied";
    };
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || /^(SELECT|INPUT|TEXTAREA)$/.test(event.target.tagName)) return;
      if (event.key === "n" && state.at < results.length - 1) choose(state.at + 1);
      if (event.key === "p" && state.at > 0) choose(state.at - 1);
      if (!event.target.closest(".panel")) return;
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (way) { event.preventDefault(); step(...way); }
      if (event.key === "Enter" && state.row >= 0) keep(state.row);
      if (event.key === "Escape") { state.kept = -1; point(-1); }
    });
  }
  function fitToWidth() {
    const field = Bokeh.documents[0].roots().find((root) => root.x_range.name === "field x");
    const room = document.documentElement.clientWidth - 90;
    const side = Math.max(200, Math.min(420, room));
    field.setv({ frame_width: side, frame_height: side });
  }
  async function start() {
    showTable();
    showWarnings();
    showSources();
    connect();
    if (results.length) {
      fitToWidth();
      await choose(0);
    }
    document.body.dataset.ready = Math.round(performance.now()); // ms
  }
  function run(code) { document.body.append(element("script", { textContent: code })); }
  async function begin() {
    run(await uncompressed(by("bokeh").textContent).text());
    run(by("figures").textContent);
    while (!(Bokeh.documents.length && Bokeh.documents[0].roots().length > content.panels)) await new Promise((done) => setTimeout(done, 5));
    await start();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin); else begin();

  return {
    content, results, choose, dataOf, number, measured, element,
    onchoose: (listener) => listeners.push(listener),
    state,
    choose_box: (index) => choose(state.boxes[index].at),
    point_of: (kind, n) => pointer((index) => state.panels[n][kind][index]),
    keep_of: (kind, n) => (index) => keep(state.panels[n][kind][index]),
  };
})();
