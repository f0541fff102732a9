/** Whom files belong to that root makes for somebody. */
import { chownSync, fchownSync } from 'node:fs';

/** The person behind sudo; null where there is none. */
function sudoOwner(): { uid: number; gid: number } | null {
  const uid = Number.parseInt(process.env['SUDO_UID'] ?? '', 10);
  const gid = Number.parseInt(process.env['SUDO_GID'] ?? '', 10);
  if (process.geteuid?.() !== 0 || !(uid >= 0) || !(gid >= 0)) return null;
  return { uid, gid };
}

/** Gives an open file, or a folder by its path, to the person behind sudo. */
export function giveToOwner(what: number | string): void {
  const owner = sudoOwner();
  if (owner === null) return;
  try {
    if (typeof what === 'number') fchownSync(what, owner.uid, owner.gid);
    else chownSync(what, owner.uid, owner.gid);
  } catch {
    // Some file systems know no owners; a capture that only root can read is still a capture.
  }
}
