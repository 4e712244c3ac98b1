// The page reads without all this. Here the parts are put together: what is chosen is drawn, kept in
// the address, and read from it again.
const items = [...document.querySelectorAll("[data-find]")];
const itemWords = new Map();
const wordsIn = (item) => {
  if (!itemWords.has(item)) itemWords.set(item, fold(item.textContent));
  return itemWords.get(item);
};

const NAMES = { q: "Search", lang: "Language", platform: "Platform", narrative: "Narrative", account: "Account", from: "From", to: "Before" };
const nameOf = (key) => NAMES[key] ?? block().own[ownAt(key)].name;
const chosenWords = (key) => {
  const data = block();
  const value = chosen[key];
  if (key === "lang") return data.langs.find(([code]) => code === value)?.[1] ?? value;
  if (key === "narrative") return data.narratives[Number(value)]?.[0] ?? "none";
  return key === "from" || key === "to" ? `${value.replace("T", " ")} UTC` : value;
};
const drawChips = () => {
  byId("chips").replaceChildren(...KEYS.filter((key) => key !== "q" && chosen[key]).map((key) => {
    const button = make("button");
    button.type = "button";
    button.append(make("bdi", "", nameOf(key)), ": ", make("bdi", "", chosenWords(key)), " ×");
    button.setAttribute("aria-label", `Remove filter ${nameOf(key)}: ${chosenWords(key)}`);
    button.addEventListener("click", () => { choose({ [key]: "" }); byId("search").focus(); });
    const item = make("li");
    item.append(button);
    return item;
  }));
};

// What a card or row is about: as it says, else the accounts that it names.
const aboutOf = (item) => {
  if (item.dataset.of !== undefined) return indexesOf(item.dataset.of);
  if (item.closest(".findings")) return null;
  const places = accountPlaces();
  const named = [...item.querySelectorAll("bdi.id")].map((one) => places.get(one.textContent.trim()));
  const known = named.filter((place) => place !== undefined);
  return known.length ? known.flatMap((place) => listsOf("account").get(place) ?? []) : null;
};
const about = new Map();
const isLeft = (item, flags) => {
  if (!about.has(item)) about.set(item, aboutOf(item));
  const indexes = about.get(item);
  return indexes === null || indexes.some((i) => flags[i]);
};

const hideOthers = (flags) => {
  const words = wantedWords();
  const filtered = isFiltered();
  let shown = 0;
  for (const item of items) {
    const fits = !words || wordsIn(item).includes(words);
    item.hidden = !fits || (filtered && !isLeft(item, flags));
    if (!item.hidden) shown += 1;
  }
  for (const section of document.querySelectorAll("main > section")) {
    const own = section.querySelectorAll("[data-find]");
    const none = own.length > 0 && [...own].every((item) => item.hidden);
    section.classList.toggle("nothing", none);
  }
  return shown;
};

const draw = () => {
  const flags = select();
  const cards = hideOthers(flags);
  const active = isFiltered() || wantedWords() !== "";
  let told = `${counted(cards)} of ${counted(items.length)} cards and rows`;
  if (block().size) {
    listed.indexes = [...flags.keys()].filter((i) => flags[i] === 2);
    listed.page = 0;
    drawList();
    drawChips();
    drawChosenTime();
    drawFiltered();
    told = `${counted(listed.indexes.length)} of ${counted(block().size)} posts, ${told}`;
    const number = KEYS.filter((key) => key !== "q" && chosen[key]).length;
    byId("filters-button").textContent = number ? `Filters (${number})` : "Filters";
    for (const key of KEYS.filter((one) => one !== "q")) byId(`f-${key}`).value = chosen[key];
  }
  byId("found").textContent = active ? told : "";
  if (byId("search").value !== chosen.q) byId("search").value = chosen.q;
};
const choose = (change) => {
  Object.assign(chosen, change);
  writeAddress();
  draw();
};

