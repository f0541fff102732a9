/** All about the chosen service: what it is, its edges, where its time goes, what was found on it. */
import { type Child, h, nameOf, section } from './dom.js';
import { count, duration, percent, plural, rate } from './format.js';
import { whenInSight } from './in-sight.js';
import type { Page } from './page.js';
import { rehearse } from './rehearse.js';
import { serviceChart } from './service-chart.js';
import { edgeLists, findingList } from './service-edges.js';
import { type ServiceNumbers, downstreamUs, serviceNumbers } from './service-numbers.js';
import { serverUs } from './service-time.js';
import { rangeChanged } from './state.js';
import { keepHeight } from './steady.js';
import { facts } from './tooltip.js';

/** After so many the browser has compiled most of what a panel takes. */
const REHEARSALS = 12;

const NOT_TIMED = 'not known: no exchange of this range was timed at both ends';

/** How long the service takes for those that call it, and how much of it passes while it waits for those that it calls. */
function times(page: Page, service: number, numbers: ServiceNumbers): [string, Child][] {
  if (numbers.inbound.length === 0) return [];
  const took = serverUs(page, numbers.inbound);
  const called = downstreamUs(page, service);
  if (took === null || called === null) return [['Waits downstream', NOT_TIMED]];
  const waits = Math.min(called, took);
  const share = percent(took === 0 ? 0 : waits / took);
  return [
    ['Takes for an exchange', duration(took)],
    [
      'Waits downstream',
      numbers.outbound.length === 0 ? 'calls nobody' : `at most ${share}, ${duration(waits)}`,
    ],
  ];
}

function figures(page: Page, service: number, numbers: ServiceNumbers): HTMLElement {
  return h(
    'div',
    {},
    h('h4', {}, page.whole() ? 'Whole capture' : page.rangeText()),
    facts([
      ['Called', `${rate(numbers.called)} on ${plural(numbers.inbound.length, 'edge')}`],
      ['Calls', `${rate(numbers.calls)} on ${plural(numbers.outbound.length, 'edge')}`],
      ['Slowest p95', duration(numbers.slowest)],
      ...times(page, service, numbers),
      [
        'Failed calls to it',
        h('span', { class: numbers.failed > 0 ? 'bad' : '' }, count(numbers.failed)),
      ],
    ]),
  );
}

/** What runs it: containers with their id, processes with their number. */
function identity(page: Page, service: number): HTMLElement {
  const { kind, project, images, addresses, workloads, workloadCount } = page.service(service);
  const more = workloadCount - workloads.length;
  const joined = (names: readonly string[]): Child =>
    names.length === 0 ? null : nameOf(names.join(', '));
  return h(
    'div',
    {},
    h('h4', {}, 'What it is'),
    facts([
      ['Kind', kind],
      ['Project', project === null ? null : nameOf(project)],
      ['Image', joined(images)],
      ['Address', joined(addresses)],
    ]),
    h('h4', {}, plural(workloadCount, kind === 'container' ? 'container' : 'workload')),
    h(
      'ul',
      { class: 'workloads' },
      ...workloads.map(({ name, container, comm, pid }) => {
        const details = [
          container === null ? null : `container ${container}`,
          comm,
          pid === null ? null : `process ${pid}`,
        ].filter((text) => text !== null);
        return h(
          'li',
          {},
          nameOf(name),
          details.length === 0
            ? null
            : h('span', { class: 'muted' }, ' ', nameOf(details.join(', '))),
        );
      }),
      more > 0 ? h('li', { class: 'muted' }, `and ${count(more)} more`) : null,
    ),
  );
}

function buttons(page: Page, service: number): HTMLElement {
  const { store } = page;
  const focused = store.view.focus === service;
  const focus = h(
    'button',
    { type: 'button' },
    focused ? 'Show the whole map' : 'Show only its neighbours on the map',
  );
  focus.addEventListener('click', () => store.set({ focus: focused ? null : service }));
  const close = h('button', { type: 'button' }, 'Close');
  close.addEventListener('click', () => {
    store.set({ service: null });
    document.querySelector<HTMLElement>('#map input')?.focus();
  });
  return h('div', { class: 'buttons' }, focus, close);
}

/** The services that the table of all has first: `count` of them, those that most exchanges were asked of. */
function mostCalled(page: Page, count: number): number[] {
  const called = new Float64Array(page.store.services);
  for (const { server, exchanges } of page.data.edges) called[server]! += exchanges;
  return [...called.keys()].sort((a, b) => called[b]! - called[a]! || a - b).slice(0, count);
}

export function serviceDetail(page: Page): HTMLElement {
  const { store } = page;
  const name = h('h3');
  const tools = h('div');
  const numbersPart = h('div', { class: 'service-numbers' });
  const edges = edgeLists(page, () => release());
  const still = h('div');
  const chart = serviceChart(page);
  const body = h(
    'div',
    { class: 'detail' },
    h('div', { class: 'service-head' }, name, tools),
    h(
      'div',
      { class: 'detail-grid' },
      h('div', {}, chart.element, ...edges.elements),
      h('div', {}, numbersPart, still),
    ),
  );
  const release = keepHeight(body);
  const whole = section('service', 'Chosen service', null, body);

  const follow = (service: number, anew = false): ServiceNumbers => {
    const numbers = serviceNumbers(page, [service]);
    numbersPart.replaceChildren(figures(page, service, numbers));
    edges.show(numbers, anew);
    return numbers;
  };
  const show = (service: number): void => {
    name.replaceChildren(nameOf(page.service(service).name));
    tools.replaceChildren(buttons(page, service));
    const found = findingList(page, service);
    still.replaceChildren(identity(page, service), ...(found === null ? [] : [found]));
    chart.show(follow(service, true));
  };
  const draw = (): void => {
    const { service } = store.view;
    whole.hidden = service === null;
    if (service === null) release();
    else show(service);
  };
  draw();
  const first = mostCalled(page, REHEARSALS);
  rehearse(page, first.length, (time) => {
    if (store.view.service !== null) return;
    // No frame is between: the browser only lays it out, and aside, so that nothing else moves.
    whole.classList.add('aside');
    whole.hidden = false;
    show(first[time]!);
    chart.fit();
    whole.hidden = true;
    whole.classList.remove('aside');
  });
  const moved = whenInSight(page, whole, () => {
    if (store.view.service !== null) follow(store.view.service);
  });
  store.subscribe((view, before) => {
    if (view.service !== before.service) draw();
    else if (view.service !== null && view.focus !== before.focus)
      tools.replaceChildren(buttons(page, view.service));
    else if (view.service !== null && rangeChanged(view, before)) moved();
  });
  return whole;
}
