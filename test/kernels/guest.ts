/** A machine of its own for a kernel: QEMU without any acceleration, the same everywhere. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GuestKernel } from './packages.js';

/** QEMU's status after the guest has said that all went well; an early power-off or a panic gives 0. */
const PASSED = 33;
const DISK_BYTES = 64 * 1024 * 1024;

/**
 * Boots `kernel` from `archives` and waits for its end.
 * @param folder where what the guest leaves is unpacked, with its console in `console.log`.
 * @returns true when the guest said that everything has worked.
 */
export async function runGuest(
  kernel: GuestKernel,
  archives: Buffer[],
  folder: string,
  limitS: number,
): Promise<boolean> {
  mkdirSync(folder, { recursive: true });
  const image = join(folder, 'image');
  writeFileSync(image, Buffer.concat(archives));
  const disk = join(folder, 'disk');
  writeFileSync(disk, '');
  truncateSync(disk, DISK_BYTES);
  const console = openSync(join(folder, 'console.log'), 'w');
  // prettier-ignore
  const machine = spawn('timeout', ['--kill-after=5', String(limitS), 'qemu-system-x86_64',
    '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '1024', '-M', 'pc',
    '-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio', '-nic', 'none',
    '-device', 'isa-debug-exit,iobase=0xf4,iosize=0x04', '-drive', `file=${disk},if=virtio,format=raw`,
    '-kernel', kernel.vmlinuz, '-initrd', image, '-append', 'console=ttyS0 quiet panic=-1',
  ], { stdio: ['ignore', console, console] });
  const [status] = (await once(machine, 'close')) as [number | null];
  closeSync(console);
  execFileSync('tar', ['-xf', disk, '-C', folder]);
  rmSync(disk);
  rmSync(image);
  return status === PASSED;
}
