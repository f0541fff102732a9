/** Times as the page shows them: since the start, in UTC, and in the reader's own zone. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Zone, timeText, timeTicks } from '../../src/report/client/clock.js';

const STARTED = Date.UTC(2026, 10, 20, 23, 59, 50, 250);

describe('times in a zone half an hour off', () => {
  const before = process.env['TZ'];
  beforeAll(() => {
    process.env['TZ'] = 'Asia/Kolkata';
  });
  afterAll(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });

  test.each([
    ['start', 20, 1, '20 s'],
    ['start', 20.1234, 0.001, '20.123 s'],
    ['utc', 20, 1, '00:00:10'],
    ['utc', 5, 0.001, '23:59:55.250'],
    ['local', 5, 0.001, '05:29:55.250'],
    ['local', 5, 60, '05:29:55'],
  ] as const)('%s: %d s, in steps of %d s', (zone, seconds, step, words) => {
    expect(timeText(STARTED, zone, seconds, step).replaceAll('\u00a0', ' ')).toBe(words);
  });

  const axis = (zone: Zone, to: number): string[] => {
    const { ticks, title } = timeTicks(STARTED, zone, [0, to], 4);
    return [...ticks.map(({ at, text }) => `${String(at)}: ${text}`), title];
  };

  test('ticks stand at round times of the zone, and the title names zone, date and unit', () => {
    expect(axis('start', 20)).toEqual([
      '0: 0',
      '5: 5',
      '10: 10',
      '15: 15',
      '20: 20',
      'time since the start of the capture (s)',
    ]);
    expect(axis('utc', 20)).toEqual([
      '4.75: 23:59:55',
      '9.75: 00:00:00',
      '14.75: 00:00:05',
      '19.75: 00:00:10',
      'UTC, 2026-11-20 – 2026-11-21 (h:min:s)',
    ]);
    expect(axis('local', 7200)).toEqual([
      '9.75: 05:30',
      '1809.75: 06:00',
      '3609.75: 06:30',
      '5409.75: 07:00',
      'local time, UTC+05:30, 2026-11-21 (h:min)',
    ]);
    expect(axis('start', 7200)).toEqual([
      '0: 0:00:00',
      '1800: 0:30:00',
      '3600: 1:00:00',
      '5400: 1:30:00',
      '7200: 2:00:00',
      'time since the start of the capture (h:min:s)',
    ]);
  });
});
