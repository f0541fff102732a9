/**
 * Places things in a row: each as near to where it wants to be as the distances between neighbours
 * allow (least squares, by pooling neighbours that would overlap).
 * @param wanted where each wants its centre, in the order of the row.
 * @param distances least distance of each centre from the one before; one fewer than `wanted`.
 */
export function settle(wanted: readonly number[], distances: readonly number[]): number[] {
  // Without the distances the centres only have to stay in order.
  const offsets: number[] = [];
  for (let i = 0; i < wanted.length; i++) {
    offsets.push(i === 0 ? 0 : (offsets[i - 1] ?? 0) + (distances[i - 1] ?? 0));
  }
  const pools: { sum: number; size: number }[] = [];
  for (const [i, value] of wanted.entries()) {
    pools.push({ sum: value - (offsets[i] ?? 0), size: 1 });
    for (;;) {
      const [above, last] = [pools.at(-2), pools.at(-1)];
      if (above === undefined || last === undefined) break;
      if (above.sum / above.size <= last.sum / last.size) break;
      above.sum += last.sum;
      above.size += last.size;
      pools.pop();
    }
  }
  const free = pools.flatMap(({ sum, size }) => new Array<number>(size).fill(sum / size));
  return free.map((value, i) => value + (offsets[i] ?? 0));
}
