"""From a slider that moved to the picture that shows it: `tramway serve`, in headless Chromium.

A movie of 30,000 localizations with two wells is mapped on hexagons, and served as a user would.
The weight of the potential's prior is moved by the arrow keys, each time after the page has come
to rest. What is reported is, from the event of the slider,

- to the maps: until Bokeh has painted all maps of the model, and that frame is over;
- to all: until the wells, the fit, the lists of values and the warnings are those of the new
  weight, which the page asks for when the slider has rested;
- processor time for each move, of the maps alone and of all: the server, the main thread of the
  page, which decides how long the maps take, and all processes of the browser.

Wall times are medians of the moves, with the least and the largest. On a busy machine the sum of
the processor times of the server and of the main thread says what a free one would take, but for
the time to the next frame, 16 ms at most.

    python benches/sliders.py [side of a cell, µm] [number of moves]
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tramway.analyzer import RWAnalyzer, stages, tessellers
from tramway.data import Well, simulate

WATCH = """() => {
    window.moves = [];
    const views = () => Object.values(Bokeh.index).filter((view) => view.repainted);
    const painted = (view) => {
        const move = window.moves.at(-1), at = performance.now();
        if (!move) return;
        const isMap = view.model.renderers.some((r) => /^cells/.test(r.data_source.name));
        const paint = [isMap, at, Infinity];
        move.paints.push(paint);
        setTimeout(() => { paint[2] = performance.now(); }); // after the frame
    };
    for (const view of views()) view.repainted.connect(() => painted(view));
    document.addEventListener("input", (event) => {
        window.moves.push({ begin: performance.now(), paints: [], answers: [] });
    }, true);
    const ask = window.fetch;
    window.fetch = async (...given) => {
        const move = window.moves.at(-1), begin = performance.now();
        if (window.mapsAlone && JSON.parse(given[1].body).whole) throw new Error("maps alone");
        const answer = await ask(...given);
        const content = await answer.arrayBuffer();
        move?.answers.push([begin, performance.now(), content.byteLength]);
        return new Response(content, { status: answer.status, headers: answer.headers });
    };
}"""


def make_results(folder: Path, side: float) -> int:
    """Map a simulated movie; number of its cells."""
    simulate(
        track_count=1500,
        track_length=20,
        frame_interval=0.02,
        lower=(0, 0),
        upper=(4, 4),
        diffusivity=0.1,
        wells=[Well((1.2, 1.3), 5, 0.3), Well((2.8, 2.6), 3, 0.35)],
        localization_precision=0.02,
        seed=1,
    ).to_csv(folder / "cell.txt", sep="\t", index=False, header=False)
    a = RWAnalyzer()
    a.spt_data.from_ascii_files(str(folder / "*.txt"))
    a.spt_data.localization_precision = 0.02
    a.roi.from_bounding_boxes([((0, 0), (4, 4))])
    a.tesseller = tessellers.Hexagons
    a.tesseller.resolution = side
    a.mapper.from_plugin("stochastic.dv", diffusivity_prior="auto", potential_prior="auto")
    a.pipeline.append_stage(stages.tessellate())
    a.pipeline.append_stage(stages.infer())
    a.run()
    region = next(iter(next(iter(a.spt_data)).roi))
    return len(region.get_sampling().get_child().data)


def processor_time(pid: int) -> float:
    """Seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Clocks:
    """Processor time of the server, the main thread of the page, and the browser, s."""

    def __init__(self, pid: int, browser: Any, page: Any) -> None:
        self._pid = pid
        self._browser = browser.new_browser_cdp_session()
        self._page = page.context.new_cdp_session(page)
        self._page.send("Performance.enable", {"timeDomain": "threadTicks"})

    def read(self) -> dict[str, float]:
        """Read all of them."""
        metrics = self._page.send("Performance.getMetrics")["metrics"]
        processes = self._browser.send("SystemInfo.getProcessInfo")["processInfo"]
        return {
            "server": processor_time(self._pid),
            "main thread of the page": next(
                m["value"] for m in metrics if m["name"] == "TaskDuration"
            ),
            "all of the browser": sum(process["cpuTime"] for process in processes),
        }


def said(name: str, values: list[float], unit: str = "ms") -> None:
    """Print a row."""
    middle = statistics.median(values)
    print(f"{name:58} {middle:7.1f} {unit} ({min(values):.1f} to {max(values):.1f})")


def move(page: Any, count: int, answers: int) -> None:
    """Move the slider to and fro, each time after so many answers, and a rest."""
    for number in range(count):
        page.keyboard.press("ArrowRight" if number % 10 < 5 else "ArrowLeft")
        page.wait_for_function(f"window.moves.at(-1)?.answers.length === {answers}")
        page.wait_for_timeout(300)


def measure(address: str, pid: int, count: int) -> None:
    """Move the slider, and print what that took."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1360, "height": 1400})
        page.goto(address)
        page.wait_for_selector("body[data-ready]", timeout=60_000)
        page.evaluate(WATCH)
        clocks = Clocks(pid, browser, page)
        page.locator("[id='weight potential_prior']").focus()
        move(page, 5, 2)  # the code of the page is compiled, caches are filled
        page.evaluate("window.moves = []")
        used = {}
        for name, answers in (("all", 2), ("maps alone", 1)):
            page.evaluate(f"window.mapsAlone = {json.dumps(name == 'maps alone')}")
            before = clocks.read()
            move(page, count, answers)
            after = clocks.read()
            used[name] = {whose: 1000 * (after[whose] - before[whose]) / count for whose in after}
        moves = page.evaluate("window.moves")[:count]
        browser.close()
    first = [move["answers"][0][1] for move in moves]
    second = [move["answers"][1][1] for move in moves]
    maps = [
        max(shown for is_map, at, shown in m["paints"] if is_map and begin < at < end) - m["begin"]
        for m, begin, end in zip(moves, first, second, strict=True)
    ]
    said("slider to maps", maps)
    said("slider to all", [max(shown for *_, shown in m["paints"]) - m["begin"] for m in moves])
    for number in range(2):
        answers = [m["answers"][number] for m in moves]
        said(f"answer {number + 1}: asked to received", [end - begin for begin, end, _ in answers])
        said(f"answer {number + 1}: size", [size / 1000 for *_, size in answers], "kB")
    said("paints of figures", [float(len(m["paints"])) for m in moves], "")
    for name, times in used.items():
        for whose, each in times.items():
            print(f"{f'processor time, {name}: {whose}':58} {each:7.1f} ms")


def main() -> None:
    side = float(sys.argv[1]) if len(sys.argv) > 1 else 0.185
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    with tempfile.TemporaryDirectory() as folder:
        print(f"{make_results(Path(folder), side)} cells")
        command = [sys.executable, "-m", "tramway", "serve", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served:
            try:
                address = re.search(r"http\S+", served.stdout.readline())[0]
                measure(address, served.pid, count)
            finally:
                served.terminate()


if __name__ == "__main__":
    main()
