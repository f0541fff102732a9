/** Who listens on one port, or listened last: found without looking at all that ever did. */
import type { Listener } from './listeners.js';

/** Listeners that are alike: of those that are open the latest counts, else the latest of all. */
class Seat {
  #last: Listener | null = null;
  readonly #open: Listener[] = [];

  take(listener: Listener): void {
    this.#last = listener;
    this.#open.push(listener);
  }

  get holder(): Listener | undefined {
    while (this.#open.at(-1)?.open === false) this.#open.pop();
    return this.#open.at(-1) ?? this.#last ?? undefined;
  }
}

export class Seats {
  readonly #any = new Seat();
  readonly #byAddress = new Map<string, Seat>();

  take(listener: Listener): void {
    const { localAddr } = listener.end;
    const seat = this.#byAddress.get(localAddr) ?? new Seat();
    this.#byAddress.set(localAddr, seat);
    seat.take(listener);
    this.#any.take(listener);
  }

  /** Its own address is better than all of the family's, that better than the other family's; open better than closed. */
  holderOf(address: string): Listener | undefined {
    const family = address.includes(':') ? '::' : '0.0.0.0';
    const seat = this.#byAddress.get(address) ?? this.#byAddress.get(family) ?? this.#any;
    return seat.holder;
  }
}
