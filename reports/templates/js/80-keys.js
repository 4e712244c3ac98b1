// Keys: / search, f filters, j and k through cards, ? help. Single letters can be switched off in the
// help (WCAG 2.1.4) and never act while something is typed.
let keysOn = true;
const typing = () => document.activeElement?.closest?.("input, select, textarea") !== null;

const cardsShown = () => [...document.querySelectorAll("main article.card, main .findings > li, #list > li")]
  .filter((one) => one.checkVisibility());
const walk = (by) => {
  const cards = cardsShown();
  if (!cards.length) return;
  const here = document.activeElement.closest("article.card, .findings > li, #list > li");
  const edge = byId("tools").getBoundingClientRect().bottom;
  const below = cards.findIndex((one) => one.getBoundingClientRect().bottom > edge + 8);
  const from = here ? cards.indexOf(here) : (below < 0 ? cards.length : below) - (by > 0 ? 1 : 0);
  const next = cards[Math.min(Math.max(from + by, 0), cards.length - 1)];
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "start" });
};

const inDrawer = (event) => {
  const by = { j: 1, ArrowDown: 1, ArrowRight: 1, k: -1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!by || (event.key.length === 1 && !keysOn)) return;
  event.preventDefault();
  step(by);
};
const wireKeys = () => {
  byId("help-button").addEventListener("click", () => byId("help").showModal());
  byId("help-close").addEventListener("click", () => byId("help").close());
  byId("keys-on").addEventListener("change", (event) => { keysOn = event.target.checked; });
  const does = {
    "/": () => byId("search").focus(),
    f: () => openFilters(byId("filters").hidden),
    j: () => walk(1),
    k: () => walk(-1),
    "?": () => byId("help").showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (byId("drawer").open) { inDrawer(event); return; }
    if (byId("help").open) return;
    if (event.key === "Escape" && document.activeElement === byId("search")) {
      choose({ q: "" });
    } else if (keysOn && !typing() && does[event.key]) {
      event.preventDefault();
      does[event.key]();
    }
  });
};
