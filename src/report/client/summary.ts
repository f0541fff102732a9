/** The head of the page: what this is, for somebody who was not there. */
import { dateText, offsetText, timeOfDay } from './clock.js';
import { type Child, h, nameOf } from './dom.js';
import { count, duration, percent, plural } from './format.js';
import type { Page } from './page.js';

function utc(ms: number): string {
  return `${dateText(ms, 'utc')} ${timeOfDay(ms, 'utc', 1)} UTC`;
}

/** The reader's own time, with its distance from UTC; null for readers who live in UTC. */
function local(ms: number): string | null {
  if (new Date(ms).getTimezoneOffset() === 0) return null;
  return `${dateText(ms, 'local')} ${timeOfDay(ms, 'local', 1)} (${offsetText(ms)})`;
}

function fact(name: string, ...value: Child[]): HTMLElement {
  return h('div', {}, h('dt', {}, name), h('dd', {}, ...value));
}

function tile(value: string, name: string, bad = false): HTMLElement {
  return h('div', { class: bad ? 'tile bad' : 'tile' }, h('b', {}, value), h('span', {}, name));
}

/** Whether the capture is whole, in one badge with a word, a sign and a colour. */
function truth(page: Page): HTMLElement {
  const { verdict, lost, coverage } = page.data.about;
  const whole = verdict === 'complete' && lost === 0;
  const text = whole
    ? 'Complete: nothing lost'
    : lost === 0
      ? `Capture is ${verdict}`
      : `Capture is ${verdict}, ${percent(coverage)} recorded`;
  return h(
    'a',
    { class: whole ? 'badge ok' : 'badge warn', href: '#quality' },
    whole ? '✓ ' : '⚠ ',
    text,
  );
}

/** Of what the share of recorded events is a share: what comes after a tear, nobody knows. */
function recorded({ verdict }: Page['data']['about']): string {
  return verdict === 'complete' ? 'of all events recorded' : 'of the events in what can be read';
}

export function summary(page: Page): HTMLElement {
  const { about } = page.data;
  const here = local(about.startedMs);
  const end = about.startedMs + about.durationS * 1000;
  return h(
    'header',
    { id: 'summary' },
    h(
      'div',
      { class: 'title' },
      h('p', { class: 'brand' }, 'dhrishti'),
      h('h1', {}, nameOf(about.file), ' on ', nameOf(about.host)),
      truth(page),
    ),
    h(
      'p',
      { class: 'lead' },
      'Every TCP connection between the services of one machine, recorded for ',
      h('b', {}, duration(about.durationS * 1e6)),
      about.command === null ? '' : ' while ',
      about.command === null ? null : h('code', {}, nameOf(about.command)),
      about.command === null ? '.' : ' was running.',
    ),
    h(
      'div',
      { class: 'tiles' },
      tile(count(about.exchanges), 'exchanges (request and response)'),
      tile(count(about.connections), 'connections'),
      tile(count(about.failures), 'failed connections', about.failures > 0),
      tile(count(page.data.edges.length), 'edges (client → server:port)'),
      tile(percent(about.coverage), recorded(about), about.coverage < 1),
    ),
    h(
      'dl',
      { class: 'about' },
      fact(
        'Started',
        utc(about.startedMs),
        ...(here === null ? [] : [h('br'), h('span', { class: 'muted' }, `${here} your time`)]),
      ),
      fact('Ended', utc(end)),
      about.cut === null ? null : fact('Cut', `${about.cut}; times count from where it begins`),
      fact('Kernel', nameOf(about.kernel)),
      fact(
        'Capture',
        nameOf(about.verdict),
        `, ${plural(about.events, 'event')}, ${count(about.lost)} lost`,
      ),
      about.filter === '' ? null : fact('Filter', nameOf(about.filter)),
    ),
  );
}
