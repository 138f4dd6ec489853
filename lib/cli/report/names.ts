/** Names for files and anchors, made from any text: small letters, digits and hyphens, each given once. */
export class Names {
  readonly #given = new Set<string>();

  make(...parts: readonly string[]): string {
    const plain = parts.map(plainName).filter(Boolean).join('-') || 'plot';
    let name = plain;
    for (let i = 2; this.#given.has(name); i++) name = `${plain}-${i}`;
    this.#given.add(name);
    return name;
  }
}

const LENGTH_MAX = 60;

function plainName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LENGTH_MAX)
    .replace(/^-+|-+$/g, '');
}
