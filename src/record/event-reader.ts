/** All that the probes emit: the ring, and the room of the CPUs for exchanges, drained together. */
import type { BpfObject } from './libbpf.js';
import { CPU_BYTES, CpuHalves, SLOT_BYTES, type HalfSizes } from './cpu-halves.js';
import { mapMemory, pageSize, type Mapping } from './memory.js';
import { RingReader, type SpanSink } from './ring.js';

/** One reader of all events. */
export class EventReader {
  readonly #ring: RingReader;
  readonly #halves: CpuHalves;
  readonly #mappings: readonly Mapping[];

  /**
   * @param object loaded, with the maps sized as `ringBytes` and `sizes` say.
   * @throws DhrishtiError CANNOT_RECORD when they cannot be mapped.
   */
  constructor(object: BpfObject, ringBytes: number, sizes: HalfSizes) {
    const map = (name: string, bytes: number, writable: boolean): Mapping => {
      const pages = Math.ceil(bytes / pageSize()) * pageSize();
      return mapMemory(object.map(name).fd, 0, pages, writable);
    };
    this.#ring = new RingReader(object.map('ring'), ringBytes);
    const states = map('cpus', sizes.cpus * CPU_BYTES, true);
    const slots = map('slots', 2 * sizes.cpus * sizes.slots * SLOT_BYTES, false);
    this.#mappings = [states, slots];
    this.#halves = new CpuHalves(states.bytes, slots.bytes, sizes);
  }

  /**
   * Hands all events to `sink`. Halves are changed before it is looked how far the ring is filled, and the ring is
   * told first: an event in a half comes after what its program had put into the ring before.
   */
  drain(sink: SpanSink): void {
    this.#halves.change(process.hrtime.bigint());
    this.#ring.drain(sink);
    this.#halves.drain(sink);
  }

  /** Events handed over so far. */
  get count(): number {
    return this.#ring.events + this.#halves.events;
  }

  /** Bytes handed over so far, headers included. */
  get bytes(): number {
    return this.#ring.bytes + this.#halves.events * SLOT_BYTES;
  }

  /** Exchanges that were begun and never written, which the kernel does not count. */
  get lostExchanges(): number {
    return this.#halves.lost;
  }

  /** The most bytes that waited in the ring since the last call. What waits in halves cannot get lost. */
  takeHighWater(): number {
    return this.#ring.takeHighWater();
  }

  /** Gives the mappings back. The reader must not be used afterwards. */
  close(): void {
    this.#ring.close();
    for (const mapping of this.#mappings) mapping.unmap();
  }
}
