/**
 * How far a long command has come, on one line of a terminal that is drawn anew ten times a second. Where stderr is no
 * terminal nothing is drawn. The stages tell how far they are; the clock is here.
 */
import { formatBytes } from '../base/bytes.js';
import { formatDuration } from '../base/time.js';
import type { Progress } from '../analyze/progress.js';
import type { Terminal } from './terminal.js';

const REDRAW_MS = 100;
/** A guess at what is left that is made from less than this would jump. */
const SETTLED_MS = 500;
const BAR_CELLS = 24;
const CLEAR = '\r\u001b[K';

/** The line at one moment, cut to the width of the terminal. `elapsedMs` is the time since the stage began. */
export function progressLine(
  { stage, bytes, ofBytes, events }: Progress,
  elapsedMs: number,
  columns: number,
): string {
  // A capture that grows meanwhile has more bytes than were told.
  const share = ofBytes > 0 ? Math.min(1, bytes / ofBytes) : 1;
  const full = Math.floor(share * BAR_CELLS);
  const parts = [
    stage.padEnd(9),
    `[${'#'.repeat(full)}${'-'.repeat(BAR_CELLS - full)}]`,
    `${Math.floor(share * 100)} %`.padStart(5),
    `${formatBytes(bytes)} of ${formatBytes(ofBytes)}`,
  ];
  if (elapsedMs >= SETTLED_MS) {
    if (events > 0)
      parts.push(`${Math.round((events / elapsedMs) * 1e3).toLocaleString('en-US')} events/s`);
    if (share > 0) parts.push(`${leftText((elapsedMs * (1 - share)) / share)} left`);
  }
  return parts.join('  ').slice(0, Math.max(0, columns - 1));
}

/** Whole seconds, at least one: what is left is a guess. */
function leftText(ms: number): string {
  return formatDuration(Math.max(1, Math.ceil(ms / 1000)) * 1e9);
}

/** Draws the line; `clear` it before anything else is written. */
export class ProgressLine {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  #stage = '';
  #begunMs = 0;
  #drawnMs = -Infinity;

  /** @param now milliseconds of a clock that never goes back. */
  constructor(terminal: Terminal, now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#now = now;
  }

  /** A stage is so far. */
  tell(progress: Progress): void {
    const nowMs = this.#now();
    if (progress.stage !== this.#stage) {
      this.#stage = progress.stage;
      this.#begunMs = nowMs;
      this.#drawnMs = -Infinity;
    }
    if (nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    const line = progressLine(progress, nowMs - this.#begunMs, this.#terminal.columns);
    this.#terminal.err(CLEAR + line);
  }

  clear(): void {
    if (this.#stage !== '') this.#terminal.err(CLEAR);
    this.#stage = '';
  }
}

/** Calls `use` with what draws the line, or with undefined where there is none to draw, and clears it afterwards. */
export async function withProgress<T>(
  terminal: Terminal,
  quiet: boolean | undefined,
  use: (tell: ((progress: Progress) => void) | undefined) => Promise<T>,
): Promise<T> {
  if (!terminal.live || quiet === true) return use(undefined);
  const line = new ProgressLine(terminal);
  try {
    return await use((progress) => line.tell(progress));
  } finally {
    line.clear();
  }
}
