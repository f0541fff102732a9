/**
 * Finds a socket's row by its cookie, once for every event: an open table of two integers an entry, so that no number has
 * to become an object first and the table is small. Nearly all cookies are below 2^32 and in the table, by what they are;
 * others, and those that find no room within REACH of where they belong, are in a plain Map.
 */
import { NO_ROW } from '../ends.js';

const TWO_32 = 4_294_967_296;
const REACH = 16;
/** An entry that was taken out: the search goes on behind it. NO_ROW is one that was always free. */
const GONE = -1;

export class Cookies {
  /** A cookie's lower half, and its row, NO_ROW or GONE. */
  #entries = new Int32Array(2 * (64 + REACH));
  #bits = 6;
  /** Entries in use, and those that were taken out besides. */
  #live = 0;
  #used = 0;
  readonly #others = new Map<number, number>();

  /** @param low the cookie's lower half, @param high its upper half, as signed integers. */
  get(low: number, high: number): number {
    if (high === 0) {
      const entries = this.#entries;
      let at = this.#home(low);
      for (const end = at + 2 * REACH; at < end; at += 2) {
        const row = entries[at + 1]!;
        if (entries[at] === low && row > NO_ROW) return row;
        if (row === NO_ROW) break;
      }
    }
    if (this.#others.size === 0) return NO_ROW;
    return this.#others.get(high * TWO_32 + (low >>> 0)) ?? NO_ROW;
  }

  /** @param row more than NO_ROW. */
  set(cookie: number, row: number): void {
    this.delete(cookie);
    if (this.#used > 1 << (this.#bits - 1)) this.#rebuild();
    if (cookie < 0 || cookie >= TWO_32) this.#others.set(cookie, row);
    else this.#put(cookie | 0, row);
  }

  delete(cookie: number): void {
    if (this.#others.delete(cookie) || cookie < 0 || cookie >= TWO_32) return;
    const entries = this.#entries;
    let at = this.#home(cookie | 0);
    for (const end = at + 2 * REACH; at < end; at += 2) {
      if (entries[at + 1] === NO_ROW) return;
      if (entries[at] !== (cookie | 0) || entries[at + 1] === GONE) continue;
      entries[at + 1] = GONE;
      this.#live--;
      return;
    }
  }

  #home(low: number): number {
    return (Math.imul(low, 0x9e37_79b1) >>> (32 - this.#bits)) * 2;
  }

  #put(low: number, row: number): void {
    const entries = this.#entries;
    let at = this.#home(low);
    for (const end = at + 2 * REACH; at < end; at += 2) {
      if (entries[at + 1]! > NO_ROW) continue;
      if (entries[at + 1] === NO_ROW) this.#used++;
      this.#live++;
      entries[at] = low;
      entries[at + 1] = row;
      return;
    }
    this.#others.set(low >>> 0, row);
  }

  /** Anew without those that are gone, and with room for as many again. */
  #rebuild(): void {
    const before = this.#entries;
    while (3 * this.#live > 1 << this.#bits) this.#bits++;
    this.#entries = new Int32Array(2 * ((1 << this.#bits) + REACH));
    this.#used = this.#live = 0;
    for (let at = 0; at < before.length; at += 2) {
      if (before[at + 1]! > NO_ROW) this.#put(before[at]!, before[at + 1]!);
    }
  }
}
