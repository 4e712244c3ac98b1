// How a text is drawn: isolated words, marks, invisible characters on demand. Elements are made by
// name and filled by textContent; no text ever becomes markup.
const byId = (id) => document.getElementById(id);
const make = (tag, css, words) => {
  const made = document.createElement(tag);
  if (css) made.className = css;
  if (words !== undefined) made.textContent = words;
  return made;
};
const fold = (text) => text.normalize("NFKC").toLowerCase();
const counted = (number) => number.toLocaleString("en-US");

// Mentions, hashtags and links stand apart, so that a Persian post that opens with a Latin mention
// still reads right to left; the same rule as the page's own quotes.
const ISOLATED = /(?:https?|hxxps?):\/\/\S+|[@#][\p{L}\p{N}_.-]+|\b(?:acct|link|name|post|user)_[0-9a-z]{12}\b|⟦[^⟦⟧]{1,12}⟧/giu;
// Normal spelling that a reader may still want to see.
const UNSEEN = {
  "\u200c": "ZWNJ", "\u200d": "ZWJ", "\ufe0e": "VS15", "\ufe0f": "VS16", "\u00a0": "NBSP",
  "\u202f": "NNBSP", "\u3000": "IDSP", "\t": "TAB", "\n": "LF",
};
const UNSEEN_ONE = /[\u200c\u200d\ufe0e\ufe0f\u00a0\u202f\u3000\t\n]/;

const isolated = (text) => {
  const whole = document.createDocumentFragment();
  let end = 0;
  for (const found of text.matchAll(ISOLATED)) {
    whole.append(text.slice(end, found.index));
    whole.append(make("bdi", found[0][0] === "⟦" ? "inv" : "", found[0]));
    end = found.index + found[0].length;
  }
  whole.append(text.slice(end));
  return whole;
};

const textNodes = (root) => {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) found.push(walker.currentNode);
  return found;
};

// A mark stands before its character, which stays where it is: what is copied is still the text.
const markUnseen = (root) => {
  for (const node of textNodes(root)) {
    if (!UNSEEN_ONE.test(node.data) || node.parentNode.dataset?.mark) continue;
    const whole = document.createDocumentFragment();
    for (const part of node.data.split(/([\u200c\u200d\ufe0e\ufe0f\u00a0\u202f\u3000\t\n])/)) {
      if (!UNSEEN[part]) { whole.append(part); continue; }
      const mark = make("span", "inv", part);
      mark.dataset.mark = UNSEEN[part];
      whole.append(mark);
    }
    node.replaceWith(whole);
  }
};
const unmarkUnseen = (root) => {
  for (const mark of root.querySelectorAll("[data-mark]")) {
    const around = mark.parentNode;
    mark.replaceWith(mark.textContent);
    around.normalize();
  }
};
let unseenShown = false;
const showUnseen = (shown) => {
  unseenShown = shown;
  for (const text of document.querySelectorAll("blockquote, .text, .words, .stood div")) {
    if (shown) markUnseen(text); else unmarkUnseen(text);
  }
};

// For screen readers: says what a click has done.
const say = (words) => { if (byId("told")) byId("told").textContent = words; };
