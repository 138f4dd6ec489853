import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { nearest, oneOf, suggestion } from '../../lib/cli/names.ts';

describe('oneOf', () => {
  const parse = oneOf(['dispatch', 'echo']);

  it('collects what is known, each once', () => {
    expect(parse('echo', parse('dispatch', parse('echo')))).toEqual(['echo', 'dispatch']);
  });

  it('refuses others', () => {
    expect(() => parse('ecko')).toThrow(InvalidArgumentError);
    expect(() => parse('ecko')).toThrow('Did you mean echo? There are dispatch, echo.');
  });
});

describe('suggestion', () => {
  it.each([
    ['epol', 'Did you mean epoll? There are epoll, poll.'],
    ['EPOLL', 'Did you mean epoll? There are epoll, poll.'],
    ['wait', 'There are epoll, poll.'],
    ['', 'There are epoll, poll.'],
  ])('says of %j: %s', (text, said) => {
    expect(suggestion(text, ['epoll', 'poll'])).toBe(said);
  });

  it('knows when there is nothing', () => {
    expect(suggestion('epoll', [])).toBe('There are none.');
  });
});

describe('nearest', () => {
  it('is the name that was probably meant, or none', () => {
    expect(nearest('pol', ['epoll', 'poll'])).toBe('poll');
    expect(nearest('fifo', ['epoll', 'poll'])).toBeUndefined();
    expect(nearest('poll', [])).toBeUndefined();
  });
});
