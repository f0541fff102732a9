/** What the person who records should hear at the end, each sentence once. */

/** A recording may go on for days, and something may fail all the while. */
const MOST = 20;

export class Notes {
  readonly #sentences = new Set<string>();
  #more = 0;

  add(sentence: string): void {
    if (this.#sentences.has(sentence)) return;
    if (this.#sentences.size < MOST) this.#sentences.add(sentence);
    else this.#more++;
  }

  get all(): string[] {
    const more = this.#more > 0 ? [`There were ${String(this.#more)} more notes.`] : [];
    return [...this.#sentences, ...more];
  }
}
