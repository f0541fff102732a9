/**
 * Where the package's own files are. The code runs from `src/` under the tests and from `dist/` when
 * installed; what was built always lies in `dist/` of the package.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DhrishtiError } from './errors.js';

function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    if (above === folder) {
      throw new DhrishtiError(
        'FAILED',
        `No package.json lies above ${fileURLToPath(import.meta.url)}.`,
        'Install dhrishti again: its package is not whole.',
      );
    }
    folder = above;
  }
  return folder;
}

/** The folder that holds package.json. */
export const packageRoot: string = findRoot();

/** The version in package.json. */
export const packageVersion: string = (
  JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }
).version;

/** Files that the build makes. Nothing checks here that they exist. */
export const builtFiles = {
  bpfObject: join(packageRoot, 'dist', 'bpf', 'dhrishti.bpf.o'),
  featuresObject: join(packageRoot, 'dist', 'bpf', 'features.bpf.o'),
  clientScript: join(packageRoot, 'dist', 'report', 'client.js'),
  clientStyle: join(packageRoot, 'dist', 'report', 'client.css'),
} as const;
