#include "scaler/ctl/report.h"

namespace scaler::ctl {

// Names come into the page as text only (textContent), so that nothing in them is markup.
const char* const kReportScript = R"js(
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const colors = ['#d1495b', '#2e7bbf', '#3a9d5d', '#b07a1e', '#7a52b3', '#118a8b', '#8a5a44'];
const tip = document.getElementById('tip');

// A run has one colour in all drawings.
const names = data.points.filter(p => !p.rule).map(p => p.name);
const colorOf = name => colors[Math.max(0, names.indexOf(name)) % colors.length];

function element(name, attributes, parent) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (parent) parent.appendChild(made);
  return made;
}

function label(parent, x, y, text, anchor) {
  element('text', {x, y, 'text-anchor': anchor || 'middle'}, parent).textContent = text;
}

function explain(target, text) {
  target.addEventListener('mousemove', event => {
    tip.textContent = text;
    tip.style.display = 'block';
    tip.style.left = Math.min(event.clientX + 14, Math.max(0, innerWidth - 480)) + 'px';
    tip.style.top = event.clientY + 14 + 'px';
  });
  target.addEventListener('mouseleave', () => { tip.style.display = 'none'; });
}

// Where the text covers none of `taken`, above the point or below it.
function freePlace(taken, x, y, text, anchor) {
  const wide = text.length * 7;
  const from = anchor === 'end' ? x - wide : x;
  const covers = (at, box) => from < box.to && box.from < from + wide && Math.abs(at - box.y) < 13;
  const places = [-8, 17, -21, 30, -34, 43].map(offset => y + offset);
  const at = places.find(place => !taken.some(box => covers(place, box))) || places[0];
  taken.push({from, to: from + wide, y: at});
  return at;
}

function short(value) {
  if (value === 0) return '0';
  if (value >= 1000) return (value / 1000).toPrecision(3).replace(/\.?0+$/, '') + 'k';
  return String(Number(value.toPrecision(3)));
}

function clear(parent) {
  while (parent.firstChild) parent.removeChild(parent.firstChild);
}

function ticks(most) {
  const rough = most / 5 || 1;
  const power = Math.pow(10, Math.floor(Math.log10(rough)));
  const step = [1, 2, 5, 10].map(x => x * power).find(x => x >= rough);
  const all = [];
  for (let at = 0; at <= most * 1.0001; at += step) all.push(at);
  return all;
}

function drawPlane() {
  const width = 1000, height = 420, left = 70, right = 20, top = 15, bottom = 45;
  const svg = element('svg', {viewBox: `0 0 ${width} ${height}`, role: 'img'},
                      document.getElementById('plane'));
  const points = data.points;
  const seen = points.filter(p => p.excess > 0).map(p => p.excess);
  const least = seen.length ? Math.pow(10, Math.floor(Math.log10(Math.min(...seen)))) : 1e-4;
  const most = seen.length ? Math.pow(10, Math.ceil(Math.log10(Math.max(...seen)))) : 1;
  const decades = Math.max(1, Math.log10(most / least));
  // None in excess has a row of its own below the logarithms.
  const none = height - bottom;
  const y = excess => excess > 0
      ? top + (Math.log10(most / excess) / decades) * (none - top - 30) : none;
  const fixed = points.find(p => p.name === 'static');
  const others = points.filter(p => p !== fixed).map(p => p.hours);
  const widest = Math.max(...others) * 1.05;
  const x = hours => left + Math.min(1, hours / widest) * (width - left - right);
  for (let exponent = Math.round(Math.log10(least)); exponent <= Math.round(Math.log10(most));
       ++exponent) {
    const at = y(Math.pow(10, exponent));
    element('line', {x1: left, x2: width - right, y1: at, y2: at, stroke: '#8884'}, svg);
    label(svg, left - 6, at + 4, short(Math.pow(10, exponent) * 100) + ' %', 'end');
  }
  element('line', {x1: left, x2: width - right, y1: none, y2: none, stroke: '#8888'}, svg);
  label(svg, left - 6, none + 4, 'none', 'end');
  for (const hours of ticks(widest)) label(svg, x(hours), height - 22, short(hours));
  label(svg, (left + width) / 2, height - 4, 'pod-hours');
  const rules = points.filter(p => p.rule).sort((a, b) => a.hours - b.hours);
  const best = [];
  for (const rule of rules) {
    if (!best.length || rule.excess < best[best.length - 1].excess) best.push(rule);
  }
  element('path', {
    d: best.map((p, i) => `${i ? 'L' : 'M'}${x(p.hours)} ${y(p.excess)}`).join(''),
    fill: 'none', stroke: '#8888',
  }, svg);
  const taken = [];
  for (const point of rules.concat(points.filter(p => !p.rule))) {
    const dot = element('circle', {
      cx: x(point.hours), cy: y(point.excess), r: point.rule ? 3.5 : 6,
      fill: point.rule ? '#8889' : colorOf(point.name),
    }, svg);
    const beyond = point.hours > widest ? ' (further right)' : '';
    explain(dot, `${point.rule ? 'peak-hold ' : ''}${point.name}${beyond}\n` +
        `${short(point.hours)} pod-hours, ${short(point.excess * 100)} % in excess`);
    if (!point.rule) {
      const far = x(point.hours) > width - 140;
      const anchor = far ? 'end' : 'start';
      const beside = x(point.hours) + (far ? -10 : 10);
      const text = point.name + beyond;
      label(svg, beside, freePlace(taken, beside, y(point.excess), text, anchor), text, anchor);
    }
  }
}

