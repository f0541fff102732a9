/** All about the chosen edge: its response times, where its time goes, its connections, its numbers. */
import { h, nameOf, section } from '../dom.js';
import { plural } from '../format.js';
import { whenInSight } from '../in-sight.js';
import type { Page } from '../page.js';
import { rangeChanged } from '../state.js';
import type { EdgeChart } from './chart.js';
import { distribution } from './distribution.js';
import { heatmap } from './heatmap.js';
import { lifeChart } from './life-chart.js';
import { numbers } from './numbers.js';
import { slowest } from './slowest.js';
import { splitView } from './split.js';

/** A part that is made anew for each range. */
function remade(make: () => HTMLElement): EdgeChart {
  const element = h('div', {}, make());
  return { element, follow: () => element.replaceChildren(make()) };
}

export function edgeDetail(page: Page): HTMLElement {
  const { store } = page;
  const body = h('div', { class: 'detail' });
  let follows: (() => void)[] = [];
  const draw = (): void => {
    const { edge: index } = store.view;
    follows = [];
    if (index === null) {
      const words = 'No edge is chosen. Choose one in the map, the table or the findings.';
      body.replaceChildren(h('p', { class: 'empty' }, words));
      return;
    }
    const { via, exchanges, connections } = page.edge(index);
    const add = (chart: EdgeChart): HTMLElement => {
      follows.push(whenInSight(page, chart.element, () => chart.follow()));
      return chart.element;
    };
    const none = `No exchange was seen on ${plural(connections, 'connection')}.`;
    body.replaceChildren(
      h(
        'h3',
        {},
        nameOf(page.edgeName(index)),
        via === null ? null : h('span', { class: 'muted' }, ' via ', nameOf(via)),
      ),
      h(
        'div',
        { class: 'detail-grid' },
        h(
          'div',
          { class: 'detail-charts' },
          ...(exchanges === 0
            ? [h('p', { class: 'empty' }, none)]
            : [
                add(heatmap(page, index)),
                add(distribution(page, index)),
                add(remade(() => splitView(page, index))),
              ]),
          slowest(page, index),
          add(lifeChart(page, index)),
        ),
        add(remade(() => numbers(page, index))),
      ),
    );
  };
  draw();
  const redraw = whenInSight(page, body, draw);
  store.subscribe((view, before) => {
    if (view.edge !== before.edge || view.zone !== before.zone) redraw();
    else if (rangeChanged(view, before)) for (const follow of follows) follow();
  });
  return section('detail', 'Chosen edge', null, body);
}
