/** Whatever a JSON body holds, what is read of it has the types and bounds that the interfaces promise. */
import { describe, expect, it } from 'vitest';
import { decodeJson } from '../../src/capture/bodies.js';
import { hostBody } from '../support/capture.js';

const body = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value), 'utf8');

describe('a JSON body', () => {
  it('without what came later has values that claim nothing', () => {
    const { hostname, kernel, startedMono, startedWallMs } = hostBody();
    const old = { hostname, kernel, startedMono, startedWallMs, plan: [], filter: {} };
    expect(decodeJson('HOST', body(old))).toEqual({
      ...old,
      machine: '',
      bootId: '',
      cpus: 0,
      memoryBytes: 0,
      recorder: 'unknown',
      ringBytes: 0,
      filter: { ports: [], excludePorts: [], containers: [], services: [], netns: [] },
      command: null,
      hostNetns: 0,
    });
  });

  it('has no member that nobody knows, and none of its prototype', () => {
    const read = decodeJson(
      'END',
      Buffer.from('{"at":"5","reason":"signal","__proto__":{"x":1},"y":2}'),
    );
    expect(Object.entries(read!)).toEqual([
      ['at', '5'],
      ['reason', 'signal'],
    ]);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });

  it('is cut to what anybody needs', () => {
    const host = decodeJson(
      'HOST',
      body(
        hostBody({
          hostname: 'x'.repeat(1e6),
          plan: Array.from({ length: 5000 }, () => ({ capability: 'c', hook: 'h' })),
        }),
      ),
    );
    expect([host?.hostname.length, host?.plan.length]).toEqual([1000, 100]);
  });

  it.each([
    ['a time beyond 64 bits', { startedMono: '18446744073709551616' }],
    ['a negative time', { startedMono: '-1' }],
    ['a moment that no calendar has', { startedWallMs: 9e15 }],
    ['a moment that is none', { startedWallMs: null }],
    ['a plan of numbers', { plan: [1, 2] }],
  ])('with %s is no HOST', (_, over) => {
    expect(decodeJson('HOST', body({ ...hostBody(), ...over }))).toBeNull();
  });

  it('counts with whole numbers from 0 up only', () => {
    const stats = (lost: unknown): unknown =>
      decodeJson('STATS', body({ at: '1', lost, programs: [] }))?.lost ?? null;
    expect(stats({ FIN: 3 })).toEqual({ FIN: 3 });
    expect([{ FIN: -1 }, { FIN: 0.5 }, { FIN: '1' }, [1], null].map(stats)).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});
