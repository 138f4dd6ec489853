/** What `engines` in package.json says, too. */
const OLDEST = [20, 19] as const;

/** Why an import in a Node that is older than the oldest is of no use; undefined where nothing is wrong. */
export function oldNode(versions: Readonly<NodeJS.ProcessVersions>): string | undefined {
  if (versions.bun !== undefined || versions.deno !== undefined) return undefined;
  const [major = 0, minor = 0] = versions.node.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined;
  return `fdpoll needs Node.js ${OLDEST.join('.')} or later, and this is ${versions.node}: install a newer one`;
}
