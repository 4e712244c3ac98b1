// The drawer: the posts behind a number, or the sources behind a row of citations. A dialog of the
// browser: it keeps the focus inside and gives it back when closed.
const PER_DRAWER = 20;
const drawn = { entries: [], at: 0, page: -1, title: "" };

// An entry is the index of a post, or an item of the appendix.
const entryNode = (entry) => (typeof entry === "number" ? postEntry(entry) : sourceEntry(entry));

const drawPage = () => {
  const page = Math.floor(drawn.at / PER_DRAWER);
  const list = byId("drawer-list");
  if (page !== drawn.page) {
    drawn.page = page;
    const start = page * PER_DRAWER;
    list.replaceChildren(...drawn.entries.slice(start, start + PER_DRAWER).map(entryNode));
    list.start = start + 1;
  }
  [...list.children].forEach((item, i) => {
    const here = i === drawn.at % PER_DRAWER;
    item.classList.toggle("here", here);
    if (here) { item.setAttribute("aria-current", "true"); item.scrollIntoView({ block: "nearest" }); }
    else item.removeAttribute("aria-current");
  });
  const all = drawn.entries.length;
  byId("drawer-count").textContent = all ? `${counted(drawn.at + 1)} of ${counted(all)}` : "None of these posts is in this file.";
  byId("drawer-before").disabled = drawn.at === 0;
  byId("drawer-after").disabled = drawn.at >= all - 1;
};
const step = (by) => {
  const next = Math.min(Math.max(drawn.at + by, 0), drawn.entries.length - 1);
  if (next === drawn.at || next < 0) return;
  drawn.at = next;
  drawPage();
};
const openDrawer = (title, entries, at = 0) => {
  Object.assign(drawn, { title, entries, at, page: -1 });
  byId("drawer-title").textContent = title;
  byId("drawer-csv").hidden = !entries.some((entry) => typeof entry === "number");
  if (!byId("drawer").open) byId("drawer").showModal();
  drawPage();
};

const entryOf = (item) => {
  const [name, place] = (item.dataset.of ?? "").split(":");
  const index = name === "posts" ? block().seat(Number(place)) : undefined;
  return index ?? item;
};
// A citation opens among those beside it, so that next and previous walk through them.
const openReference = (link) => {
  const around = link.closest("article, li, tr, figure, section");
  const ids = [...around.querySelectorAll("a.ref")].map((one) => one.hash.slice(1).split("?")[0]);
  const items = [...new Set(ids)].map(byId).filter(Boolean);
  const at = items.indexOf(byId(link.hash.slice(1).split("?")[0]));
  openDrawer("Evidence", items.map(entryOf), Math.max(at, 0));
};
const titleOf = (link) => {
  const box = link.closest("li, dl > div, tr, p");
  const words = (box?.querySelector("span, dt, th")?.textContent ?? "").trim();
  return words ? `${words}: ${link.textContent.trim()}` : link.textContent.trim();
};
const openNumber = (link) => openDrawer(titleOf(link), indexesOf(link.dataset.posts));

const wireDrawer = () => {
  const drawer = byId("drawer");
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.ref, [data-posts]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    if (link.dataset.posts) openNumber(link); else openReference(link);
  });
  drawer.addEventListener("click", (event) => {
    if (event.target === drawer || event.target.closest("a[href]")) drawer.close();
  });
  byId("drawer-close").addEventListener("click", () => drawer.close());
  byId("drawer-before").addEventListener("click", () => step(-1));
  byId("drawer-after").addEventListener("click", () => step(1));
  byId("drawer-csv").addEventListener("click", () => {
    saveCsv(drawn.entries.filter((entry) => typeof entry === "number"));
  });
};
