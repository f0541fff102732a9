/** The services: what they are, how much they are called and how much they call. */
import type { ServiceView } from '../data.js';
import { h, nameOf, section } from './dom.js';
import { NONE, count, duration, rate } from './format.js';
import { whenInSight } from './in-sight.js';
import type { Page } from './page.js';
import { rangeChanged } from './state.js';
import { serviceText } from './service-text.js';
import { addressMemory } from './table/ask.js';
import { createTable } from './table/table.js';

const FIRST = { by: 'Called', down: true };

interface Row {
  index: number;
  service: ServiceView;
  calledRate: number;
  callsRate: number;
  failed: number;
  slowest: number | null;
}

function rowsOf(page: Page): Row[] {
  const rows = page.data.services.map((service, index): Row => ({
    index,
    service,
    calledRate: 0,
    callsRate: 0,
    failed: 0,
    slowest: null,
  }));
  for (const [index, stats] of page.allStats().entries()) {
    const edge = page.edge(index);
    const [client, server] = [rows[edge.client], rows[edge.server]];
    if (client !== undefined) client.callsRate += stats.rate;
    if (server === undefined) continue;
    server.calledRate += stats.rate;
    server.failed += stats.failures;
    if (stats.p95 !== null) server.slowest = Math.max(server.slowest ?? 0, stats.p95);
  }
  return rows;
}

function names(list: readonly string[], total: number): HTMLElement {
  const shown = list.slice(0, 3).flatMap((name, i) => [i === 0 ? '' : ', ', nameOf(name)]);
  const more = total - Math.min(3, list.length);
  return h(
    'span',
    { title: list.join('\n') },
    ...shown,
    more > 0 ? ` and ${count(more)} more` : '',
  );
}

export function services(page: Page): HTMLElement {
  const table = createTable<Row>({
    label: 'services',
    sort: FIRST,
    memory: addressMemory(page.store, 'services', FIRST),
    search: ({ service }) => serviceText(service),
    empty: 'No service was seen.',
    reuse: true,
    decorate(element, shown) {
      element.addEventListener('click', () => {
        page.store.set({ service: shown().index });
        // In the frame that lays the panel out anyway: now, the page would be laid out twice.
        requestAnimationFrame(() =>
          document.getElementById('service')?.scrollIntoView({ block: 'nearest' }),
        );
      });
    },
    mark(element, { index }) {
      element.dataset['service'] = String(index);
      element.classList.toggle('chosen', page.store.view.service === index);
    },
    columns: [
      {
        title: 'Service',
        value: ({ service }) => service.name,
        cell: ({ service, index }) => {
          const button = h(
            'button',
            { type: 'button', class: 'edge-button' },
            nameOf(service.name),
          );
          button.setAttribute('aria-pressed', String(page.store.view.service === index));
          return button;
        },
      },
      { title: 'Kind', value: ({ service }) => service.kind, cell: ({ service }) => service.kind },
      {
        title: 'Workloads',
        value: ({ service }) => service.workloadCount,
        cell: ({ service }) =>
          names(
            service.workloads.map(({ name }) => name),
            service.workloadCount,
          ),
      },
      {
        title: 'Image',
        value: ({ service }) => service.images[0] ?? null,
        cell: ({ service }) =>
          service.images.length === 0 ? NONE : names(service.images, service.images.length),
      },
      {
        title: 'Called',
        hint: 'Exchanges per second that others asked of it',
        numeric: true,
        unit: '/s',
        value: ({ calledRate }) => calledRate,
        cell: ({ calledRate }) => rate(calledRate),
      },
      {
        title: 'Calls',
        hint: 'Exchanges per second that it asked of others',
        numeric: true,
        unit: '/s',
        value: ({ callsRate }) => callsRate,
        cell: ({ callsRate }) => rate(callsRate),
      },
      {
        title: 'Slowest p95',
        hint: 'The highest p95 of the edges that end here',
        numeric: true,
        unit: 'µs',
        value: ({ slowest }) => slowest,
        cell: ({ slowest }) => duration(slowest),
      },
      {
        title: 'Failed',
        hint: 'Connections to it that failed',
        numeric: true,
        value: ({ failed }) => failed,
        cell: ({ failed }) => count(failed),
        bad: ({ failed }) => failed > 0,
      },
    ],
  });
  const fill = (): void => table.setRows(rowsOf(page));
  fill();
  const follow = whenInSight(page, table.element, fill);
  page.store.subscribe((view, before) => {
    if (rangeChanged(view, before)) follow();
    if (view.service === before.service) return;
    for (const row of table.element.querySelectorAll<HTMLElement>('tr[data-service]')) {
      const chosen = Number(row.dataset['service']) === view.service;
      row.classList.toggle('chosen', chosen);
      row.querySelector('button')?.setAttribute('aria-pressed', String(chosen));
    }
  });
  return section(
    'services',
    'Services',
    'Numbers of the chosen range. Choose a service for all about it.',
    table.element,
  );
}
