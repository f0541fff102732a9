/** Numbers in words: three significant digits, always with a unit. */

/** Between a number and its unit: a line never breaks there. */
const NBSP = '\u00a0';
/** What stands where a number is not known. */
export const NONE = '–';

function short(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 3)).replace(/\.0+$|(\.\d*?)0+$/, '$1');
}

/** A duration given in microseconds: `85 µs`, `12.3 ms`, `1.25 s`, `3 min 20 s`. */
export function duration(us: number | null): string {
  if (us === null) return NONE;
  if (us < 0.5) return `<1${NBSP}µs`;
  if (us < 999.5) return `${String(Math.round(us))}${NBSP}µs`;
  if (us < 999_500) return `${short(us / 1e3)}${NBSP}ms`;
  if (us < 59.95e6) return `${short(us / 1e6)}${NBSP}s`;
  const seconds = Math.round(us / 1e6);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours > 0)
    return `${String(hours)}${NBSP}h${minutes === 0 ? '' : ` ${String(minutes)}${NBSP}min`}`;
  const rest = seconds % 60;
  return `${String(minutes)}${NBSP}min${rest === 0 ? '' : ` ${String(rest)}${NBSP}s`}`;
}

/** A time on the capture's axis, given in seconds: `12.0 s`; `step` says how fine it needs to be. */
export function clock(seconds: number, step = 1): string {
  const digits = step >= 1 ? 0 : Math.min(3, Math.ceil(-Math.log10(step)));
  if (seconds < 600) return `${seconds.toFixed(digits)}${NBSP}s`;
  const whole = Math.round(seconds);
  const pad = (n: number): string => String(n).padStart(2, '0');
  const rest = `${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
  return whole < 3600 ? rest : `${String(Math.floor(whole / 3600))}:${rest}`;
}

/** Made once: to make one for each number takes longer than all else on the page. */
const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A count with thousands separated: `121,920`. */
export function count(value: number): string {
  // Most are small, and no thousands need to be set apart.
  if (value >= 0 && value < 1000 && Number.isInteger(value)) return String(value);
  return WHOLE.format(value);
}

/** A rate per second: `1,240/s`, `0.25/s`. */
export function rate(value: number): string {
  return `${value >= 100 ? count(Math.round(value)) : short(value)}/s`;
}

/** A size: `812 B`, `4.2 MB`. */
export function bytes(value: number): string {
  let rest = value;
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (rest < 999.5 || unit === 'GB') return `${short(rest)}${NBSP}${unit}`;
    rest /= 1000;
  }
  return NONE;
}

/** A share of one as percent. Never rounds a loss away: below 100 % it never reads `100 %`. */
export function percent(share: number): string {
  if (share >= 1) return `100${NBSP}%`;
  if (share > 0.999) return `${(Math.floor(share * 1e5) / 1e3).toFixed(3)}${NBSP}%`;
  return `${(Math.floor(share * 1e3) / 10).toFixed(1)}${NBSP}%`;
}

/** `1 failure`, `3 failures`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** The verdicts in words a reader knows. */
const VERDICT_WORDS: Readonly<Record<string, string>> = {
  refused: 'refused',
  timeout: 'timed out',
  unreachable: 'unreachable',
  reset_by_client: 'reset by client',
  reset_by_server: 'reset by server',
  never_accepted: 'never accepted',
};

/** A verdict in words. */
export function verdictWords(verdict: string): string {
  return Object.hasOwn(VERDICT_WORDS, verdict)
    ? (VERDICT_WORDS[verdict] ?? verdict)
    : verdict.replaceAll('_', ' ');
}
