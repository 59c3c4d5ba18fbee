// What the page holds, and how numbers are written.
const by = (id) => document.getElementById(id);
const content = JSON.parse(await uncompressed(by("content").textContent).text());
const results = content.results;
const state = { at: 0, segment: 0, row: -1, kept: -1, data: null, panels: [] };
const LEAST_PROBABILITY = 0.5;

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}
const models = new Map(); // by name: Bokeh looks through all of them
function model(name) {
  if (!models.has(name)) models.set(name, Bokeh.documents[0].get_model_by_name(name));
  return models.get(name);
}
// What is as it was is not drawn again: all of a map but its colours, where a slider moves.
const isSame = (a, b) => a === b || (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, i) => Object.is(each, b[i])));
function fill(name, data) {
  const now = model(name).data;
  if (!Object.keys(data).every((column) => isSame(now[column], data[column]))) model(name).data = data;
}

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
