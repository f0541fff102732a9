/** What the tooltip says about a service or a group of the map. */
import { type Child, h, nameOf } from '../dom.js';
import { count, duration, plural, rate } from '../format.js';
import type { Page } from '../page.js';
import { serviceNumbers } from '../service-numbers.js';
import { facts } from '../tooltip.js';
import type { Box } from './model.js';

/** So many members of a group are named. */
const NAMED = 6;

const BY = {
  project: 'Group: one project',
  image: 'Group: one image',
  name: 'Group: names that begin alike',
  outside: 'Addresses on other machines',
  unknown: 'Owners that are not known',
} as const;

function members(page: Page, { services }: Box): Child {
  const named = services.slice(0, NAMED).map((index) => page.service(index).name);
  const more = services.length - named.length;
  return h('p', {}, nameOf(named.join(', ')), more > 0 ? ` and ${count(more)} more` : '');
}

export function boxTip(page: Page, box: Box, name: string): Child[] {
  const numbers = serviceNumbers(page, box.services);
  const first = box.service === null ? null : page.service(box.service);
  return [
    h('p', { class: 'tip-title' }, nameOf(name)),
    first === null
      ? h('p', { class: 'muted' }, BY[box.group?.by ?? 'name'])
      : first.images.length === 0
        ? null
        : h('p', { class: 'muted' }, nameOf(first.images.join(', '))),
    h('p', { class: 'muted' }, page.whole() ? 'whole capture' : page.rangeText()),
    facts([
      ['Called', `${rate(numbers.called)} on ${plural(numbers.inbound.length, 'edge')}`],
      ['Calls', `${rate(numbers.calls)} on ${plural(numbers.outbound.length, 'edge')}`],
      ['Edges within', numbers.within.length === 0 ? null : count(numbers.within.length)],
      ['Slowest p95', duration(numbers.slowest)],
      [
        'Failed calls to it',
        h('span', { class: numbers.failed > 0 ? 'bad' : '' }, count(numbers.failed)),
      ],
    ]),
    first === null ? members(page, box) : null,
    h(
      'p',
      { class: 'muted' },
      first === null ? 'Choose it to open the group.' : 'Choose it for its edges.',
    ),
  ];
}
