// The posts chosen, as CSV that no spreadsheet reads as a formula: the rule of reports/clean.py.
// Look past white space, controls and format characters; where the first character, folded by NFKC,
// is one of = + - @ and the cell is no plain number, ' stands before the cell.
const PLAIN_NUMBER = /^[+-]?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,4})?$/;
const startsFormula = (text) => {
  for (const one of text) {
    if (/[\s\p{Cc}\p{Cf}\p{Zs}]/u.test(one)) continue;
    return "=+-@".includes(one.normalize("NFKC").slice(0, 1));
  }
  return false;
};
const csvText = (text) => {
  const mark = (one) => `⟦U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟧`;
  // eslint-disable-next-line no-control-regex
  const held = text.replace(/\r\n?/g, "\n").replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]|\p{Cs}/gu, mark);
  return startsFormula(held) && !PLAIN_NUMBER.test(held) ? `'${held}` : held;
};
const csvCell = (value) => {
  const text = csvText(String(value));
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const csvRow = (i) => {
  const data = block();
  const { columns } = data;
  const [file, digest] = data.files[columns.file[i]];
  const told = data.narratives[columns.narrative[i]];
  return [
    columns.id[i], columns.at[i] === null ? "" : momentOf(i), accountOf(i),
    data.platforms[columns.platform[i]], data.langs[columns.lang[i]][0],
    data.kinds[columns.kind[i]][0], told ? told[0] : "", columns.text[i], columns.url[i], file,
    columns.row[i], digest, citationOf(i),
  ].map(csvCell).join(",");
};
const CSV_HEAD = "post,time,account,platform,language,kind,narrative,text,address,file,row,sha256,citation";

const saveCsv = (indexes) => {
  // The mark at the start tells spreadsheets that this is UTF-8.
  const lines = [CSV_HEAD, ...indexes.map(csvRow)].join("\r\n");
  const made = URL.createObjectURL(new Blob([`\ufeff${lines}\r\n`], { type: "text/csv" }));
  const link = make("a");
  link.href = made;
  link.download = `posts-${indexes.length}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(made), 10000);
  say(`${counted(indexes.length)} posts saved as CSV`);
};
