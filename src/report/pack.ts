/**
 * The page's data as text that takes little room and is read fast: JSON, then a zero byte and the numbers of the series,
 * deflated, in base64. Numbers outside the JSON spare a browser the parsing of millions of digits.
 */
import { deflateRawSync } from 'node:zlib';
import type { EdgeSeries, Numbers, PackedHead, ReportData, Series } from './data.js';

/** Higher levels take twice the time for a twentieth of the size. */
const LEVEL = 5;
/** Bytes of the longest number: 2^53 in groups of 7 bits. */
const LONGEST = 8;

/** The columns that are written of an edge and of its times, in this order. The page reads their names from the head. */
const OWN: PackedHead['own'] = [
  'at',
  'exchanges',
  'connections',
  'failures',
  'retransmits',
  'open',
];
const TIMES: PackedHead['times'] = [
  'at',
  'sumUs',
  'paired',
  'pairedUs',
  'servedUs',
  'pickupUs',
  'hist',
];

/** Numbers as bytes: 7 bits in each, the lowest first, with the eighth bit set in all bytes of a number but its last. */
class Bytes {
  #bytes = new Uint8Array(1 << 16);
  #end = 0;

  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#end);
  }

  /** What is no whole number from 0 on, as a sum of absurd times may be, is 0. */
  put(value: number): void {
    if (this.#end + LONGEST > this.#bytes.length) this.#grow();
    let rest = Number.isSafeInteger(value) && value > 0 ? value : 0;
    while (rest >= 128) {
      this.#bytes[this.#end++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#end++] = rest;
  }

  /** Writes how many there are, and then each. */
  putAll(values: Numbers): void {
    this.put(values.length);
    for (let i = 0; i < values.length; i++) this.put(values[i]!);
  }

  #grow(): void {
    const larger = new Uint8Array(2 * this.#bytes.length);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Steps as the distance of each from the one before: nearly all are 1, and take a third of the room. */
function gaps(at: Numbers): number[] {
  return Array.from(at, (step, i) => step - (i === 0 ? 0 : at[i - 1]!));
}

/**
 * Series as numbers: column by column, of each edge how many values and the values, as like beside like is packed best.
 * The first column of all is `every`, a value for each edge. Steps are distances.
 */
function write(edges: readonly EdgeSeries[]): Uint8Array {
  const columns = [
    ...OWN.map((name) => edges.map((edge) => (name === 'at' ? gaps(edge.at) : edge[name]))),
    ...TIMES.map((name) =>
      edges.map(({ times }) => (name === 'at' ? gaps(times.at) : times[name])),
    ),
  ].flat();
  const bytes = new Bytes();
  for (const { times } of edges) bytes.put(times.every);
  for (const column of columns) bytes.putAll(column);
  return bytes.written;
}

function squeeze(bytes: Uint8Array): string {
  return deflateRawSync(bytes, { level: LEVEL, memLevel: 9 }).toString('base64');
}

/** The data as base64 of a raw deflate stream; `client/unpack.ts` undoes it. */
export function pack(data: ReportData): string {
  const { series } = data;
  const head: PackedHead = {
    data: { ...data, series: { ...series, edges: [] } },
    edges: series.edges.length,
    own: OWN,
    times: TIMES,
  };
  return squeeze(Buffer.concat([Buffer.from(`${JSON.stringify(head)}\0`), write(series.edges)]));
}

/** About the bytes that these series take in a page. */
export function seriesBytes(series: Series): number {
  return squeeze(write(series.edges)).length;
}
