// The posts section: what the filters and the search leave, a page at a time, and the lists of the
// filters themselves.
const PER_LIST = 50;
const listed = { indexes: [], page: 0 };

const drawList = () => {
  const all = listed.indexes.length;
  const last = Math.max(Math.ceil(all / PER_LIST) - 1, 0);
  listed.page = Math.min(listed.page, last);
  const start = listed.page * PER_LIST;
  const order = byId("list-order").value === "new" ? [...listed.indexes].reverse() : listed.indexes;
  const shown = order.slice(start, start + PER_LIST);
  byId("list").replaceChildren(...shown.map(postEntry));
  byId("list").start = start + 1;
  const { size, total } = block();
  const among = all === size ? "" : ` of the ${counted(size)} in this file`;
  const part = size < total ? `; the case holds ${counted(total)}` : "";
  byId("list-count").textContent = all
    ? `Posts ${counted(start + 1)} to ${counted(start + shown.length)} of ${counted(all)}${among}${part}`
    : `No post matches${among}${part}`;
  byId("list-before").disabled = listed.page === 0;
  byId("list-after").disabled = listed.page === last;
};
const turn = (by) => {
  listed.page += by;
  drawList();
  byId("posts").scrollIntoView({ block: "start" });
};

const option = (value, words) => {
  const made = make("option", "", words);
  made.value = value;
  return made;
};
const byPosts = (name) => [...listsOf(name)].sort((a, b) => b[1].length - a[1].length);
const fillFilters = () => {
  const data = block();
  const told = (words, posts) => `${words} (${counted(posts.length)})`;
  for (const [at, posts] of byPosts("lang")) byId("f-lang").append(option(data.langs[at][0], told(data.langs[at][1], posts)));
  for (const [at, posts] of byPosts("platform")) {
    if (data.platforms[at]) byId("f-platform").append(option(data.platforms[at], told(data.platforms[at], posts)));
  }
  data.narratives.forEach(([label], at) => {
    byId("f-narrative").append(option(String(at), told(label, listsOf("narrative").get(at) ?? [])));
  });
  byId("f-narrative").append(option("none", "in no narrative"));
  data.own.forEach(({ name, values }, at) => {
    const key = `own${at}`;
    const [label, select] = [make("label"), make("select")];
    select.id = `f-${key}`;
    select.append(option("", "any"));
    for (const [place, posts] of byPosts(key)) select.append(option(values[place], told(values[place], posts)));
    select.addEventListener("change", () => choose({ [key]: select.value }));
    label.append(make("bdi", "", name), select);
    byId("f-from").closest("label").before(label);
  });
  // A list to choose from, not the only way: any account of the page may be typed.
  for (const [at, posts] of byPosts("account").slice(0, 200)) {
    byId("f-accounts").append(option(data.accounts[at], `${counted(posts.length)} posts`));
  }
};

const wireExplorer = () => {
  document.querySelector(".unscripted").hidden = true;
  byId("explorer").hidden = false;
  byId("list-before").addEventListener("click", () => turn(-1));
  byId("list-after").addEventListener("click", () => turn(1));
  byId("list-order").addEventListener("change", () => { listed.page = 0; drawList(); });
  byId("list-csv").addEventListener("click", () => saveCsv(listed.indexes));
  for (const key of KEYS.filter((one) => one !== "q" && ownAt(one) < 0)) {
    byId(`f-${key}`).addEventListener("change", (event) => choose({ [key]: event.target.value.trim() }));
  }
  byId("f-clear").addEventListener("click", () => {
    choose(Object.fromEntries(KEYS.map((key) => [key, ""])));
  });
  byId("filters-button").addEventListener("click", () => openFilters(byId("filters").hidden));
};
const openFilters = (open) => {
  byId("filters").hidden = !open;
  byId("filters-button").setAttribute("aria-expanded", String(open));
  if (open) byId("f-lang").focus();
};
