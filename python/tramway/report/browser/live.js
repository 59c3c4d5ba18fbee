// Sliders for the weights of priors, where the page is served: maps are solved as they move.
(() => {
  const box = by("live");
  const [LEAST, MOST] = [-4, 6]; // powers of ten
  const given = content.live.weights.map((weights) => ({ ...weights }));
  const now = content.live.weights;
  let [asked, waiting] = [false, null];
  const said = element("span", { role: "status", id: "solved" });

  async function ask(at, weights) {
    if (asked) { waiting = [at, weights]; return; }
    asked = true;
    try {
      const response = await fetch("solve", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ at, weights }) });
      const answer = await response.json();
      if (!response.ok) throw new Error(answer.error);
      now[at] = answer.weights;
      Object.assign(results[at], answer, { arrays: null });
      if (state.at === at) {
        await choose(at, { anew: false });
        said.textContent = `solved in ${Math.round(1000 * answer.seconds)} ms, log evidence ${number(answer.summary.log_evidence, 7)}`;
      }
    } catch (error) {
      said.textContent = `not solved: ${error.message}`;
    }
    asked = false;
    if (waiting) { const next = waiting; waiting = null; ask(...next); }
  }
  function show(at) {
    const names = Object.keys(now[at]);
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
  listeners.push((at) => { said.textContent = ""; show(at); });
})();
