/** A binary heap of [time, number], least time first, without an object an entry. */
export class Heap {
  #times;
  #ids;
  #size = 0;

  constructor(capacity) {
    this.#times = new Float64Array(capacity + 1);
    this.#ids = new Int32Array(capacity + 1);
  }

  /** The least time, and the number that came with it. */
  get least() {
    return this.#times[1];
  }

  get top() {
    return this.#ids[1];
  }

  push(time, id) {
    let at = ++this.#size;
    for (; at > 1 && this.#times[at >> 1] > time; at >>= 1) this.#move(at >> 1, at);
    this.#put(at, time, id);
  }

  /** Gives the top another time. */
  replace(time) {
    const id = this.#ids[1];
    let at = 1;
    for (let child = 2; child <= this.#size; child = 2 * at) {
      if (child < this.#size && this.#times[child + 1] < this.#times[child]) child++;
      if (this.#times[child] >= time) break;
      this.#move(child, at);
      at = child;
    }
    this.#put(at, time, id);
  }

  #move(from, to) {
    this.#put(to, this.#times[from], this.#ids[from]);
  }

  #put(at, time, id) {
    this.#times[at] = time;
    this.#ids[at] = id;
  }
}
