/** Says what a file is that was taken for a capture, so that the refusal helps. */
import { DhrishtiError } from '../base/errors.js';
import { MAGIC, MAJOR } from './format.js';

const SIGNATURES: readonly (readonly [bytes: string, what: string])[] = [
  ['d4c3b2a1', 'a packet capture (pcap)'],
  ['a1b2c3d4', 'a packet capture (pcap)'],
  ['4d3cb2a1', 'a packet capture (pcap)'],
  ['a1b23c4d', 'a packet capture (pcap)'],
  ['0a0d0d0a', 'a packet capture (pcapng)'],
  ['53514c69746520666f726d617420330', 'an SQLite database'],
  ['7f454c46', 'an ELF program or object'],
  ['1f8b', 'a gzip archive: unpack it first'],
  ['28b52ffd', 'a zstd archive: unpack it first'],
  ['504b0304', 'a zip archive: unpack it first'],
  ['fd377a585a00', 'an xz archive: unpack it first'],
  ['89504e47', 'a PNG picture'],
];

/** What a copy in text mode makes of the magic: `\r\n` folded, the high bit cut, or UTF-8 repaired. */
const MANGLED = ['894448520a', '894448520d0d0a', '09444852', 'efbfbd444852', 'c289444852'];

/** True when every byte could stand in a text file. */
function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}

/** Names what `start`, the first bytes of a file, looks like: `an HTML page`, `binary data` … */
export function identify(start: Uint8Array): string {
  if (start.length === 0) return 'an empty file';
  const hex = Buffer.from(start).toString('hex');
  if (MANGLED.some((prefix) => hex.startsWith(prefix))) {
    return 'a capture that was spoilt by a copy in text mode';
  }
  const known = SIGNATURES.find(([prefix]) => hex.startsWith(prefix));
  if (known !== undefined) return known[1];
  if (!isText(start)) return 'binary data of another format';
  const text = Buffer.from(start).toString('latin1').trimStart().toLowerCase();
  if (text.startsWith('<!doctype html') || text.startsWith('<html')) return 'an HTML page';
  if (text.startsWith('{') || text.startsWith('[')) return 'JSON text';
  return 'text';
}

/** The refusal of a file that is no capture. */
export function notACapture(name: string, start: Uint8Array): DhrishtiError {
  const what = identify(start);
  return new DhrishtiError(
    'NOT_A_CAPTURE',
    `${name} is not a dhrishti capture: it is ${what}.`,
    what.includes('text mode')
      ? 'Copy it again in binary mode (scp, rsync, curl --data-binary).'
      : 'Name a .dhr file that `dhrishti record` wrote.',
  );
}

/** The refusal of a capture from the future. */
export function newerCapture(name: string, major: number, minor: number): DhrishtiError {
  return new DhrishtiError(
    'NEWER_CAPTURE',
    `${name} has format version ${String(major)}.${String(minor)}; ` +
      `this dhrishti reads versions up to ${String(MAJOR)}.`,
    'Analyze it with the version of dhrishti that recorded it, or a newer one.',
  );
}

/** True where the file begins as a capture does. */
export function hasMagic(start: Uint8Array): boolean {
  return MAGIC.every((byte, i) => start[i] === byte);
}
