/** The page's data out of the text that `report/pack.ts` made of it; the browser itself undoes the packing. */
import type { ReportData } from '../data.js';

/** Distances of steps become the steps. */
function addUp(at: number[]): void {
  for (let i = 1; i < at.length; i++) at[i]! += at[i - 1]!;
}

/** @throws where the browser cannot undo it, or the text is not whole. */
export async function unpack(text: string): Promise<ReportData> {
  const binary = atob(text);
  // A loop: `Uint8Array.from` walks a million characters as an iterator, a tenth of the time to the first view.
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const data = (await new Response(stream).json()) as ReportData;
  for (const { at, times } of data.series.edges) {
    addUp(at);
    addUp(times.at);
  }
  return data;
}