function shown(when) { return new Date(when).toISOString().slice(0, 16).replace('T', ' '); }

function drawTime(series, hidden) {
  const parent = document.getElementById('time');
  clear(parent);
  const width = 1000, height = 420, left = 60, right = 15, top = 15, bottom = 40;
  const svg = element('svg', {viewBox: `0 0 ${width} ${height}`, role: 'img'}, parent);
  const parts = series.demand.length;
  const runs = series.runs.filter(run => !hidden.has(run.run));
  const most = Math.max(1e-9, ...series.demand,
                        ...runs.map(run => Math.max(...run.most) * data.capacity)) * 1.05;
  const x = part => left + part / parts * (width - left - right);
  const y = rate => height - bottom - rate / most * (height - top - bottom);
  const when = time => x((time - series.begin) / series.length * parts);
  for (const rate of ticks(most)) {
    element('line', {x1: left, x2: width - right, y1: y(rate), y2: y(rate), stroke: '#8884'}, svg);
    label(svg, left - 6, y(rate) + 4, short(rate), 'end');
  }
  for (let i = 0; i <= 4; ++i) {
    const anchor = i === 0 ? 'start' : i === 4 ? 'end' : 'middle';
    label(svg, x(parts * i / 4), height - 22, shown(series.begin + series.length * i / 4), anchor);
  }
  label(svg, (left + width) / 2, height - 4, 'requests per second, UTC');
  element('path', {
    d: `M${x(0)} ${y(0)}` +
        series.demand.map((rate, i) => `L${x(i)} ${y(rate)}L${x(i + 1)} ${y(rate)}`).join('') +
        `L${x(parts)} ${y(0)}Z`,
    fill: '#8885',
  }, svg);
  for (const run of runs) {
    const color = colorOf(run.run);
    const band = run.most.map((n, i) => `${i ? 'L' : 'M'}${x(i)} ${y(n * data.capacity)}`).join('') +
        run.fewest.map((n, i) => [n, i]).reverse()
            .map(([n, i]) => `L${x(i)} ${y(n * data.capacity)}`).join('') + 'Z';
    element('path', {d: band, fill: color, 'fill-opacity': 0.25, stroke: color}, svg);
    for (const change of run.changes) {
      const dot = element('circle', {
        cx: when(change.at), cy: y(change.to * data.capacity), r: 4, fill: color,
        stroke: 'Canvas',
      }, svg);
      explain(dot, `${shown(change.at)}  ${run.run}: ${change.from} -> ${change.to}\n${change.why}`);
    }
    if (run.left_out) {
      const note = document.createElement('p');
      note.className = 'note';
      note.textContent = `${run.run}: ${run.left_out} smaller changes have no dot`;
      parent.appendChild(note);
    }
  }
}

function offerSeries() {
  const choice = document.getElementById('series');
  if (!choice) return;
  data.series.forEach((series, index) => {
    const option = document.createElement('option');
    option.textContent = series.name;
    option.value = index;
    choice.appendChild(option);
  });
  const hidden = new Set();
  const redraw = () => drawTime(data.series[Number(choice.value) || 0], hidden);
  const boxes = document.getElementById('runs');
  data.series[0].runs.forEach(run => {
    const box = document.createElement('input');
    box.type = 'checkbox';
    box.checked = true;
    box.addEventListener('change', () => {
      if (box.checked) hidden.delete(run.run); else hidden.add(run.run);
      redraw();
    });
    const words = document.createElement('label');
    words.style.color = colorOf(run.run);
    words.appendChild(box);
    words.appendChild(document.createTextNode(' ' + run.run));
    boxes.appendChild(words);
  });
  choice.addEventListener('change', redraw);
  redraw();
}

drawPlane();
offerSeries();
)js";

}  // namespace scaler::ctl
