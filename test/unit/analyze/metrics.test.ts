/** Edges, windows, cells and coverage of captures whose numbers are known. */
import type { EdgeCell } from '../../../src/analyze/model.js';
import { describe, expect, it } from 'vitest';
import type { Actor } from '../../support/capture-builder.js';
import { CaptureBuilder } from '../../support/capture-builder.js';
import { analyzed } from '../../support/analysis.js';

function shop(): { capture: CaptureBuilder; orders: Actor; inventory: Actor } {
  const capture = new CaptureBuilder();
  const orders = capture.container('orders', '10.0.0.2');
  const inventory = capture.container('inventory', '10.0.0.3');
  capture.listen(inventory, 8083);
  return { capture, orders, inventory };
}

describe('windows', () => {
  it('slide by one step, and have no row where nothing happened and nothing was open', () => {
    const { capture, orders, inventory } = shop();
    capture.durationMs = 8000;
    capture.connect(orders, inventory, 8083, 1500).exchange(2500, 1).close(3500);
    capture.connect(orders, inventory, 8083, 6500).exchange(6600, 1);
    const { windows, steps } = analyzed(capture, { windowNs: 2e9, stepNs: 1e9 });
    expect(steps).toBe(8);
    expect(
      windows.map((w) => [w.startNs / 1e9, w.connections, w.exchanges, w.open, w.widthNs / 1e9]),
    ).toEqual([
      [0, 1, 0, 1, 2],
      [1, 1, 1, 1, 2],
      [2, 0, 1, 0, 2],
      [5, 1, 1, 1, 2],
      [6, 1, 1, 1, 2],
    ]);
  });

  it('are one where the capture is shorter than a window', () => {
    const { capture, orders, inventory } = shop();
    capture.durationMs = 3000;
    capture.connect(orders, inventory, 8083, 1500).exchange(2500, 1).close(2700);
    const { windows } = analyzed(capture);
    expect(windows.map((w) => [w.startNs, w.connections, w.exchanges, w.open])).toEqual([
      [0, 1, 1, 0],
    ]);
  });

  it('add up to the edge, as cells do', () => {
    const { capture, orders, inventory } = shop();
    for (let i = 0; i < 90; i++) {
      capture
        .connect(orders, inventory, 8083, 100 * i)
        .exchange(100 * i + 1, 1)
        .close(100 * i + 50);
      if (i % 9 === 0) capture.attempt(orders, '10.0.0.3', 8083, 100 * i + 5, 111);
    }
    const analysis = analyzed(capture, { windowNs: 1e9, stepNs: 1e9 });
    const { edges, windows } = analysis;
    const [edge] = edges;
    const cells: EdgeCell[] = [];
    analysis.visitCells(edge?.id ?? 0, (cell) => cells.push({ ...cell }));
    for (const field of ['connections', 'failures', 'exchanges'] as const) {
      expect(cells.reduce((sum, c) => sum + c[field], 0)).toBe(edge?.[field]);
      expect(windows.reduce((sum, w) => sum + w[field], 0)).toBe(edge?.[field]);
    }
    expect(edge?.failuresByVerdict).toEqual({ refused: 10 });
    for (const { latency, exchanges } of cells) {
      const counted = Array.from(latency?.counts ?? []).reduce((a, b) => a + b, 0);
      expect(counted).toBe(exchanges);
    }
  });

  it('carry the coverage of their time', () => {
    const { capture, orders, inventory } = shop();
    capture.durationMs = 6000;
    const made = capture.connect(orders, inventory, 8083, 500);
    for (let i = 0; i < 60; i++) made.exchange(520 + 90 * i, 1);
    capture.lost(1000, { EXCHANGE: 0 });
    capture.lost(2000, { EXCHANGE: 0 });
    capture.lost(3000, { EXCHANGE: 22 });
    capture.lost(6000, { EXCHANGE: 22 });
    const { windows, capture: info } = analyzed(capture, { windowNs: 1e9, stepNs: 1e9 });
    const coverage = windows.map((w) => [w.startNs / 1e9, w.coverage]);
    expect(coverage).toEqual([
      [0, 1],
      [1, 1],
      [2, 0.5],
      [3, 1],
      [4, 1],
      [5, 1],
    ]);
    expect(info.lost).toBe(22);
    expect(info.coverage).toBe(info.events / (info.events + 22));
  });

  it('keep a day in bounded steps', () => {
    const { capture, orders, inventory } = shop();
    capture.durationMs = 86_400_000;
    capture.connect(orders, inventory, 8083, 500).exchange(510, 1).close(600);
    const { stepNs, steps, quality } = analyzed(capture);
    expect([stepNs / 1e9, steps]).toEqual([16, 5400]);
    expect(quality.map((q) => q.name)).toContain('step');
  });
});

describe('the ledger', () => {
  it('names the listener where it does not add up', () => {
    const { capture, orders, inventory } = shop();
    capture.connect(orders, inventory, 8083, 500).vanish();
    capture.censusRow({
      pid: inventory.pid,
      cookie: 999_999,
      netns: inventory.netns,
      cgroup: inventory.cgroup,
      role: 2,
      state: 1,
      saddr: '10.0.0.3',
      daddr: '10.0.0.2',
      sport: 8083,
      dport: 50_000,
    });
    const rows = analyzed(capture).quality.filter((q) => q.name === 'ledger');
    expect(rows).toEqual([
      {
        name: 'ledger',
        severity: 'warning',
        source: 'analyzer',
        value: 3,
        sentence:
          'Port 8083 of inventory: 0 at the start + 1 opened − 0 closed is not 1 at the end: ' +
          '1 vanished without a close, 1 appeared without an opening, ' +
          "1 client's end without a close.",
      },
    ]);
  });
});

describe('a kernel that gave no way to see exchanges', () => {
  it('is told, for their number says nothing', () => {
    const { capture, orders, inventory } = shop();
    capture.plan = [{ capability: 'exchanges', hook: 'none' }];
    capture.connect(orders, inventory, 8083, 1500).close(3500);
    expect(analyzed(capture).quality.filter((q) => q.name === 'no_exchanges')).toEqual([
      {
        name: 'no_exchanges',
        severity: 'warning',
        source: 'recorder',
        value: 1,
        sentence:
          'The kernel gave no way to see exchanges: their number is 0 because none could be recorded.',
      },
    ]);
  });
});
