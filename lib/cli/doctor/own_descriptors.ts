import { readdirSync, readlinkSync } from 'node:fs';

const DIRECTORY = '/proc/self/fd';

/** The descriptors of this process by number, as links such as `anon_inode:[timerfd]`. Linux only. */
export function ownDescriptors(): Map<number, string> {
  const found = new Map<number, string>();
  for (const name of readdirSync(DIRECTORY)) {
    try {
      found.set(Number(name), readlinkSync(`${DIRECTORY}/${name}`));
    } catch {
      // That of the directory itself is closed by now.
    }
  }
  return found;
}

/**
 * The descriptor that `open` opened without telling its number, known by its link. It belongs to who opened it.
 * @throws Error when there is none.
 */
export function openedBy(pattern: RegExp, open: () => void, list: () => Map<number, string> = ownDescriptors): number {
  const before = list();
  open();
  const opened = [...list()].filter(([fd, link]) => pattern.test(link) && before.get(fd) !== link);
  const [fd] = opened[0] ?? [];
  if (fd === undefined) throw new Error('none was opened');
  return fd;
}
