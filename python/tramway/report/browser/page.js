// Controls, and the beginning.
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
  if (isOtherMovie) await showField(); else if (anew) markBoxes(boxesOf(results[at].movie));
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
    window.addEventListener("resize", fitToWidth);
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

// What the figures call, and tests look at.
window.tramway = {
  results, dataOf, state,
  choose_box: (index) => choose(state.boxes[index].at),
  point_of: (kind, n) => pointer((index) => state.panels[n][kind][index]),
  keep_of: (kind, n) => (index) => keep(state.panels[n][kind][index]),
};
