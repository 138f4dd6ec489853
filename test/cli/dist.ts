import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A file of the build. The command is tested as it is shipped: bundled, with its server processes beside it. */
export function built(name: string): string {
  const path = fileURLToPath(new URL(`../../dist/${name}`, import.meta.url));
  if (!existsSync(path)) throw new Error(`dist/${name} is missing: run npm run compile`);
  return path;
}
