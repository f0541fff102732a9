/** The service map. The layout is made once for a width; a new range only changes how curves look. */
import { type Selection, create, curveBasis, curveBumpX, curveBumpY, line } from 'd3';
import { h, onWidth, section } from '../dom.js';
import { edgeSentence, tipOnEdge } from '../edge-tip.js';
import { count, duration, plural, rate } from '../format.js';
import type { Page } from '../page.js';
import { MOST_EDGES, chooseDrawn } from './choose.js';
import { type LabelWish, placeLabels } from './labels.js';
import { type MapShape, type Point, layoutMap } from './layout.js';
import { mapLegend, widthScale } from './legend.js';

type Group = Selection<SVGGElement, number, SVGGElement, undefined>;

const NARROW = 560;
const ARROW = 9;
const LABEL = { line: 13, character: 6.1 };

function kindWords(page: Page, index: number): string {
  const { kind, workloadCount } = page.service(index);
  if (kind === 'container') return plural(workloadCount, 'container');
  if (kind === 'process')
    return workloadCount > 1 ? plural(workloadCount, 'process', 'processes') : 'process';
  return kind === 'external' ? 'outside' : 'unknown';
}

/** Box width that holds the longest name, within limits. */
function boxWidth(page: Page, services: readonly number[], narrow: boolean): number {
  const context = document.createElement('canvas').getContext('2d');
  if (context === null) return 120;
  context.font = '600 13px system-ui, sans-serif';
  const widest = Math.max(
    ...services.map((s) => context.measureText(page.service(s).name).width),
    0,
  );
  return Math.max(84, Math.min(narrow ? 102 : 160, Math.ceil(widest) + 24));
}

/** The curve's end without the arrow, and the arrow itself. */
function withArrow(
  points: readonly Point[],
  vertical: boolean,
): { points: Point[]; arrow: string } {
  const [x, y] = points.at(-1) ?? [0, 0];
  const [px, py] = points.at(-2) ?? [0, 0];
  const isLoop = points.length === 4 && points[0]?.[1] === y && points[1]?.[1] === py && py < y;
  const down = vertical || isLoop;
  const sign = down ? Math.sign(y - py) || 1 : Math.sign(x - px) || 1;
  const half = 4.5;
  const back = ARROW * sign;
  const arrow = down
    ? `M${x} ${y}l${-half} ${-back}h${2 * half}z`
    : `M${x} ${y}l${-back} ${-half}v${2 * half}z`;
  const end: Point = down ? [x, y - back + sign] : [x - back + sign, y];
  return { points: [...points.slice(0, -1), end], arrow };
}

function drawBoxes(
  page: Page,
  svg: Selection<SVGSVGElement, undefined, null, undefined>,
  shape: MapShape,
  services: readonly number[],
): Selection<SVGGElement, number, SVGGElement, undefined> {
  const { width, height } = shape.box;
  const boxes = svg
    .append('g')
    .selectAll<SVGGElement, number>('g')
    .data(services)
    .join('g')
    .attr('class', (s) => `service ${page.service(s).kind}`)
    .attr(
      'transform',
      (_, i) => `translate(${shape.boxes[i]?.[0] ?? 0},${shape.boxes[i]?.[1] ?? 0})`,
    );
  boxes
    .append('rect')
    .attr('x', -width / 2)
    .attr('y', -height / 2)
    .attr('width', width)
    .attr('height', height)
    .attr('rx', 8);
  boxes.append('title').text((s) => page.service(s).name);
  boxes
    .append('text')
    .attr('class', 'service-name')
    .attr('y', -2)
    .text((s) => page.service(s).name)
    .each(function (s) {
      // Cut by measure, not by count of letters: names may be in any script.
      let name = page.service(s).name;
      while (name.length > 1 && this.getComputedTextLength() > width - 14) {
        name = name.slice(0, Math.max(1, Math.min(name.length - 1, Math.floor(name.length * 0.9))));
        this.textContent = `${name}…`;
      }
    });
  boxes
    .append('text')
    .attr('class', 'service-kind')
    .attr('y', 14)
    .text((s) => kindWords(page, s));
  return boxes;
}

