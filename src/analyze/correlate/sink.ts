/** What the correlate stage tells the next one. */
import type { Ends } from '../ends.js';
import type { Link } from '../link.js';

export interface LinkSink {
  /**
   * One exchange of the connection that row `lead` of `ends` leads, valid during the call. `client` and `server` are
   * the rows whose latest turns it is; `client` is NO_ROW where only the server's end saw it, `server` where only the client's did.
   * @param disagree the ends differ about where a request ends: more than one was under way.
   */
  exchange(ends: Ends, lead: number, client: number, server: number, disagree: boolean): void;
  retransmit(link: Link, atNs: number): void;
  finished(link: Link): void;
}
