/**
 * A checksum of the rows of all connections, in the order in which they are handed on. They are too many to be
 * hashed for real: this costs a tenth of a microsecond a row. It finds differences between two analyses; nothing
 * that matters hangs on its being hard to forge.
 */
import type { Connection } from './model.js';

const PRIME_A = 0x85eb_ca6b;
const PRIME_B = 0xc2b2_ae35;

export class RowChecksum {
  readonly #double = new DataView(new ArrayBuffer(8));
  #a = 0x9e37_79b9;
  #b = 0x7f4a_7c15;

  /** All numbers and words of the row; the evidence says in words what they say. */
  add(row: Connection): void {
    this.#number(row.id);
    this.#number(row.clientWorkload);
    this.#number(row.serverWorkload);
    this.#number(row.edge);
    this.#text(row.clientAddr);
    this.#number(row.clientPort);
    this.#text(row.serverAddr);
    this.#number(row.serverPort);
    this.#number(row.openedNs);
    this.#number(row.establishedNs);
    this.#number(row.acceptedNs);
    this.#number(row.closedNs);
    this.#text(row.verdict);
    this.#text(row.connState);
    this.#text(row.errno ?? '');
    this.#text(row.closedBy ?? '');
    this.#number(row.bytesSent);
    this.#number(row.bytesReceived);
    this.#number(row.retransmits);
    this.#number(row.rttUs);
    this.#number(row.connectUs);
    this.#number(row.exchanges);
    this.#word((row.paired ? 2 : 0) + (row.preexisting ? 1 : 0));
    this.#text(row.grade);
  }

  /** 16 hex digits. */
  get value(): string {
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
    return hex(this.#a) + hex(this.#b);
  }

  #number(value: number | null): void {
    this.#double.setFloat64(0, value ?? -1);
    this.#word(this.#double.getUint32(0));
    this.#word(this.#double.getUint32(4));
  }

  #text(text: string): void {
    for (let i = 0; i < text.length; i++) this.#word(text.charCodeAt(i));
    this.#word(text.length);
  }

  /** Two lanes that differ, so that what cancels out in one does not in the other. */
  #word(word: number): void {
    this.#a = Math.imul((this.#a ^ word) >>> 0, PRIME_A);
    this.#a ^= this.#a >>> 15;
    this.#b = (Math.imul(this.#b, PRIME_B) + word) | 0;
    this.#b ^= this.#b >>> 13;
  }
}
