/** Starts the page: reads the data, makes the store, and puts the sections in reading order. */
import type { ReportData } from '../data.js';
import { connections } from './connections.js';
import { h } from './dom.js';
import { edgeDetail } from './edge/edge-detail.js';
import { edgeTable } from './edges.js';
import { failures } from './failures.js';
import { findings } from './findings.js';
import { fromFragment, toFragment } from './fragment.js';
import { hasManyEdges } from './in-sight.js';
import { appendInTurn } from './in-turn.js';
import { k6Section } from './k6/section.js';
import { serviceMap } from './map/map.js';
import { createPage } from './page.js';
import { quality } from './quality.js';
import { rangeBar } from './range-bar.js';
import { serviceDetail } from './service-detail.js';
import { services } from './services.js';
import { type View, createStore } from './state.js';
import { summary } from './summary.js';
import { timeCharts } from './time/time.js';
import { createTooltip } from './tooltip.js';
import { unpack } from './unpack.js';

const ADDRESS_DELAY_MS = 250;

/** The edge to begin with: the first finding's, else the busiest. */
function firstEdge(data: ReportData): number | null {
  const found = data.findings.find(({ edge }) => edge !== null);
  if (found !== undefined) return found.edge;
  const most = Math.max(...data.edges.map(({ exchanges }) => exchanges));
  const at = data.edges.findIndex(({ exchanges }) => exchanges === most);
  return at < 0 ? null : at;
}

function foot({ about: { analyzer, digest } }: ReportData): HTMLElement {
  const words = `Made by ${analyzer}. This page is one file and loads nothing. Digest ${digest}.`;
  return h('footer', {}, words);
}

async function start(): Promise<void> {
  const root = document.getElementById('page');
  const source = document.getElementById('data');
  if (root === null || source === null) return;
  const data = await unpack(source.textContent).catch(() => null);
  if (data === null) {
    root.append(
      h('p', {}, 'This browser cannot unpack the data in this page. Open it in a newer one.'),
    );
    return;
  }
  const { steps, stepS } = data.series;
  const store = createStore(steps, data.edges.length, data.services.length, firstEdge(data));
  const readAddress = (): void => store.set(fromFragment(location.hash, store.first, stepS));
  readAddress();
  const tooltip = createTooltip();
  const page = createPage(data, store, tooltip);

  root.classList.toggle('many-edges', hasManyEdges(page));
  const { k6 } = data;
  root.append(summary(page), findings(page), rangeBar(page), serviceMap(page));
  document.body.append(tooltip.element);
  appendInTurn(root, [
    () => serviceDetail(page),
    () => timeCharts(page),
    ...(k6 === null ? [] : [() => k6Section(page, k6)]),
    () => edgeTable(page),
    () => edgeDetail(page),
    () => failures(page),
    () => connections(page),
    () => services(page),
    () => quality(page),
    () => foot(data),
  ]);

  // The address follows the view, so that a link shows what its sender saw. It waits for the view to
  // rest: browsers refuse an address that changes with every movement of a brush.
  const address = (view: View): string => toFragment(view, store.first, stepS);
  let later: ReturnType<typeof setTimeout> | undefined;
  store.subscribe((view, before) => {
    if (address(view) === address(before)) return;
    clearTimeout(later);
    later = setTimeout(() => {
      history.replaceState(null, '', `#${address(store.view)}`);
    }, ADDRESS_DELAY_MS);
  });
  window.addEventListener('hashchange', () => {
    // What was to be written is older than what the reader typed.
    clearTimeout(later);
    readAddress();
  });
}

void start();
