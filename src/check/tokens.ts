/** An assertion's text, cut into tokens that know where they stand. */
import { refuse } from './refusal.js';

export interface Token {
  kind: 'word' | 'quoted' | 'arrow' | 'port' | 'open' | 'close' | 'operator' | 'value';
  /** What it means: a quoted name without its quotes, a port without its colon. */
  text: string;
  /** Where it begins and ends in the assertion. */
  at: number;
  end: number;
}

// A name goes on through hyphens, but not into an arrow: `a->b` is three tokens.
const TOKENS =
  /(?<space>\s+)|(?<arrow>->|→)|(?<open>\()|(?<close>\))|"(?<quoted>[^"]*)"|:(?<port>\d+|\*)|(?<operator>[<>=!]+)|(?<word>(?:[\p{L}\p{N}_*./@%+~,;#'[\]{}|&$^?µ]|-(?!>))+)/uy;

/** @throws DhrishtiError USAGE at the first character that begins no token. */
export function tokensOf(text: string, source: string): Token[] {
  const tokens: Token[] = [];
  let behindOperator = false;
  TOKENS.lastIndex = 0;
  for (let at = 0; at < text.length;) {
    TOKENS.lastIndex = at;
    const match = TOKENS.exec(text);
    if (match === null) {
      const what =
        text[at] === '"' ? 'this quote is not closed' : `"${text[at]!}" means nothing here`;
      throw refuse({
        text,
        source,
        at,
        what,
        valid: 'Names with other characters stand in "quotes".',
      });
    }
    const end = at + match[0].length;
    const groups: Record<string, string | undefined> = match.groups ?? {};
    const [kind, inner = ''] =
      Object.entries(groups).find(([, found]) => found !== undefined) ?? [];
    if (kind !== 'space') {
      const isValue = behindOperator && kind === 'word';
      tokens.push({ kind: isValue ? 'value' : (kind as Token['kind']), text: inner, at, end });
    }
    if (kind === 'operator') behindOperator = true;
    at = end;
  }
  return tokens;
}
