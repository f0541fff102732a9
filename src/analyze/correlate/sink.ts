/** What the correlate stage tells the next one. */
import type { Link } from '../link.js';
import type { Turn } from '../normalize.js';

export interface LinkSink {
  /**
   * One exchange, valid during the call. `client` is null where only the server's end saw it, `server`
   * where only the client's did.
   * @param disagree the ends differ about where a request ends: more than one was under way.
   */
  exchange(link: Link, client: Turn | null, server: Turn | null, disagree: boolean): void;
  retransmit(link: Link, atNs: number): void;
  finished(link: Link): void;
}
