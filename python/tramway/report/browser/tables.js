// Tables and texts.
function tableOf(header, rows, isNumber = []) {
  const head = element("tr", {}, ...header.map((title, i) => element("th", { className: isNumber[i] ? "number" : "", scope: "col" }, title)));
  const lines = rows.map((row) => element("tr", {}, ...row.map((value, i) => {
    const cell = element("td", { className: isNumber[i] ? "number" : "" }, value);
    cell.dataset.title = header[i];
    return cell;
  })));
  return element("table", {}, element("thead", {}, head), element("tbody", {}, ...lines));
}
const nothing = (text) => element("p", { className: "none" }, text);
const wellColumns = [
  ["time (s)", (w, { segments }) => segments[w.segment].map((end) => number(end, 4)).join(" to "), (w, { segments }) => segments],
  ["x (µm)", (w) => number(w.x)], ["y (µm)", (w) => number(w.y)],
  ["z (µm)", (w) => number(w.z), (w) => w.z !== undefined],
  ["depth (kT)", (w) => measured(w.depth, w.std)],
  ["diameter (µm)", (w) => number(w.diameter, 2), (w) => w.diameter],
  ["escape (s)", (w) => measured(w.escape ?? NaN, w.escape_std ?? NaN), (w) => w.escape],
  ["residence (s)", (w) => measured(w.residence ?? NaN, w.residence_std ?? NaN), (w) => w.residence],
  ["probability", (w) => number(w.probability)],
];
function showFacts() {
  const result = results[state.at];
  by("heading").textContent = `${result.movie}, ${result.region}: ${result.label}`;
  const told = wellColumns.filter(([, , isTold]) => !isTold || result.wells.some((well) => isTold(well, result)));
  by("wells").replaceChildren(
    result.wells.length
      ? tableOf(told.map(([title]) => title), result.wells.map((well) => told.map(([, text]) => text(well, result))), told.map(() => 1))
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
  const missing = failures.map(([movie, what, reason]) =>
    element("tr", { className: "failed" }, element("td", {}, movie), element("td", {}, what),
      element("td", { colSpan: columns.length - 2 }, `failed: ${reason}`)));
  by("table").replaceChildren(element("table", {}, element("thead", {}, head), element("tbody", {}, ...lines), element("tfoot", {}, ...missing)));
  markRow();
}
function markRow() {
  for (const line of by("table").querySelectorAll("tbody tr")) line.classList.toggle("chosen", Number(line.dataset.at) === state.at);
}
const goTo = (at, text) => element("button", { type: "button", className: "link", onclick: () => { choose(at); by("heading").scrollIntoView({ block: "start" }); } }, text);
const failures = content.movies.flatMap((movie) => movie.failures.map(([what, reason]) => [movie.name, what, reason]));
function showWarnings() {
  const groups = new Map();
  results.forEach((result, at) => result.findings.forEach(([kind, text]) => groups.set(kind, [...(groups.get(kind) || []), [at, text]])));
  const lists = [...groups].sort((a, b) => b[1].length - a[1].length).map(([kind, where]) =>
    element("details", {}, element("summary", {}, `${kind} (${where.length} of ${results.length} maps)`),
      element("ul", {}, ...where.map(([at, text]) => element("li", {}, goTo(at, `${results[at].movie}, ${results[at].region}`), `: ${text}`)))));
  if (failures.length)
    lists.unshift(element("details", { open: true, id: "failures" }, element("summary", {}, `failed (${failures.length}): no maps, or those of an earlier run`),
      element("ul", {}, ...failures.map(([movie, what, reason]) => element("li", {}, `${movie}, ${what}: ${reason}`)))));
  for (const movie of content.movies)
    for (const problem of movie.problems) lists.push(element("p", {}, `${movie.name}: ${problem}`));
  by("warnings").replaceChildren(...(lists.length ? lists : [nothing("none")]));
}
function showSources() {
  by("sources").replaceChildren(tableOf(["movie", "results", "trajectories", "localizations"],
    content.movies.map((m) => [m.name, m.file, m.data || "–", m.localizations === null ? "–" : m.localizations.toLocaleString("en")]), [0, 0, 0, 1]));
  const total = results.reduce((sum, r) => sum + r.summary.translocations, 0);
  const regions = new Set(results.map((r) => `${r.movie} ${r.region}`)).size;
  const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
  by("overview").textContent = `${counted(content.movies.length, "movie")}, ${counted(results.length, "map")} of ${counted(regions, "region")}, ${total.toLocaleString("en")} translocations${failures.length ? `; ${failures.length} failed, see the warnings` : ""}`;
}
