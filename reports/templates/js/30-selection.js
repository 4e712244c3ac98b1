// What is chosen: filters kept in the address after "?", so that a reload or a shared link brings
// them back. `#narratives?lang=fa` leads to the section and filters.
const KEYS = ["q", "lang", "platform", "narrative", "account", "from", "to"];
const chosen = { q: "", lang: "", platform: "", narrative: "", account: "", from: "", to: "" };
let theme = "";

// Columns that the analyst carried along: a key each, own0, own1, ...; their values are as shown.
const ownAt = (key) => (key.startsWith("own") ? Number(key.slice(3)) : -1);
const addOwnKeys = () => (block().own ?? []).forEach((_, at) => {
  KEYS.push(`own${at}`);
  chosen[`own${at}`] = "";
});

const readAddress = () => {
  const [anchor, query = ""] = location.hash.slice(1).split(/\?(.*)/s);
  const asked = new URLSearchParams(query);
  for (const key of KEYS) chosen[key] = asked.get(key) ?? "";
  theme = ["dark", "light"].includes(asked.get("theme")) ? asked.get("theme") : "";
  return anchor;
};
const query = () => {
  const told = new URLSearchParams();
  for (const key of KEYS) if (chosen[key]) told.set(key, chosen[key]);
  if (theme) told.set("theme", theme);
  return told.toString();
};
const writeAddress = (anchor = location.hash.slice(1).split("?")[0]) => {
  const told = query();
  history.replaceState(null, "", `#${anchor}${told ? `?${told}` : ""}`);
};

const secondsOf = (words) => {
  if (!words) return null;
  const at = Date.parse(`${words}:00Z`.replace(/(:\d\d:\d\d):00Z$/, "$1Z"));
  return Number.isNaN(at) ? null : at / 1000;
};
const wordsOf = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 16);

// Every filter but the text of the search and, where asked, but the time.
const testsOf = (timed) => {
  const data = block();
  const { columns } = data;
  const tests = [];
  const place = (names, wanted) => names.findIndex((name) => name === wanted);
  if (chosen.lang) {
    const wanted = place(data.langs.map(([code]) => code), chosen.lang);
    tests.push((i) => columns.lang[i] === wanted);
  }
  if (chosen.platform) {
    const wanted = place(data.platforms, chosen.platform);
    tests.push((i) => columns.platform[i] === wanted);
  }
  if (chosen.account) {
    const wanted = place(data.accounts, chosen.account);
    tests.push((i) => wanted >= 0 && columns.account[i] === wanted);
  }
  if (chosen.narrative) {
    const wanted = chosen.narrative === "none" ? -1 : Number(chosen.narrative);
    tests.push((i) => columns.narrative[i] === wanted);
  }
  for (const key of KEYS.filter((one) => ownAt(one) >= 0 && chosen[one])) {
    const wanted = data.own[ownAt(key)].values.indexOf(chosen[key]);
    tests.push((i) => wanted >= 0 && columns[key][i] === wanted);
  }
  const from = secondsOf(chosen.from);
  const to = secondsOf(chosen.to);
  if (timed && from !== null) tests.push((i) => columns.at[i] !== null && columns.at[i] >= from);
  if (timed && to !== null) tests.push((i) => columns.at[i] !== null && columns.at[i] < to);
  return tests;
};

const isFiltered = () => KEYS.some((key) => key !== "q" && chosen[key]);
const wantedWords = () => fold(chosen.q.trim());

// A flag for each post: 1 where the filters leave it, 2 where the search finds it too.
const select = () => {
  const { size } = block();
  const flags = new Uint8Array(size);
  if (!size) return flags;
  const tests = testsOf(true);
  const words = wantedWords();
  const texts = words ? foldedTexts() : null;
  for (let i = 0; i < size; i += 1) {
    if (tests.every((test) => test(i))) flags[i] = !words || texts[i].includes(words) ? 2 : 1;
  }
  return flags;
};
