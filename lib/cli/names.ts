import { type Argument, InvalidArgumentError, type Option } from 'commander';
import { closest, distance } from 'fastest-levenshtein';

/** For an option or argument that names some of `names`: refuses others, and suggests the nearest one. */
export function oneOf(names: readonly string[]): (text: string, previous?: readonly string[]) => string[] {
  return (text, previous = []) => {
    if (!names.includes(text)) throw new InvalidArgumentError(suggestion(text, names));
    return [...new Set([...previous, text])];
  };
}

/** An option or argument that takes some of `names`, and no other; a shell completes them. */
export function choosing<T extends Option | Argument>(one: T, names: readonly string[]): T {
  one.argParser(oneOf(names));
  return offering(one, names);
}

/** One for which a shell offers `names`; what else is typed is for the command to judge. */
export function offering<T extends Option | Argument>(one: T, names: readonly string[]): T {
  one.argChoices = [...names];
  return one;
}

/** What to say of a name that is none of `names`. */
export function suggestion(text: string, names: readonly string[]): string {
  if (names.length === 0) return 'There are none.';
  const near = nearest(text, names);
  return `${near === undefined ? '' : `Did you mean ${near}? `}There are ${names.join(', ')}.`;
}

/** The name that was probably meant, if there is one. */
export function nearest(text: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const typed = text.toLowerCase();
  const near = closest(typed, [...names]);
  return distance(typed, near) <= Math.max(1, typed.length / 3) ? near : undefined;
}
