// Sliders for the weights of priors, where the page is served: maps are solved as they move.
(() => {
  const box = by("live");
  const [LEAST, MOST] = [-4, 6]; // powers of ten
  const given = content.live.weights.map((weights) => ({ ...weights }));
  const now = content.live.weights;
  const REST = 120; // ms that a slider rests before all that takes longer than maps is asked for
  let [asked, waiting, rest] = [false, null, null];
  const partial = new Set(); // results of which only the maps are those of the weights now
  const said = element("span", { role: "status", id: "solved" });

  async function ask(at, weights, whole = false) {
    clearTimeout(rest);
    if (asked) { waiting = [at, weights, whole]; return; }
    asked = true;
    try {
      const response = await fetch("solve", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ at, weights, whole }) });
      const answer = await response.json();
      if (!response.ok) throw new Error(answer.error);
      now[at] = answer.weights;
      await (whole ? takeAll : takeMaps)(at, answer);
    } catch (error) {
      said.textContent = `not solved: ${error.message}`;
    }
    asked = false;
    if (waiting) { const next = waiting; waiting = null; ask(...next); }
  }
  async function takeMaps(at, { features, data, seconds, log_evidence }) {
    const result = results[at];
    Object.assign(result.arrays, await unpack(data));
    result.features = result.features.map((old) => features.find(({ name }) => name === old.name) ?? old);
    result.wells = []; // those of other weights
    partial.add(at);
    if (state.at !== at) return;
    result.features.slice(0, state.panels.length).forEach((feature, n) => {
      by(`panel${n}`).classList.toggle("old", !features.includes(feature));
      if (!features.includes(feature)) return;
      state.panels[n] = panelOf(feature, result.arrays, state.rows);
      showMap(n);
    });
    said.textContent = `solved in ${Math.round(1000 * seconds)} ms, log evidence ${number(log_evidence, 7)}`;
    show(at);
  }
  async function takeAll(at, answer) {
    Object.assign(results[at], answer, { arrays: null });
    partial.delete(at);
    if (state.at === at) await choose(at, { anew: false });
  }
  function show(at) {
    const names = Object.keys(now[at]);
    document.body.classList.toggle("partial", partial.has(at));
    clearTimeout(rest);
    if (partial.has(at)) rest = setTimeout(() => ask(at, now[at], true), REST);
    box.hidden = false;
    if (!names.length) { box.replaceChildren("The priors of these maps cannot be changed here."); return; }
    if (box.dataset.at === String(at) && box.contains(document.activeElement)) { read(at, names); return; }
    box.dataset.at = at;
    const sliders = names.map((name) => {
      const slider = element("input", { type: "range", min: LEAST, max: MOST, step: 0.1, id: `weight ${name}` });
      slider.oninput = () => { write(name, 10 ** slider.value); ask(at, { ...now[at], [name]: 10 ** slider.value }); };
      return element("label", {}, `${name.replace("_", " ")} `, slider, " ", element("output", { id: `value ${name}` }));
    });
    const chosen = element("button", { type: "button", id: "auto", onclick: () => ask(at, Object.fromEntries(names.map((name) => [name, "auto"]))) }, "choose by the evidence");
    const back = element("button", { type: "button", id: "stored", onclick: () => ask(at, given[at]) }, "as stored");
    box.replaceChildren(...sliders, chosen, " ", back, " ", said);
    read(at, names);
  }
  const write = (name, value) => { by(`value ${name}`).textContent = value ? number(value) : "none"; };
  function read(at, names) {
    for (const name of names) {
      const slider = by(`weight ${name}`), value = now[at][name];
      if (slider !== document.activeElement && value) slider.value = Math.min(MOST, Math.max(LEAST, Math.log10(value)));
      if (slider !== document.activeElement || !asked) write(name, value);
    }
  }
  let before = -1;
  listeners.push((at) => { if (at !== before) said.textContent = ""; before = at; show(at); });
})();
