/** Loaded into a Node process before its program: at its end it says on descriptor 3 what that took. */
import { writeSync } from 'node:fs';

process.once('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeSync(
    3,
    JSON.stringify({ cpuS: (userCPUTime + systemCPUTime) / 1e6, maxMiB: maxRSS / 1024 }),
  );
});
