// Runs the script of a report with just enough of a document, and fails where it throws or draws
// what is no number:  node page.js REPORT.html
'use strict';
const fs = require('fs');

const page = fs.readFileSync(process.argv[2], 'utf8');
const [data, script] = [...page.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)].map(m => m[2]);
const ids = new Map();

function made(tag) {
  return {
    tag, attributes: {}, children: [], style: {}, listeners: {}, textContent: '',
    get firstChild() { return this.children[0]; },
    setAttribute(key, value) {
      if (/NaN|undefined|Infinity/.test(String(value))) {
        throw new Error(`${tag}: ${key} is ${String(value).slice(0, 80)}`);
      }
      this.attributes[key] = value;
    },
    appendChild(child) {
      this.children.push(child);
      if (this.tag === 'select' && this.value === undefined) this.value = child.value;
      return child;
    },
    removeChild(child) { this.children.splice(this.children.indexOf(child), 1); },
    addEventListener(name, listener) { this.listeners[name] = listener; },
  };
}

function count(element, tag) {
  return (element.children || []).reduce((sum, child) => sum + count(child, tag),
                                         element.tag === tag ? 1 : 0);
}

for (const [, tag, id] of page.matchAll(/<(\w+)[^>]*\sid="(\w+)"/g)) ids.set(id, made(tag));
ids.get('data').textContent = data;
globalThis.innerWidth = 1000;
globalThis.document = {
  getElementById: id => ids.get(id) || null,
  createElement: made,
  createElementNS: (_, tag) => made(tag),
  createTextNode: text => ({textContent: text}),
};
(0, eval)(script);

const choice = ids.get('series');
choice.children.forEach(option => {
  choice.value = option.value;
  choice.listeners.change();
});
const seen = {
  plane: count(ids.get('plane'), 'circle'),
  curves: count(ids.get('time'), 'path'),
  series: choice.children.length,
};
console.log(JSON.stringify(seen));
if (seen.plane < 40 || seen.curves < 2 || seen.series < 1) process.exit(1);
