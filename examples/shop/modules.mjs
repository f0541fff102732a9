/**
 * Copies the packages that the shop depends on, and what they depend on, out of the node_modules that
 * npm has made already: `node modules.mjs FOLDER` fills FOLDER/node_modules without a registry.
 */
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const here = import.meta.dirname;
const target = process.argv[2];
if (target === undefined) throw new Error('modules.mjs needs the folder to copy into');

const manifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** The folder of package `name` as Node finds it from `from`, or null. */
function locate(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(join(found, 'package.json'))) return found;
    if (folder === dirname(folder)) return null;
  }
}

/** The outermost node_modules: copies keep their place below it. */
const first = Object.keys(manifest(here).dependencies)[0];
const located = locate(first, here);
if (located === null) throw new Error(`${first} is not installed: run npm ci first`);
const root = located.slice(0, -first.length - 1);

const copied = new Set();
function copy(folder) {
  const { dependencies = {}, optionalDependencies = {} } = manifest(folder);
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const found = locate(name, folder);
    // Optional packages may be absent.
    if (found === null || copied.has(found)) continue;
    copied.add(found);
    cpSync(found, join(target, 'node_modules', found.slice(root.length + 1)), { recursive: true });
    copy(found);
  }
}
copy(here);