export function serviceMap(page: Page): HTMLElement {
  const holder = h('div', { class: 'map-holder scroll' });
  const { width: strokeWidth, samples } = widthScale(page);
  let everything = false;
  let update: () => void = () => undefined;

  const draw = (room: number): void => {
    const drawn = chooseDrawn(page, everything);
    const vertical = room < NARROW;
    const place = new Map(drawn.services.map((service, i) => [service, i]));
    const links = drawn.edges.map((index) => ({
      client: place.get(page.edge(index).client) ?? 0,
      server: place.get(page.edge(index).server) ?? 0,
    }));
    const box = { width: boxWidth(page, drawn.services, vertical), height: 44 };
    const shape = layoutMap(drawn.services.length, links, { width: room, vertical, box });
    const svg = create('svg')
      .attr('width', shape.width)
      .attr('height', shape.height)
      .attr('role', 'group')
      .attr('aria-label', 'Service map: each curve is an edge from client to server');
    holder.replaceChildren(svg.node() ?? '');

    const edges: Group = svg
      .append('g')
      .selectAll<SVGGElement, number>('g')
      .data(drawn.edges)
      .join('g')
      .attr('tabindex', 0)
      .attr('role', 'button');
    const smooth = line().curve(vertical ? curveBumpY : curveBumpX);
    const loops = line().curve(curveBasis);
    const shaped = shape.curves.map((points) => withArrow(points, vertical));
    const pathOf = (i: number): string => {
      const link = links[i];
      const points = (shaped[i]?.points ?? []) as [number, number][];
      return (link?.client === link?.server ? loops(points) : smooth(points)) ?? '';
    };
    for (const className of ['hit', 'halo', 'line', 'fail']) {
      edges
        .append('path')
        .attr('class', className)
        .attr('pathLength', className === 'fail' ? 100 : null)
        .attr('d', (_, i) => pathOf(i));
    }
    edges
      .append('path')
      .attr('class', 'arrow')
      .attr('d', (_, i) => shaped[i]?.arrow ?? '');
    const labels = edges.append('text').attr('class', 'edge-label');
    edges.each(function (index) {
      tipOnEdge(page, this, index);
      const choose = (): void => page.store.set({ edge: index });
      this.addEventListener('click', choose);
      this.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        choose();
      });
    });
    const boxes = drawBoxes(page, svg, shape, drawn.services);
    const curves = edges.nodes().map((node) => node.querySelector<SVGPathElement>('path.hit'));

    update = () => {
      const { view } = page.store;
      const stats = drawn.edges.map((index) => page.stats(index));
      edges
        .attr('class', (index, i) =>
          [
            'edge',
            page.speed.className(stats[i]?.p95 ?? null),
            view.edge === index ? 'chosen' : '',
            view.hover === index ? 'hovered' : '',
            (stats[i]?.open ?? 0) > 0 ? 'open' : '',
            (stats[i]?.exchanges ?? 0) + (stats[i]?.connections ?? 0) === 0 ? 'silent' : '',
          ].join(' '),
        )
        .attr('aria-pressed', (index) => String(view.edge === index))
        .attr('aria-label', (index) => edgeSentence(page, index));
      const widthAt = (i: number): number => strokeWidth(stats[i]?.rate ?? 0);
      edges.select('.line').style('stroke-width', (_, i) => `${widthAt(i)}px`);
      edges.select('.halo').style('stroke-width', (_, i) => `${widthAt(i) + 7}px`);
      edges
        .select('.fail')
        .style('stroke-width', (_, i) => `${widthAt(i) + 1.5}px`)
        .style('stroke-dasharray', (_, i) => {
          const { failures = 0, connections = 0 } = stats[i] ?? {};
          // Never so short that it could be overlooked.
          const share =
            failures === 0 ? 0 : Math.max(12, (100 * failures) / Math.max(failures, connections));
          return `0 ${100 - share} ${share} 0`;
        })
        .attr('visibility', (_, i) => ((stats[i]?.failures ?? 0) > 0 ? null : 'hidden'));

      const lines = stats.map(({ p95, exchanges, failures, rate: perSecond }) =>
        [
          exchanges === 0 ? '' : duration(p95),
          exchanges === 0 ? '' : rate(perSecond),
          failures === 0 ? '' : `✕ ${count(failures)}`,
        ].filter((text) => text !== ''),
      );
      const wishes: LabelWish[] = lines.map((texts, i) => ({
        pointAt(share) {
          const curve = curves[i];
          const at = curve?.getPointAtLength(curve.getTotalLength() * share);
          return [at?.x ?? 0, at?.y ?? 0];
        },
        width: Math.max(0, ...texts.map((text) => text.length)) * LABEL.character + 6,
        height: texts.length * LABEL.line + 2,
      }));
      const places = placeLabels(shape, wishes);
      labels.each(function (_, i) {
        const texts = lines[i] ?? [];
        const at = places[i] ?? null;
        this.setAttribute('visibility', at === null || texts.length === 0 ? 'hidden' : 'visible');
        this.replaceChildren(
          ...texts.map((text, k) => {
            const span = document.createElementNS('http://www.w3.org/2000/svg', 'tspan');
            span.textContent = text;
            span.setAttribute('x', String(at?.[0] ?? 0));
            span.setAttribute(
              'y',
              String((at?.[1] ?? 0) + (k - (texts.length - 1) / 2) * LABEL.line + 4),
            );
            if (text.startsWith('✕')) span.setAttribute('class', 'bad');
            return span;
          }),
        );
      });
      const failing = new Set(
        drawn.edges
          .filter((_, i) => (stats[i]?.failures ?? 0) > 0)
          .map((index) => page.edge(index).server),
      );
      boxes.classed('failing', (service) => failing.has(service));
    };
    update();
  };

  let width = 0;
  onWidth(holder, (now) => draw((width = now)));
  page.store.subscribe(() => update());

  const total = page.data.edges.length;
  const more = h(
    'button',
    { type: 'button', hidden: total <= MOST_EDGES },
    `Draw all ${total} edges`,
  );
  more.addEventListener('click', () => {
    everything = !everything;
    more.textContent = everything
      ? `Draw the ${MOST_EDGES} most important edges`
      : `Draw all ${total} edges`;
    draw(width);
  });
  return section(
    'map',
    'Service map',
    total <= MOST_EDGES
      ? 'Who calls whom, in the chosen range. Choose a curve for its details.'
      : `The ${MOST_EDGES} of ${total} edges with findings, failures or most traffic.`,
    total === 0 ? h('p', { class: 'empty' }, 'No connection was seen.') : holder,
    more,
    mapLegend(page, strokeWidth, samples),
  );
}
