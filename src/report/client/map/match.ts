/** Which services a search on the map means. */
import type { Page } from '../page.js';
import { serviceText } from '../service-text.js';

/** Whether the service is meant by what is searched now; nobody is while nothing is searched. */
export function matcher(page: Page): (service: number) => boolean {
  const wanted = page.store.view.find.trim().toLowerCase();
  return (service) => wanted !== '' && serviceText(page.service(service)).includes(wanted);
}

/** Indexes of the services that match, those whose name begins with it first. */
export function matches(page: Page): number[] {
  const is = matcher(page);
  const wanted = page.store.view.find.trim().toLowerCase();
  const rank = (index: number): number => {
    const name = page.service(index).name.toLowerCase();
    return name.startsWith(wanted) ? 0 : name.includes(wanted) ? 1 : 2;
  };
  return page.data.services
    .map((_, index) => index)
    .filter(is)
    .sort((a, b) => rank(a) - rank(b) || a - b);
}
