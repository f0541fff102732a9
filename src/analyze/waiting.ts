/**
 * Events that wait to be handed on in the order of their times: time, body and place in the body of each in arrays, so that
 * none costs an object. They come in stretches that are in order, but for a few that are a little late, and the stretches
 * are merged: that takes as long as there are events and stretches, whatever the order.
 */

/** So many events a late one may overtake in its stretch; where it would overtake more, it begins a stretch. */
const OVERTAKES = 8;

export class Waiting {
  /** The events are [head, tail), in order once `sort` was called. */
  head = 0;
  tail = 0;
  times = new Float64Array(1024);
  offsets = new Uint32Array(1024);
  bodies = new Uint32Array(1024);
  /** Where the stretches begin that come behind the first one. */
  #starts: number[] = [];
  /** The first one of two that are being merged. */
  #times = new Float64Array(1024);
  #offsets = new Uint32Array(1024);
  #bodies = new Uint32Array(1024);

  get count(): number {
    return this.tail - this.head;
  }

  add(time: number, offset: number, body: number): void {
    if (this.tail === this.times.length) this.#grow();
    const { times } = this;
    let at = this.tail++;
    if (at > this.head && times[at - 1]! > time) at = this.#overtake(at, time);
    times[at] = time;
    this.offsets[at] = offset;
    this.bodies[at] = body;
  }

  /** Makes one stretch of all. Equal times stay in the order in which they came. */
  sort(): void {
    while (this.#starts.length > 0) {
      const starts = [this.head, ...this.#starts, this.tail];
      this.#starts = [];
      for (let i = 0; i + 2 < starts.length; i += 2) {
        this.#merge(starts[i]!, starts[i + 1]!, starts[i + 2]!);
        if (i > 0) this.#starts.push(starts[i]!);
      }
      // An odd one is left over.
      if (starts.length % 2 === 0 && starts.length > 2) this.#starts.push(starts.at(-2)!);
    }
  }

  /** Moves all to the front, and counts bodies from `oldest` on. */
  compact(oldest: number): void {
    for (const array of [this.times, this.offsets, this.bodies])
      array.copyWithin(0, this.head, this.tail);
    this.tail -= this.head;
    this.head = 0;
    for (let i = 0; i < this.tail; i++) this.bodies[i]! -= oldest;
  }

  /** The first body that an event waits in. */
  oldestBody(): number {
    let oldest = Infinity;
    for (let i = this.head; i < this.tail; i++) oldest = Math.min(oldest, this.bodies[i]!);
    return oldest;
  }

  /** Makes room for a late event in its stretch, or begins one; gives its place. */
  #overtake(tail: number, time: number): number {
    const { times, offsets, bodies } = this;
    const first = this.#starts.at(-1) ?? this.head;
    const floor = Math.max(first, tail - OVERTAKES);
    let at = tail - 1;
    while (at > floor && times[at - 1]! > time) at--;
    if (at > first && times[at - 1]! > time) {
      this.#starts.push(tail);
      return tail;
    }
    for (const array of [times, offsets, bodies]) array.copyWithin(at + 1, at, tail);
    return at;
  }

  /** Merges stretches [from, middle) and [middle, to). */
  #merge(from: number, middle: number, to: number): void {
    const { times, offsets, bodies } = this;
    let at = this.#firstAfter(times[middle]!, from, middle);
    const count = middle - at;
    if (count > this.#times.length) {
      this.#times = new Float64Array(times.length);
      this.#offsets = new Uint32Array(times.length);
      this.#bodies = new Uint32Array(times.length);
    }
    this.#times.set(times.subarray(at, middle));
    this.#offsets.set(offsets.subarray(at, middle));
    this.#bodies.set(bodies.subarray(at, middle));
    for (let a = 0, b = middle; a < count; at++) {
      if (b < to && times[b]! < this.#times[a]!) {
        times[at] = times[b]!;
        offsets[at] = offsets[b]!;
        bodies[at] = bodies[b++]!;
      } else {
        times[at] = this.#times[a]!;
        offsets[at] = this.#offsets[a]!;
        bodies[at] = this.#bodies[a++]!;
      }
    }
  }

  /** The first of the ordered [low, high) that is younger than `time`. */
  #firstAfter(time: number, low: number, high: number): number {
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.times[middle]! > time) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #grow(): void {
    const { times, offsets, bodies } = this;
    this.times = new Float64Array(times.length * 2);
    this.offsets = new Uint32Array(times.length * 2);
    this.bodies = new Uint32Array(times.length * 2);
    this.times.set(times);
    this.offsets.set(offsets);
    this.bodies.set(bodies);
  }
}
