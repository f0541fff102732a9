/** A job that lives for less than a second: one connection to orders, one request, gone. */
import { peer } from './peer.mjs';
import { watchOpened, writeTruth } from './truth.mjs';

process.title = 'job';
watchOpened();
const orders = peer('job', 'orders');
const { status } = await orders.call('GET', '/orders/latest');
orders.close();
writeTruth('job');
process.exitCode = status === 200 ? 0 : 1;
