/** Names that somebody may have meant. */

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (Damerau–Levenshtein). */
export function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, rows[i - 2]![j - 2]! + 1);
      }
      row.push(least);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

/** Longer texts are no names that somebody mistyped, and comparing them costs the square of their length. */
const LONGEST = 200;

/** Up to `most` of `names` that are like `wanted`, the nearest first; equally near ones in the given order. */
export function near(wanted: string, names: readonly string[], most = 3): string[] {
  const key = wanted.toLowerCase();
  if (key.length > LONGEST) return [];
  return [...new Set(names)]
    .filter((name) => name.length <= LONGEST)
    .map((name) => ({ name, off: distance(key, name.toLowerCase()) }))
    .filter(
      ({ name, off }) => off <= Math.max(2, Math.floor(Math.max(key.length, name.length) / 3)),
    )
    .sort((a, b) => a.off - b.off)
    .slice(0, most)
    .map(({ name }) => name);
}
