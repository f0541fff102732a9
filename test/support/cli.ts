/** The built program, run as people run it. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/base/paths.js';

/** Path of the program. */
export const CLI = join(packageRoot, 'dist', 'cli.js');

export interface Ran {
  status: number | null;
  out: string;
  err: string;
}

/** Runs it to its end in `cwd`. @param env what it finds in its environment besides the test's own. */
export function dhrishti(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Ran {
  if (!existsSync(CLI)) throw new Error(`${CLI} is missing: run npm run build`);
  const ran = spawnSync(process.execPath, [CLI, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status: ran.status, out: ran.stdout, err: ran.stderr };
}