const drawTheme = () => {
  const dark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  byId("theme").setAttribute("aria-pressed", String(dark));
};
const wireTools = () => {
  byId("tools").hidden = false;
  let waiting = 0;
  byId("search").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => choose({ q: byId("search").value }), 120);
  });
  byId("theme").addEventListener("click", () => {
    theme = byId("theme").getAttribute("aria-pressed") === "true" ? "light" : "dark";
    writeAddress();
    drawTheme();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawTheme);
};
const wireDetails = () => {
  byId("open").addEventListener("click", () => {
    const all = [...document.querySelectorAll("main details")];
    const open = all.some((one) => !one.open);
    for (const one of all) one.open = open;
    byId("open").textContent = open ? "Close all" : "Open all";
  });
  byId("invisible").addEventListener("click", () => {
    showUnseen(!unseenShown);
    byId("invisible").setAttribute("aria-pressed", String(unseenShown));
  });
};
const wirePaper = () => {
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of closed) one.open = false; });
};

// Which section is being read, for the list of sections.
const wireSections = () => {
  const links = new Map([...document.querySelectorAll("nav.sections a")].map((a) => [a.hash.slice(1), a]));
  const seen = new Set();
  const watch = new IntersectionObserver((entries) => {
    for (const one of entries) seen[one.isIntersecting ? "add" : "delete"](one.target.id);
    const here = [...links.keys()].find((id) => seen.has(id));
    for (const [id, link] of links) {
      if (id === here) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "-20% 0px -70% 0px" });
  for (const id of links.keys()) if (byId(id)) watch.observe(byId(id));
};

// Tables that are wider than the page: reached by keys, and a hint says that there is more.
const wireWide = () => {
  for (const [at, box] of [...document.querySelectorAll(".scroll")].entries()) {
    const caption = box.querySelector("caption")?.textContent.trim();
    const heading = box.closest("section")?.querySelector("h2")?.textContent.trim();
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", `${caption || heading || "Table"}, table ${at + 1}`);
    const hint = make("p", "sideways", "Scroll the table sideways for more columns.");
    box.after(hint);
    new ResizeObserver(() => hint.classList.toggle("on", box.scrollWidth > box.clientWidth + 1)).observe(box);
  }
};

// What a link leads to may be hidden by a filter or lie in closed details.
const goTo = (anchor) => {
  const target = anchor && byId(anchor);
  if (!target) return;
  for (let one = target; one; one = one.parentElement) {
    if (one.tagName === "DETAILS") one.open = true;
    if (one.hidden && one.dataset.find !== undefined) one.hidden = false;
  }
  target.scrollIntoView({ behavior: "instant" });
};
const follow = () => {
  if (location.hash.includes("?")) {
    const anchor = readAddress();
    drawTheme();
    draw();
    goTo(anchor);
  } else {
    const anchor = location.hash.slice(1);
    writeAddress(anchor);
    goTo(anchor);
  }
};

const start = () => {
  const told = make("p", "unseen");
  told.id = "told";
  told.setAttribute("role", "status");
  document.body.append(told);
  for (const holder of document.querySelectorAll("[data-cite]")) {
    holder.append(" ", copyButton(() => holder.dataset.cite));
  }
  addOwnKeys();
  const anchor = readAddress();
  wireTools();
  drawTheme();
  if (byId("block")) {
    wireDetails();
    wirePaper();
    wireDrawer();
    wireExplorer();
    wireBrush();
    wireBins();
    wireKeys();
    wireSections();
    wireWide();
    for (const section of document.querySelectorAll("main > section")) {
      if (section.querySelector("[data-find]")) section.append(make("p", "none muted", "Nothing here matches the search and the filters."));
    }
    fillFilters();
  }
  draw();
  goTo(anchor);
  addEventListener("hashchange", follow);
  document.documentElement.dataset.ready = "true";
};
// The first view is drawn before the posts are read.
requestAnimationFrame(() => setTimeout(start, 0));
