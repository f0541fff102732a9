/**
 * What the commands see of the terminal. `src/cli.ts` makes the one that prints; tests make their own.
 * Results that a program may read go to `out`, words for people go to `err`.
 */
export interface Terminal {
  /** Writes to stdout; resolves once there is room for more, so that long lists stay in bounds. */
  out(text: string): Promise<void>;
  err(text: string): void;
  /** True where stderr is a terminal that a status line can be updated on. */
  readonly live: boolean;
  /** Width of that terminal in characters. */
  readonly columns: number;
  /** True where stdout is a terminal. */
  readonly interactive: boolean;
  /** True once nobody reads stdout any more, as in `dhrishti log x | head`. */
  readonly closed: boolean;
}

/** `1 event`, `2 events`, `12,345 events`. */
export function count(value: number, noun: string): string {
  return `${value.toLocaleString('en-US')} ${noun}${value === 1 ? '' : 's'}`;
}

/** Control characters would let a container's name move the cursor of whoever reads it. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
}

/** Rows of cells as aligned columns, two spaces apart; numbers in `right` columns are flushed right. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  }
  const lines = rows.map((row) =>
    row
      .map((cell, i) =>
        right.includes(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return lines.map((line) => `${line}\n`).join('');
}
