/**
 * What is on the shelves, kept in PostgreSQL. `POST /admin/refuse?for=4` closes its listener and its idle
 * connections for a while, as a restart would: callers get ECONNREFUSED.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { database } from './database.mjs';
import { runService } from './service.mjs';

const ITEMS = 500;
const db = database('inventory');

await runService({
  name: 'inventory',
  routes: {
    'GET /stock': async () => {
      await delay(1 + Math.random() * 2);
      const rows = await db.query('select item, left_over from stock order by item limit 20');
      return { body: rows };
    },
    'POST /reserve': async () => {
      await delay(1 + Math.random() * 3);
      const item = 1 + Math.floor(Math.random() * ITEMS);
      await db.query('update stock set left_over = left_over - 1 where item = $1', [item]);
      return { body: { item } };
    },
  },
  start: async () => {
    await db.query(
      'create table if not exists stock (item integer primary key, left_over integer not null)',
    );
    await db.query(
      'insert into stock select i, 100000 from generate_series(1, $1::int) i on conflict do nothing',
      [ITEMS],
    );
  },
  close: () => db.close(),
});
