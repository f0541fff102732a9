/** Orders, kept in PostgreSQL; asks inventory before it takes one. */
import { setTimeout as delay } from 'node:timers/promises';
import { database } from './database.mjs';
import { peer } from './peer.mjs';
import { runService } from './service.mjs';

const inventory = peer('orders', 'inventory');
const db = database('orders');

/** What inventory answered, or 503 where it did not. */
async function ask(method, path) {
  try {
    return await inventory.call(method, path);
  } catch (error) {
    return { status: 503, body: { error: error.code ?? error.message } };
  }
}

await runService({
  name: 'orders',
  routes: {
    'GET /catalog': () => ask('GET', '/stock'),
    'POST /orders': async () => {
      const reserved = await ask('POST', '/reserve');
      if (reserved.status !== 200) return reserved;
      await delay(1 + Math.random());
      const [order] = await db.query('insert into orders (item) values ($1) returning id', [
        reserved.body.item,
      ]);
      return { status: 201, body: { order: order.id } };
    },
    'GET /orders/latest': async () => {
      const [latest] = await db.query('select id, item from orders order by id desc limit 1');
      return { body: latest ?? {} };
    },
  },
  start: () =>
    db.query('create table if not exists orders (id serial primary key, item integer not null)'),
  close: () => {
    inventory.close();
    return db.close();
  },
});
