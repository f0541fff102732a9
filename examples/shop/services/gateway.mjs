/** The door of the shop: the only service that the load calls. */
import { peer } from './peer.mjs';
import { runService } from './service.mjs';

const auth = peer('gateway', 'auth');
const orders = peer('gateway', 'orders');

/** Passes an answer on, or turns a failed call into 502. */
const pass = ({ status, body }) => ({ status: status < 500 ? status : 502, body });

await runService({
  name: 'gateway',
  routes: {
    'GET /browse': async () => pass(await orders.call('GET', '/catalog')),
    'GET /login': async (url) => pass(await auth.call('POST', `/login${url.search}`)),
    'GET /checkout': async (url) => {
      const session = await auth.call('GET', `/verify${url.search}`);
      if (session.status !== 200) return pass(session);
      return pass(await orders.call('POST', '/orders'));
    },
  },
  close: () => {
    auth.close();
    orders.close();
  },
});
