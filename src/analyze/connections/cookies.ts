/**
 * Finds a socket by its cookie, once for every event: an open table of four integers an entry, two for the cookie, so
 * that no number has to become an object first. A cookie lies within REACH of where it belongs; what finds no
 * room there, which takes a capture made for it, goes to a plain Map.
 */
import type { Socket } from '../socket.js';

const TWO_32 = 4_294_967_296;
const REACH = 16;
const EMPTY = 0;
/** An entry that was taken out: the search goes on behind it. */
const GONE = -1;

export class Cookies {
  /** Cookie's lower and upper half, and 1 + the socket's place in #sockets, EMPTY or GONE. */
  #entries = new Int32Array(4 * (64 + REACH));
  #bits = 6;
  #used = 0;
  readonly #sockets: (Socket | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #overflow = new Map<number, Socket>();

  /** @param low the cookie's lower half, @param high its upper half, as signed integers. */
  get(low: number, high: number): Socket | undefined {
    const at = this.#find(low, high);
    if (at >= 0) return this.#sockets[this.#entries[at + 2]! - 1];
    return this.#overflow.size === 0 ? undefined : this.#overflow.get(high * TWO_32 + (low >>> 0));
  }

  set(cookie: number, socket: Socket): void {
    const high = Math.floor(cookie / TWO_32);
    const low = cookie | 0;
    this.delete(cookie);
    if (this.#used > 1 << (this.#bits - 1)) this.#rebuild();
    const place = this.#free.pop() ?? this.#sockets.length;
    this.#sockets[place] = socket;
    if (this.#put(low, high, place)) return;
    this.#release(place);
    this.#overflow.set(cookie, socket);
  }

  delete(cookie: number): void {
    const at = this.#find(cookie | 0, Math.floor(cookie / TWO_32));
    if (at < 0) {
      this.#overflow.delete(cookie);
      return;
    }
    this.#release(this.#entries[at + 2]! - 1);
    this.#entries[at + 2] = GONE;
  }

  #release(place: number): void {
    this.#sockets[place] = undefined;
    this.#free.push(place);
  }

  #home(low: number, high: number): number {
    const mixed = Math.imul(low ^ Math.imul(high, 0x85eb_ca6b), 0x9e37_79b1);
    return (mixed >>> (32 - this.#bits)) * 4;
  }

  /** Where the entry of a cookie begins; -1 where there is none. */
  #find(low: number, high: number): number {
    const entries = this.#entries;
    let at = this.#home(low, high);
    for (const end = at + 4 * REACH; at < end; at += 4) {
      if (entries[at] === low && entries[at + 1] === high && entries[at + 2]! > EMPTY) return at;
      if (entries[at + 2] === EMPTY) return -1;
    }
    return -1;
  }

  #put(low: number, high: number, place: number): boolean {
    const entries = this.#entries;
    let at = this.#home(low, high);
    for (const end = at + 4 * REACH; at < end; at += 4) {
      if (entries[at + 2]! > EMPTY) continue;
      if (entries[at + 2] === EMPTY) this.#used++;
      entries[at] = low;
      entries[at + 1] = high;
      entries[at + 2] = place + 1;
      return true;
    }
    return false;
  }

  /** Anew without those that are gone, and with room for twice as many as there are. */
  #rebuild(): void {
    const before = this.#entries;
    const live = this.#sockets.length - this.#free.length;
    while (4 * live > 1 << this.#bits) this.#bits++;
    this.#entries = new Int32Array(4 * ((1 << this.#bits) + REACH));
    this.#used = 0;
    for (let at = 0; at < before.length; at += 4) {
      const place = before[at + 2]! - 1;
      if (place < 0 || this.#put(before[at]!, before[at + 1]!, place)) continue;
      const cookie = before[at + 1]! * TWO_32 + (before[at]! >>> 0);
      this.#overflow.set(cookie, this.#sockets[place]!);
      this.#release(place);
    }
  }
}
