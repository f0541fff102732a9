/** The page's data out of the text that `report/pack.ts` made of it; the browser itself undoes the packing. */
import type { ReportData } from '../data.js';

/** Distances of steps become the steps. */
function addUp(at: number[]): void {
  for (let i = 1; i < at.length; i++) at[i]! += at[i - 1]!;
}

/** @throws where the browser cannot undo it, or the text is not whole. */
export async function unpack(text: string): Promise<ReportData> {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const data = (await new Response(stream).json()) as ReportData;
  for (const { at, times } of data.series.edges) {
    addUp(at);
    addUp(times.at);
  }
  return data;
}
