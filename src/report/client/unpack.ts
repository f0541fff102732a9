/** The page's data out of the text that `report/pack.ts` made of it; the browser itself undoes the packing. */
import type { EdgeSeries, PackedHead, ReportData } from '../data.js';

type Column = Float64Array;

/** Browsers have it since 2025, TypeScript's library for this target has not. */
type FromBase64 = (text: string) => Uint8Array<ArrayBuffer>;

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const { fromBase64 } = Uint8Array as { fromBase64?: FromBase64 };
  // Called as a method: it makes what it is called on.
  if (fromBase64 !== undefined) return fromBase64.call(Uint8Array, text);
  const binary = atob(text);
  // A loop: `Uint8Array.from` walks a million characters as an iterator, a tenth of the time to the first view.
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** All numbers: 7 bits in each byte, the lowest first; the eighth is set in all bytes of a number but its last. */
function numbersOf(bytes: Uint8Array): Float64Array {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! < 128) count++;
  const numbers = new Float64Array(count);
  let [value, unit, at] = [0, 1, 0];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte < 128) {
      numbers[at++] = value + byte * unit;
      value = 0;
      unit = 1;
    } else {
      value += (byte - 128) * unit;
      unit *= 128;
    }
  }
  return numbers;
}

/** Distances of steps become the steps. */
function addUp(at: Column): Column {
  for (let i = 1; i < at.length; i++) at[i]! += at[i - 1]!;
  return at;
}

/** The series of all edges; their columns are parts of `numbers`, in the order of `write` in report/pack.ts. */
function seriesOf(numbers: Float64Array, { edges: count, own, times }: PackedHead): EdgeSeries[] {
  let next = count;
  const fill = (parts: readonly Record<string, unknown>[], names: readonly string[]): void => {
    for (const name of names) {
      for (const part of parts) {
        const length = numbers[next++]!;
        const column = numbers.subarray(next, next + length);
        next += length;
        part[name] = name === 'at' ? addUp(column) : column;
      }
    }
  };
  const ofTimes = Array.from({ length: count }, (_, i) => ({ every: numbers[i] }));
  const edges = ofTimes.map((part) => ({ times: part }));
  fill(edges, own);
  fill(ofTimes, times);
  return edges as unknown as EdgeSeries[];
}

/** @throws where the browser cannot undo it, or the text is not whole. */
export async function unpack(text: string): Promise<ReportData> {
  const stream = new Blob([bytesOf(text)])
    .stream()
    .pipeThrough(new DecompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const end = bytes.indexOf(0);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end))) as PackedHead;
  const { data } = head;
  data.series.edges = seriesOf(numbersOf(bytes.subarray(end + 1)), head);
  return data;
}
