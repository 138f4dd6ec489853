import type { Results } from '../results.ts';

/** A colour for light and for dark surroundings. */
export interface Colour {
  readonly light: string;
  readonly dark: string;
}

/** The colours of Okabe and Ito, which people who see fewer colours tell apart; darker where white needs it. */
const SUBJECTS: readonly Colour[] = [
  { light: '#0072b2', dark: '#56b4e9' },
  { light: '#946200', dark: '#e69f00' },
  { light: '#c75300', dark: '#ff7f3f' },
  { light: '#a8517f', dark: '#dd93bb' },
  { light: '#007a55', dark: '#1fc795' },
  { light: '#57606b', dark: '#a3adb8' },
  { light: '#7a6a00', dark: '#f0e442' },
  { light: '#3a3fa0', dark: '#9aa4ff' },
];

export const INK: Colour = { light: '#1f2328', dark: '#e6edf3' };
export const QUIET: Colour = { light: '#59636e', dark: '#9198a1' };
export const RULE: Colour = { light: '#d8dee4', dark: '#30363d' };
export const PAPER: Colour = { light: '#ffffff', dark: '#0d1117' };

export const colours: readonly Colour[] = [INK, QUIET, RULE, PAPER, ...SUBJECTS];

/** One more or one less than colours, so that both come again together only after many subjects. */
const SYMBOLS = [
  'circle',
  'rect',
  'triangle',
  'diamond',
  'path://M0 0L10 0L5 9Z',
  'path://M4 0h4v4h4v4h-4v4h-4v-4h-4v-4h4Z',
  'path://M3 0L6 3L9 0L12 3L9 6L12 9L9 12L6 9L3 12L0 9L3 6L0 3Z',
] as const;
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [14, 5]] as const;

/** These have the same colour in every report. */
const KNOWN = ['epoll', 'kqueue', 'poll', 'select', 'node:net'];

export interface Style {
  readonly colour: string;
  readonly symbol: string;
  /** A further series of the same colour. */
  readonly hollow: boolean;
  readonly dash: readonly number[];
}

/**
 * How subjects look, the same in every plot of a report. What a backend is a part of, such as `epoll, thread hosting`, has
 * the colour of the backend.
 */
export class Styles {
  readonly #families = new Map<string, string[]>(KNOWN.map((name) => [name, [name]]));

  constructor(all: readonly Results[]) {
    for (const { subject } of all.flatMap(({ results }) => results)) {
      const members = this.#families.get(familyOf(subject)) ?? [];
      if (!members.includes(subject)) members.push(subject);
      this.#families.set(familyOf(subject), members);
    }
  }

  /** `variant` counts the series of one subject. */
  of(subject: string, variant = 0): Style {
    const family = familyOf(subject);
    const i = Math.max(0, [...this.#families.keys()].indexOf(family));
    const place = Math.max(0, this.#families.get(family)?.indexOf(subject) ?? 0) + variant;
    return {
      colour: SUBJECTS[i % SUBJECTS.length]?.light ?? INK.light,
      symbol: SYMBOLS[i % SYMBOLS.length] ?? 'circle',
      hollow: place > 0,
      dash: DASHES[place % DASHES.length] ?? [],
    };
  }
}

function familyOf(subject: string): string {
  return KNOWN.find((name) => subject.startsWith(`${name},`)) ?? subject;
}

/**
 * The pictures are drawn for light surroundings, so that every viewer shows them; one that knows of dark ones exchanges
 * each colour for its fellow.
 */
export function darkStyle(selector: string): string {
  const rules = colours.flatMap(({ light, dark }) =>
    ['fill', 'stroke'].map((name) => `${selector} [${name}="${light}"]{${name}:${dark}}`),
  );
  return `@media (prefers-color-scheme:dark){${rules.join('')}}`;
}
