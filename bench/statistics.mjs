/** Medians with their spread: one number alone says nothing on a noisy machine. */

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Least and greatest. */
export function spread(values) {
  return [Math.min(...values), Math.max(...values)];
}

/** The longest but one of each fifty: so browsers choose a page's interaction to next paint (INP) among its interactions. */
export function longestButOne(values) {
  return [...values].sort((a, b) => b - a)[Math.floor(values.length / 50)];
}

/** `median (least … greatest)`, for a cell. */
export function withSpread(values, digits = 0) {
  const range = spread(values).map((value) => count(value, digits));
  return `${count(median(values), digits)} (${range.join(' … ')})`;
}

/** 1234567 as 1,234,567, in any locale. */
export function count(value, digits = 0) {
  return value.toLocaleString('en-US', {
    maximumFractionDigits: digits,
    minimumFractionDigits: digits,
  });
}

/**
 * Rows of { name, median, spread, digits, hold } as a table; `hold` is what the design promises, and `p98`, a text that
 * only interactions have, gets a column where any row has it.
 */
export function table(rows) {
  const p98 = rows.some((row) => row.p98 !== undefined);
  const cell = (row) => {
    const range = Array.isArray(row.spread)
      ? row.spread.map((v) => count(v, row.digits)).join(' … ')
      : '';
    return `| ${row.name} | ${count(row.median, row.digits)} | ${range} | ${p98 ? `${row.p98 ?? ''} | ` : ''}${row.hold} |`;
  };
  return [
    `| what | median | least … greatest | ${p98 ? 'p98 | ' : ''}hold |`,
    `|---|---:|---|${p98 ? '---:|' : ''}---|`,
    ...rows.map(cell),
  ].join('\n');
}
