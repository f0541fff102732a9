/** Puts what nobody expects somewhere into a JSON body. */
import type { Random } from './random.js';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const HOSTILE: readonly ((random: Random) => Json)[] = [
  () => null,
  () => true,
  () => -1,
  () => 0.5,
  () => 1e308,
  () => 4_294_967_296,
  () => Number.MAX_SAFE_INTEGER,
  () => '',
  () => '0',
  () => '18446744073709551615',
  () => '99999999999999999999',
  () => '-5',
  () => '__proto__',
  () => 'constructor',
  () => '</script><script>alert(1)</script>\u2028\u0000\ud800',
  () => 'x'.repeat(100_000),
  () => [],
  () => ({}),
  () => ({ length: 1e9, constructor: null }),
  () => [null, 1, 'a', {}, []],
  () => Array.from({ length: 5000 }, (_, i) => i),
  () => Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`k${i}`, i])),
  (random) => random.below(2 ** 31),
  (random) => String(random.below(2 ** 31)),
];

export function mutateJson(body: Buffer, random: Random): Buffer {
  let value: Json;
  try {
    value = JSON.parse(body.toString('utf8')) as Json;
  } catch {
    return body;
  }
  for (let i = 0; i < 1 + random.below(3); i++) value = replaceOne(value, random);
  return Buffer.from(JSON.stringify(value), 'utf8');
}

/** Goes down by chance and replaces, removes or doubles what it comes to. */
function replaceOne(value: Json, random: Random): Json {
  if (typeof value !== 'object' || value === null || random.chance(0.1)) {
    return random.pick(HOSTILE)(random);
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return [random.pick(HOSTILE)(random)];
    const at = random.below(value.length);
    if (random.chance(0.2)) return [...value, ...value];
    if (random.chance(0.2)) return value.filter((_, i) => i !== at);
    return value.map((item, i) => (i === at ? replaceOne(item, random) : item));
  }
  const names = Object.keys(value);
  if (names.length === 0) return { x: random.pick(HOSTILE)(random) };
  const name = random.pick(names);
  if (random.chance(0.2)) {
    return Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
  }
  return { ...value, [name]: replaceOne(value[name] ?? null, random) };
}
