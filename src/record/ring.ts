/**
 * Draining the BPF ring buffer without a callback: the kernel's own pages are mapped, and whole spans
 * of finished records go from the mapping to the writer in one call. Nothing is parsed but the length word
 * of each record, and no foreign call is made in a drain.
 *
 * Layout (kernel/bpf/ringbuf.c): one page with the consumer position, one with the producer position,
 * then the data twice in a row, so that a span that wraps around is contiguous in memory. Record header:
 * u32 length with bit 31 busy and bit 30 discarded, u32 page offset; records are padded to 8 bytes.
 */
import type { BpfMap } from './libbpf.js';
import { mapMemory, pageSize, type Mapping } from './memory.js';

const BUSY = 0x8000_0000;
const DISCARDED = 0x4000_0000;
const LENGTH = 0x3fff_ffff;
const HEADER = 8;

/** No span is longer than this, so that a block of a capture stays small. */
const SPAN_LIMIT = 8 * 1024 * 1024;

/** Takes a span of finished records. It must be done with the bytes when it returns. */
export type SpanSink = (span: Buffer) => void;

/** The size that the kernel takes for a ring: the next power of two, and no less than a page. */
export function ringSize(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(bytes, pageSize())));
}

/**
 * The finished records from byte `from` on, up to the first busy one or until `limit` bytes are reached.
 * @param words the ring's data as 32-bit words.
 * @returns bytes of the span, headers and padding included, and how many records of it count.
 */
export function finishedSpan(
  words: Int32Array,
  from: number,
  limit: number,
): { length: number; events: number } {
  let length = 0;
  let events = 0;
  while (length < limit) {
    const word = Atomics.load(words, (from + length) >> 2) >>> 0;
    if (word & BUSY) break;
    if (!(word & DISCARDED)) events++;
    length += (HEADER + (word & LENGTH) + 7) & ~7;
  }
  return { length, events };
}

/** One reader of one ring. */
export class RingReader {
  readonly #consumerPage: Mapping;
  readonly #producerPages: Mapping;
  readonly #consumer: BigInt64Array;
  readonly #producer: BigInt64Array;
  readonly #lengths: Int32Array;
  readonly #data: Buffer;
  readonly #size: number;
  /** Positions count up for ever; as numbers they are exact for 2^53 bytes: 29 years at 10 MB/s. */
  #position: number;
  #highWater = 0;
  /** Records handed over so far, discarded ones left out. */
  events = 0;
  /** Bytes handed over so far, headers included. */
  bytes = 0;

  /**
   * @param size bytes of the ring, a power of two and a multiple of the page size.
   * @throws DhrishtiError CANNOT_RECORD when it cannot be mapped.
   */
  constructor(map: BpfMap, size: number) {
    const page = pageSize();
    this.#size = size;
    this.#consumerPage = mapMemory(map.fd, 0, page, true);
    this.#producerPages = mapMemory(map.fd, page, page + 2 * size, false);
    const consumer = this.#consumerPage.bytes;
    const producer = this.#producerPages.bytes;
    this.#consumer = new BigInt64Array(consumer.buffer, consumer.byteOffset, 1);
    this.#producer = new BigInt64Array(producer.buffer, producer.byteOffset, 1);
    this.#data = producer.subarray(page);
    this.#lengths = new Int32Array(this.#data.buffer, this.#data.byteOffset, (2 * size) / 4);
    this.#position = Number(Atomics.load(this.#consumer, 0));
  }

  /** Hands every finished record to `sink`, in order, and frees the room. */
  drain(sink: SpanSink): void {
    const end = Number(Atomics.load(this.#producer, 0));
    this.#highWater = Math.max(this.#highWater, end - this.#position);
    while (this.#position < end) {
      const from = this.#position % this.#size;
      const limit = Math.min(end - this.#position, SPAN_LIMIT);
      const { length, events } = finishedSpan(this.#lengths, from, limit);
      if (length === 0) return; // a record that is still being written: next time
      this.events += events;
      sink(this.#data.subarray(from, from + length));
      this.#position += length;
      this.bytes += length;
      Atomics.store(this.#consumer, 0, BigInt(this.#position));
    }
  }

  /** The most bytes that waited since the last call, and begins anew. */
  takeHighWater(): number {
    const most = this.#highWater;
    this.#highWater = 0;
    return most;
  }

  /** Gives the mappings back. The reader must not be used afterwards. */
  close(): void {
    this.#consumerPage.unmap();
    this.#producerPages.unmap();
  }
}
