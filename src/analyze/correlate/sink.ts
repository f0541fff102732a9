/** What the correlate stage tells the next one. */
import type { Ends } from '../ends.js';
import type { Link } from '../link.js';

export interface LinkSink {
  /**
   * One exchange, valid during the call. `client` and `server` are turns among `ends`; `client` is NO_TURN where only
   * the server's end saw it, `server` where only the client's did.
   * @param disagree the ends differ about where a request ends: more than one was under way.
   */
  exchange(link: Link, ends: Ends, client: number, server: number, disagree: boolean): void;
  retransmit(link: Link, atNs: number): void;
  finished(link: Link): void;
}
