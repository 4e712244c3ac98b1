// The posts of this file: one block of data, read once, in columns of equal length. An index counts
// posts of the block, a place counts posts of the case; they differ where the file holds a part.
let readBlock = null;
const block = () => {
  if (readBlock === null) {
    const data = byId("block") ? JSON.parse(byId("block").textContent) : null;
    readBlock = data ? opened(data) : { size: 0, total: 0 };
  }
  return readBlock;
};

const opened = (data) => {
  const columns = data.columns;
  const size = columns.place.length;
  const seats = size === data.total ? null : new Map(columns.place.map((place, i) => [place, i]));
  const seat = (place) => (seats ? seats.get(place) : place < size ? place : undefined);
  return { ...data, size, seat, lists: {}, folded: null };
};

// For each value of a column the indexes of its posts.
const listsOf = (name) => {
  const data = block();
  if (!data.lists[name]) {
    const lists = new Map();
    data.columns[name].forEach((value, i) => {
      if (value < 0) return;
      if (!lists.has(value)) lists.set(value, []);
      lists.get(value).push(i);
    });
    data.lists[name] = lists;
  }
  return data.lists[name];
};

const numbersIn = (ranges) => {
  const found = [];
  for (const run of ranges.split(",")) {
    const [first, last] = run.split("-").map(Number);
    for (let one = first; one <= (last ?? first); one += 1) found.push(one);
  }
  return found;
};
const is = {
  all: () => true,
  written: (data, i) => data.kinds[data.columns.kind[i]][0] !== "repost",
  reposts: (data, i) => data.kinds[data.columns.kind[i]][0] === "repost",
  told: (data, i) => data.columns.narrative[i] >= 0,
};
const within = (ranges) => {
  const [from, to] = ranges.split("-").map(Number);
  return (data, i) => data.columns.at[i] !== null && data.columns.at[i] >= from && data.columns.at[i] < to;
};

// The indexes that a selector names, oldest first; see reports/opens.py.
const indexesOf = (selector) => {
  const data = block();
  let found = null;
  const tests = [];
  for (const part of selector.split(" ")) {
    const [name, ranges] = part.split(":");
    if (is[name]) { tests.push(is[name]); continue; }
    if (name === "time") { tests.push(within(ranges)); continue; }
    let own = [];
    if (name === "posts") own = numbersIn(ranges).map(data.seat).filter((i) => i !== undefined);
    else for (const value of numbersIn(ranges)) own = own.concat(listsOf(name).get(value) ?? []);
    found = found ? ((kept) => found.filter((i) => kept.has(i)))(new Set(own)) : own;
  }
  found ??= Array.from({ length: data.size }, (_, i) => i);
  return found.filter((i) => tests.every((test) => test(data, i))).sort((a, b) => a - b);
};

const foldedTexts = () => {
  const data = block();
  const also = (i) => (data.beside[i] ?? []).map(([, words]) => ` ${fold(words)}`).join("");
  data.folded ??= data.columns.text.map((text, i) => `${fold(text)} ${data.columns.id[i]}${also(i)}`);
  return data.folded;
};

const momentOf = (i) => {
  const { columns, precisions } = block();
  if (columns.at[i] === null) return "an unknown time";
  const told = new Date(columns.at[i] * 1000).toISOString();
  if (precisions[columns.precision[i]] === "day") return told.slice(0, 10);
  return `${told.slice(0, 10)} ${told.slice(11, 16)} UTC`;
};
let places = null;
const accountPlaces = () => {
  places ??= new Map((block().accounts ?? []).map((name, place) => [name, place]));
  return places;
};
const accountOf = (i) => block().accounts[block().columns.account[i]] ?? "unnamed";

// The row of the file, and the column where another one than the text was analyzed.
const rowCited = (i) => {
  const { columns, analyzed } = block();
  return analyzed[i] ? `${columns.row[i]}, column ${analyzed[i]}` : `${columns.row[i]}`;
};

// case / id / address / file sha256 digest:row / time; the twin of `citation` in reports/evidence.py.
const citationOf = (i) => {
  const { columns, files } = block();
  const [file, digest] = files[columns.file[i]];
  const place = digest ? `${file} sha256 ${digest}:${rowCited(i)}` : `${file}:${rowCited(i)}`;
  const parts = [block().case, columns.id[i], columns.url[i], place, momentOf(i)];
  return parts.filter((part) => part !== "").join(" / ");
};
