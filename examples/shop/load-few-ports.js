/**
 * The same load test where its machine has next to no local ports: k6 has to wait for one, so that k6 and not the shop
 * is what is slow. Each request needs a port of its own; shop.sh narrows the range for this script.
 */
export { browse, buy, options } from './load-new-connections.js';
