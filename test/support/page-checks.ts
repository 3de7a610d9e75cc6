import type { Page } from 'playwright-core';

/** What is wrong with a page as it is shown now, one line each. */
export function pageFaults(tab: Page): Promise<string[]> {
  return tab.evaluate<string[]>(FAULTS);
}

/** Runs in the browser; plain text, because the compiler knows no browser. */
const FAULTS = `(() => {
  const faults = [];
  const words = (element) => element.textContent.trim().replace(/\\s+/g, ' ').slice(0, 60);
  const shown = (element) => element.getClientRects().length > 0;

  /* Nothing makes the page wider than its window. */
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) faults.push('the page is wider than the window');
  for (const element of document.querySelectorAll('body *')) {
    if (!shown(element) || element.closest('.scroll')) continue;
    const { left, right } = element.getBoundingClientRect();
    if (left < -0.5 || right > width + 0.5) faults.push(element.tagName + ' leaves the window: ' + words(element));
  }

  /* Texts of a chart stay in it, apart from each other and from bars. */
  for (const chart of document.querySelectorAll('svg.chart')) {
    if (!shown(chart)) continue;
    const frame = chart.getBoundingClientRect();
    const texts = [...chart.querySelectorAll('text')].map((text) => ({ name: words(text), box: text.getBoundingClientRect() }));
    const bars = [...chart.querySelectorAll('.bar rect, circle.point')].map((bar) => ({ name: 'a mark', box: bar.getBoundingClientRect() }));
    for (const { name, box } of texts) {
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
        faults.push(chart.id + ': "' + name + '" leaves the chart');
      if (box.height < 8) faults.push(chart.id + ': "' + name + '" is too small to read');
    }
    const overlap = (one, other) => one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 2 && other.top < one.bottom - 2;
    texts.forEach((text, index) => {
      for (const other of [...texts.slice(index + 1), ...bars])
        if (overlap(text.box, other.box)) faults.push(chart.id + ': "' + text.name + '" lies over "' + other.name + '"');
    });
    const units = [...chart.querySelectorAll('.axis-name')].filter((name) => /\\((s|\\$|%)\\)/.test(name.textContent));
    if (units.length < (chart.classList.contains('timeline') ? 1 : 2)) faults.push(chart.id + ' has an axis without name or unit');
    const named = chart.getAttribute('aria-labelledby').split(' ').map((id) => document.getElementById(id));
    if (chart.getAttribute('role') !== 'img' || named.length !== 2 || named.some((each) => !each || each.textContent === ''))
      faults.push(chart.id + ' has no title or description');
  }

  /* Contrast as WCAG 2 defines it, at least 4.5 for every text. */
  const numbers = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
  const luminance = (colour) => {
    const [red, green, blue] = colour.slice(0, 3).map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const paperOf = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = numbers(getComputedStyle(each).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === '' || !shown(element)) continue;
    const style = getComputedStyle(element);
    const [dark, light] = [luminance(numbers(element.closest('svg') ? style.fill : style.color)), luminance(paperOf(element))].sort((a, b) => a - b);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) faults.push('contrast of ' + contrast.toFixed(2) + ': ' + words(element));
  }

  /* Structure that does not need eyes. */
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push('two elements are "' + id + '"');
  const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map(({ tagName }) => Number(tagName[1]));
  if (levels.filter((level) => level === 1).length !== 1 || levels[0] !== 1) faults.push('there is not one first heading');
  levels.slice(1).forEach((level, index) => { if (level > levels[index] + 1) faults.push('a heading of level ' + level + ' follows one of ' + levels[index]); });
  for (const table of document.querySelectorAll('table')) {
    if (!table.caption || words(table.caption) === '') faults.push('a table without caption');
    if (table.querySelector('th:not([scope])')) faults.push('a heading without scope in ' + words(table.caption));
  }
  for (const box of document.querySelectorAll('.scroll')) if (box.tabIndex !== 0 || !box.getAttribute('aria-label')) faults.push('a scrolling box that the keyboard does not reach');
  for (const link of document.querySelectorAll('a[href^="#"]')) if (!document.getElementById(link.hash.slice(1))) faults.push('a link to nowhere: ' + link.hash);
  return [...new Set(faults)];
})()`;
