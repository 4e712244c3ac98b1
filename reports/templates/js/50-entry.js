// One post or source as the lists show it, and copying its citation.
const copyWords = async (words) => {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    const area = make("textarea", "unseen", words);
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
};
const copyButton = (words) => {
  const button = make("button", "copy", "Copy citation");
  button.type = "button";
  button.addEventListener("click", async () => {
    const done = await copyWords(words());
    button.textContent = done ? "Copied" : "Not copied";
    say(done ? "Citation copied" : "The browser did not copy");
    setTimeout(() => { button.textContent = "Copy citation"; }, 1500);
  });
  return button;
};

// Posts that the appendix lists, by their place: "E12".
let labels = null;
const labelOf = (place) => {
  if (labels === null) {
    labels = new Map();
    for (const item of document.querySelectorAll("#evidence li[data-of]")) {
      labels.set(Number(item.dataset.of.split(":")[1]), item.id.replace(/^e/, "E"));
    }
  }
  return labels.get(place);
};

const separated = (holder, parts) => {
  parts.forEach((part, i) => holder.append(...(i ? [" · ", part] : [part])));
  return holder;
};

// Translation, transcript and the like, as the file gives them.
const besideOf = (i) => (block().beside[i] ?? []).map(([label, words]) => {
  const made = make("div", "also");
  const text = make("div", "text");
  text.dir = "auto";
  text.append(isolated(words));
  if (unseenShown) markUnseen(text);
  made.append(make("span", "meta", label), text);
  return made;
});

const postEntry = (i) => {
  const data = block();
  const { columns } = data;
  const item = make("li", "entry");
  const label = labelOf(columns.place[i]);
  const account = make("button", "account", accountOf(i));
  account.type = "button";
  account.title = "Show only this account";
  account.addEventListener("click", () => {
    byId("drawer").close();
    choose({ account: accountOf(i) });
  });
  const parts = [momentOf(i), account, data.kinds[columns.kind[i]][1]];
  if (label) parts.unshift(make("b", "", label));
  parts.push(data.langs[columns.lang[i]][1]);
  if (data.platforms[columns.platform[i]]) parts.push(data.platforms[columns.platform[i]]);
  const told = data.narratives[columns.narrative[i]];
  if (told) {
    const name = make(told[2] ? "a" : "span");
    if (told[2]) name.href = `#${told[2]}`;
    name.append(make("bdi", "", told[0]));
    parts.push(name);
  }
  const text = make("div", "text");
  text.dir = "auto";
  text.lang = data.langs[columns.lang[i]][0];
  text.append(isolated(columns.text[i]));
  const place = make("bdi", "", `${data.files[columns.file[i]][0]}, row ${rowCited(i)}`);
  const foot = separated(make("div", "meta"), [make("span", "id", columns.id[i]), place]);
  foot.append(" ", copyButton(() => citationOf(i)));
  item.append(separated(make("div", "meta"), parts), text, ...besideOf(i), foot);
  if (unseenShown) markUnseen(text);
  return item;
};

// A source of the appendix that is no post of the block: its entry, copied.
const sourceEntry = (source) => {
  const item = make("li", "entry");
  for (const part of source.children) item.append(part.cloneNode(true));
  for (const old of item.querySelectorAll(".copy")) old.remove();
  const cite = item.querySelector("[data-cite]");
  if (cite) cite.append(" ", copyButton(() => cite.dataset.cite));
  return item;
};
