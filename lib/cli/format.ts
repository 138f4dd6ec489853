const threeDigits = new Intl.NumberFormat('en-US', { minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
const exactNumber = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 });

/** A measured figure, as exact as such figures are: 0.123, 1.20, 12.3, 1,230, 123,000. */
export function formatFigure(value: number): string {
  return threeDigits.format(value);
}

/** A number that is exact: 4,000, and 99.9. */
export function formatCount(value: number): string {
  return exactNumber.format(value);
}

/** A share in percent, with a digit after the point only where it says something: 0.4 %, 12 %. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  return `${percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

/** Lines of at most `width` columns; all but the first begin with `indent` spaces. */
export function wrap(text: string, width: number, indent = 0): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const extended = line === '' ? word : `${line} ${word}`;
    if (extended.length > width && line.trim() !== '') {
      lines.push(line);
      line = ' '.repeat(indent) + word;
    } else {
      line = extended;
    }
  }
  return [...lines, line].join('\n');
}
