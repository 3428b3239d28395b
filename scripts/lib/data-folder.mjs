import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './fail.mjs';

/** A chat's database starts small; less than this and the first upload would fail. */
const leastBytes = 64 * 1024 * 1024;

const reasons = {
  ENOSPC: 'the disk is full. Free some space',
  EDQUOT: 'your disk quota is used up. Free some space',
  EACCES: 'you may not write there. Change its permissions',
  EPERM: 'you may not write there. Change its permissions',
  EROFS: 'that disk is read-only. Make it writable',
  ENOTDIR: 'a file is in the way. Move it',
  EEXIST: 'a file is in the way. Move it',
};

/** Makes the folder where threads and files are kept, or says in one line why it cannot be used. */
export function prepareDataFolder(folder) {
  const refuse = (reason) => {
    throw new Failure(`Cannot keep data in ${folder}: ${reason}, or name another folder in ASSISTANT_DATA.`);
  };
  try {
    mkdirSync(folder, { recursive: true });
    const probe = join(folder, `.probe-${process.pid}`);
    writeFileSync(probe, Buffer.alloc(4096));
    rmSync(probe);
  } catch (error) {
    refuse(reasons[error.code] ?? error.message);
  }
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free < leastBytes) {
    refuse(
      `only ${Math.floor(free / 1024 / 1024)} MB are free on that disk and it needs 64. Free some space`,
    );
  }
}
