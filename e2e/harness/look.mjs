import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { screenshots } from './journey.mjs';

const height = 860;
const views = /** @type {const} */ ({
  'wide-light': { width: 1280, colorScheme: 'light' },
  'wide-dark': { width: 1280, colorScheme: 'dark' },
  'narrow-light': { width: 390, colorScheme: 'light' },
  'narrow-dark': { width: 390, colorScheme: 'dark' },
});

/**
 * Takes pictures of what a page shows, wide and narrow, light and dark, and inspects each.
 * @param {import('playwright-core').Page} page
 * @param {string} name of the pictures
 * @param {(keyof typeof views)[]} [which] all, if not told
 * @returns {Promise<string[]>} what is wrong
 */
export async function look(page, name, which = /** @type {(keyof typeof views)[]} */ (Object.keys(views))) {
  await mkdir(screenshots, { recursive: true });
  const wrong = [];
  await page.bringToFront(); // a page behind another one is hardly drawn
  for (const view of which) {
    await turn(page, view);
    await page.screenshot({ path: join(screenshots, `${name}-${view}.png`), fullPage: true, animations: 'disabled' });
    for (const problem of await page.evaluate(inspect)) wrong.push(`${name}, ${view}: ${problem}`);
  }
  await turn(page, 'wide-light');
  return wrong;
}

/**
 * Changes how a page is seen, and waits until it has followed.
 * @param {import('playwright-core').Page} page
 * @param {keyof typeof views} view
 */
async function turn(page, view) {
  const { width, colorScheme } = views[view];
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.waitForFunction(settled, views[view], { polling: 30 });
}

/** Runs inside the page: goes to its top, ends what moves, and tells whether it has the width and the colours. */
function settled(/** @type {{width: number, colorScheme: string}} */ { width, colorScheme }) {
  window.scrollTo(0, 0);
  const moving = document.getAnimations().filter((a) => a.effect?.getComputedTiming().iterations !== Infinity);
  for (const animation of moving) animation.finish();
  const colors = document.documentElement.getAttribute('data-mantine-color-scheme') ?? colorScheme;
  return window.innerWidth === width && colors === colorScheme;
}

/** Runs inside the page: the basics that everybody needs, whatever they use to read it. */
function inspect() {
  const wrong = [];
  const shown = (/** @type {Element} */ e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest('[aria-hidden=true], [inert]');
  const all = (/** @type {string} */ selector) => [...document.querySelectorAll(selector)].filter(shown);
  const tell = (/** @type {Element} */ e) => e.outerHTML.slice(0, 160);
  const textOf = (/** @type {string | null} */ ids) =>
    (ids ?? '').split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? '').join(' ').trim();
  const named = (/** @type {Element} */ e) => e.getAttribute('aria-label')?.trim() || textOf(e.getAttribute('aria-labelledby'));

  const { scrollWidth } = document.scrollingElement ?? document.body;
  if (scrollWidth > window.innerWidth) {
    const [widest] = all('body *').sort((a, b) => b.getBoundingClientRect().right - a.getBoundingClientRect().right);
    wrong.push(`scrolls sideways, ${scrollWidth} > ${window.innerWidth}, because of ${tell(widest)}`);
  }

  for (const input of all('input:not([type=hidden]), select, textarea')) {
    const labels = [.../** @type {HTMLInputElement} */ (input).labels ?? []].some((l) => l.textContent?.trim());
    if (!labels && !named(input)) wrong.push(`has no label: ${tell(input)}`);
  }
  for (const control of all('button, a[href], [role=button], [role=tab], [role=switch], summary')) {
    const inside = control.textContent?.trim() || control.querySelector('img[alt]:not([alt=""])');
    const labels = 'labels' in control && [...(/** @type {HTMLInputElement} */ (control).labels ?? [])].length > 0;
    if (!inside && !labels && !named(control)) wrong.push(`has no name: ${tell(control)}`);
  }
  for (const image of all('img:not([alt]), [role=img]:not([aria-label]):not([aria-labelledby])')) {
    wrong.push(`has no text: ${tell(image)}`);
  }

  const headings = all('h1').length;
  if (headings !== 1) wrong.push(`has ${headings} h1`);
  const levels = all('h1, h2, h3, h4, h5, h6').map((h) => Number(h.tagName[1]));
  const jump = levels.findIndex((level, i) => level > (levels[i - 1] ?? 0) + 1);
  if (jump >= 0) wrong.push(`skips a level of headings: ${levels}`);
  if (all('main').length !== 1) wrong.push(`has ${all('main').length} main`);
  if (!document.documentElement.lang) wrong.push('does not say its language');
  if (!document.title.trim()) wrong.push('has no title');

  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) wrong.push(`has the id ${id} twice`);

  for (const text of faint(all)) wrong.push(text);
  return wrong;

  /** Texts that stand out too little from what is behind them (WCAG AA). */
  function faint(/** @type {(selector: string) => Element[]} */ all) {
    const context = /** @type {CanvasRenderingContext2D} */ (
      Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true })
    );
    const rgba = (/** @type {string} */ color) => {
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = color;
      context.fillRect(0, 0, 1, 1);
      return [...context.getImageData(0, 0, 1, 1).data];
    };
    const over = (/** @type {number[]} */ [r, g, b, a], /** @type {number[]} */ below) =>
      [r, g, b].map((v, i) => (v * a + below[i] * (255 - a)) / 255);
    const luminance = (/** @type {number[]} */ rgb) => {
      const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    /** What lies beneath a part without being around it, as the mark of what is chosen among several. */
    const beneath = (/** @type {Element} */ part, /** @type {Element} */ text) =>
      [...(part.parentElement?.children ?? [])].filter((s) => s !== part && covers(s, text)).map((s) => getComputedStyle(s));
    const covers = (/** @type {Element} */ s, /** @type {Element} */ text) => {
      if (getComputedStyle(s).position !== 'absolute' || s.contains(text)) return false;
      const [a, b] = [s.getBoundingClientRect(), text.getBoundingClientRect()];
      return s.matches('[class*=indicator]') && a.left <= b.left + 1 && a.right >= b.right - 1 && a.top <= b.top + 1 && a.bottom >= b.bottom - 1;
    };
    const found = new Set();
    for (const e of all('body *')) {
      const text = [...e.childNodes].filter((n) => n.nodeType === Node.TEXT_NODE).map((n) => n.textContent?.trim()).join('');
      if (!text || e.closest('[disabled], [data-disabled], svg, script, style, option')) continue;
      const chain = [];
      for (let up = /** @type {Element | null} */ (e); up; up = up.parentElement) chain.unshift(...beneath(up, e), getComputedStyle(up));
      if (chain.some((s) => Number(s.opacity) < 1 || s.backgroundImage !== 'none')) continue;
      let behind = rgba(chain[0].colorScheme.includes('dark') ? '#121212' : '#ffffff');
      for (const style of chain) behind = over(rgba(style.backgroundColor), behind);
      const style = chain[chain.length - 1];
      const [a, b] = [luminance(over(rgba(style.color), behind)), luminance(behind)].sort((x, y) => y - x);
      const contrast = (a + 0.05) / (b + 0.05);
      const size = Number.parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (contrast < (large ? 3 : 4.5)) found.add(`contrast ${contrast.toFixed(1)}: “${text.slice(0, 40)}”`);
    }
    return found;
  }
}
