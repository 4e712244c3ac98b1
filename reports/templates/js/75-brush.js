// The brush: drag over the bars of a chart to choose a span of time, press on one bar for its time
// alone. The same can be typed under Filters. Bars of what the filters leave stand before the others.
const SVG = "http://www.w3.org/2000/svg";
const shape = (css, x, width, y, height) => {
  const made = document.createElementNS(SVG, "rect");
  made.setAttribute("class", css);
  for (const [name, value] of Object.entries({ x: `${x}%`, width: `${width}%`, y, height })) {
    made.setAttribute(name, value);
  }
  return made;
};
const timesOf = (chart) => ({
  start: Number(chart.dataset.start), bin: Number(chart.dataset.bin), bins: Number(chart.dataset.bins),
});

const binUnder = (svg, chart, x) => {
  const box = svg.getBoundingClientRect();
  const { bins } = timesOf(chart);
  return Math.min(Math.max(Math.floor(((x - box.left) / box.width) * bins), 0), bins - 1);
};
const drawBrush = (chart, first, last) => {
  const { bins } = timesOf(chart);
  for (const svg of chart.querySelectorAll(".timed svg")) {
    for (const old of svg.querySelectorAll(".brush")) old.remove();
    if (first === null || last < 0 || first >= bins) continue;
    const from = Math.max(first, 0);
    const to = Math.min(last, bins - 1);
    svg.append(shape("brush", (100 * from) / bins, (100 * (to - from + 1)) / bins, 0, svg.getAttribute("height")));
  }
};
const drawChosenTime = () => {
  for (const chart of document.querySelectorAll(".chart")) {
    const { start, bin, bins } = timesOf(chart);
    const from = secondsOf(chosen.from);
    const to = secondsOf(chosen.to);
    const first = from === null ? 0 : Math.floor((from - start) / bin);
    const last = to === null ? bins - 1 : Math.ceil((to - start) / bin) - 1;
    if (from === null && to === null) drawBrush(chart, null, null);
    else drawBrush(chart, first, last);
  }
};

// How many own posts stand in each bin, of all and of those that the filters leave.
const binned = (chart, test) => {
  const { start, bin, bins } = timesOf(chart);
  const { columns, size } = block();
  const counts = new Array(bins).fill(0);
  for (let i = 0; i < size; i += 1) {
    if (columns.at[i] === null || !is.written(block(), i) || !test(i)) continue;
    const at = Math.floor((columns.at[i] - start) / bin);
    if (at >= 0 && at < bins) counts[at] += 1;
  }
  return counts;
};
const drawFiltered = () => {
  const { size, total } = block();
  const words = wantedWords();
  const tests = size ? testsOf(false) : [];
  if (words && size) tests.push((i) => foldedTexts()[i].includes(words));
  for (const chart of document.querySelectorAll(".chart")) {
    const svg = chart.querySelector(".timed svg");
    for (const old of svg.querySelectorAll(".left")) old.remove();
    const drawn = tests.length > 0 && size === total;
    svg.classList.toggle("filtered", drawn);
    if (!drawn) continue;
    const { bins } = timesOf(chart);
    const most = Math.max(...binned(chart, () => true), 1);
    const height = Number(svg.getAttribute("height"));
    binned(chart, (i) => tests.every((test) => test(i))).forEach((number, at) => {
      if (!number) return;
      const tall = Math.max(1, (height * number) / most);
      svg.append(shape("left", (100 * (at + 0.06)) / bins, 88 / bins, height - tall, tall));
    });
  }
};

// The numbers of the table under a chart open their posts; made when the table is opened.
const linkBins = (table) => {
  const { bin } = timesOf(table.closest(".chart"));
  const heads = [...table.querySelectorAll("thead [data-opens]")];
  for (const row of table.querySelectorAll("tbody tr")) {
    const at = Number(row.dataset.at);
    row.querySelectorAll("td").forEach((cell, i) => {
      if (cell.textContent.trim() === "0") return;
      const link = make("a", "num", cell.textContent.trim());
      link.href = "#posts";
      link.dataset.posts = `${heads[i].dataset.opens} time:${at}-${at + bin}`;
      cell.replaceChildren(link);
    });
  }
};
const wireBins = () => {
  for (const table of document.querySelectorAll("table.bins")) {
    table.closest("details").addEventListener("toggle", () => linkBins(table), { once: true });
  }
};

const wireBrush = () => {
  for (const chart of document.querySelectorAll(".chart")) {
    const { start, bin } = timesOf(chart);
    const hint = make("p", "muted hint", "Drag over the bars to choose a span of time; everything listed follows. Filters take dates as well.");
    chart.querySelector("h3").after(hint);
    let held = null;
    chart.addEventListener("pointerdown", (event) => {
      const svg = event.target.closest(".timed svg");
      if (!svg || event.button) return;
      held = { svg, first: binUnder(svg, chart, event.clientX) };
      svg.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    const ends = (event) => {
      const other = binUnder(held.svg, chart, event.clientX);
      return [Math.min(held.first, other), Math.max(held.first, other)];
    };
    chart.addEventListener("pointermove", (event) => { if (held) drawBrush(chart, ...ends(event)); });
    chart.addEventListener("pointercancel", () => { held = null; drawChosenTime(); });
    chart.addEventListener("pointerup", (event) => {
      if (!held) return;
      const [first, last] = ends(event);
      held = null;
      choose({ from: wordsOf(start + first * bin), to: wordsOf(start + (last + 1) * bin) });
    });
  }
};
