/** The same load test, with a new connection for each request. */
import { options as usual } from './load.js';

export { browse, buy } from './load.js';

export const options = { ...usual, noConnectionReuse: true };
