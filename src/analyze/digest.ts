/**
 * The digest of an analysis: equal digests, equal content. It is the SHA-256 of everything that was found out
 * about a capture, whatever the file is called, and on whatever machine, with whatever Node, locale and time zone it was
 * analyzed: capture, workloads, edges, windows, cells, findings, quality and the failures that are kept, and one
 * checksum of the rows of all connections. docs/schema.md tells people what to use it for.
 */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { RowChecksum } from './checksum.js';
import type { Analysis, EdgeCell, EdgeWindow } from './model.js';

/** An analysis that has no digest yet. */
export type Undigested = Omit<Analysis, 'digest'>;

/** In hex. `rows` has seen the row of each connection. */
export function digestOf(analysis: Undigested, rows: RowChecksum): string {
  const { visitWindows, visitCells, capture, ...rest } = analysis;
  const named = { ...rest, capture: { ...capture, file: '' }, rows: rows.value };
  const sha = createHash('sha256').update(canonical(named));
  const numbers = new Numbers(sha);
  visitWindows((window) => putWindow(numbers, window));
  for (const { id } of analysis.edges) visitCells(id, (cell) => putCell(numbers, id, cell));
  numbers.flush();
  return sha.digest('hex');
}

/** JSON with the keys of each object in order. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

function putWindow(numbers: Numbers, w: Readonly<EdgeWindow>): void {
  numbers.put(w.edge);
  numbers.put(w.startNs);
  numbers.put(w.widthNs);
  numbers.put(w.connections);
  numbers.put(w.failures);
  numbers.put(w.exchanges);
  numbers.put(w.avgUs);
  numbers.put(w.p50Us);
  numbers.put(w.p95Us);
  numbers.put(w.p99Us);
  numbers.put(w.open);
  numbers.put(w.retransmits);
  numbers.put(w.coverage);
}

function putCell(numbers: Numbers, edge: number, c: Readonly<EdgeCell>): void {
  numbers.put(edge);
  numbers.put(c.step);
  numbers.put(c.connections);
  numbers.put(c.failures);
  numbers.put(c.exchanges);
  numbers.put(c.flagged);
  numbers.put(c.retransmits);
  numbers.put(c.open);
  numbers.put(c.sumUs);
  numbers.put(c.paired);
  numbers.put(c.pairedUs);
  numbers.put(c.servedUs);
  numbers.put(c.pickupUs);
  if (c.latency === null) return;
  const { first, counts } = c.latency;
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0) continue;
    numbers.put(first + i);
    numbers.put(counts[i] ?? 0);
  }
}

const BUFFERED = 8192;

/** Feeds numbers to a hash as little-endian doubles: windows and cells are too many for JSON. */
class Numbers {
  readonly #sha: Hash;
  readonly #bytes = Buffer.alloc(BUFFERED * 8);
  readonly #view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
  #count = 0;

  constructor(sha: Hash) {
    this.#sha = sha;
  }

  /** Null is a number of its own: no count, time or share is negative. */
  put(value: number | null): void {
    if (this.#count === BUFFERED) this.flush();
    this.#view.setFloat64(8 * this.#count++, value ?? -1, true);
  }

  flush(): void {
    this.#sha.update(this.#bytes.subarray(0, 8 * this.#count));
    this.#count = 0;
  }
}
