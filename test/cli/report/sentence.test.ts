import { describe, expect, it } from 'vitest';
import { sentencesOf } from '../../../lib/cli/report/sentence.ts';
import { type Given, plotNamed, plotWith, rounds, time } from './plots.ts';

const noisy = [1, 3, 0.5, 2, 0.7, 1.4, 0.9];
/** What is said of bars. */
const ofBars = (more: Omit<Given, 'samples'>, subjects: Readonly<Record<string, readonly number[]>>): string => {
  const samples = Object.entries(subjects).map(([subject, values]) => [subject, {}, values] as const);
  // A figure and its unit stay on one line.
  return sentencesOf(plotWith({ ...more, plot: { kind: 'bar', ...more.plot }, samples })).replaceAll('\u00a0', ' ');
};

describe('sentencesOf', () => {
  it('says how far the others are from the best, and of which one cannot tell', () => {
    expect(ofBars({}, { a: rounds(1), b: rounds(2), c: rounds(30), d: rounds(1.001), e: noisy })).toBe(
      'a is at 1.00 µs; b is at 2.00 × and c at 30.0 × that; d is about the same; e is too noisy to tell from it.',
    );
  });

  it('names no winner where all is noise', () => {
    const said = ofBars({}, { a: noisy, b: noisy.toReversed(), c: [...noisy.slice(3), ...noisy.slice(0, 3)] });
    expect(said).toBe('a is at 1.00 µs; b and c are too noisy to tell from it.');
  });

  it('does not call it noise where rounds are too few', () => {
    expect(ofBars({}, { a: [1, 1], b: [9, 9] })).toBe(
      'a is at 1.00 µs; b is measured in too few rounds to tell from it.',
    );
  });

  it('speaks of the reference first', () => {
    expect(ofBars({ reference: 'node:net' }, { a: rounds(2), 'node:net': rounds(4) })).toBe(
      'node:net is at 4.00 µs; a is at 0.500 × that.',
    );
  });

  it('has figures per second in one word', () => {
    expect(ofBars({ metric: { ...time, unit: '1/s', better: 'higher' } }, { a: rounds(2000) })).toBe(
      'a is at 2,000/s.',
    );
  });

  it('speaks of the furthest place, of how lines go there, and of those that end before', () => {
    const samples = [10, 4000].flatMap((n) => [
      ['epoll', { n }, rounds(2)] as const,
      ['poll', { n }, rounds(n / 5)] as const,
      ...(n === 10 ? [['select', { n }, rounds(3)] as const] : []),
    ]);
    expect(sentencesOf(plotWith({ samples })).replaceAll('\u00a0', ' ')).toBe(
      'At n = 4,000, epoll is at 2.00 µs; poll is at 400 × that. ' +
        'From n = 10 to 4,000, poll grows to 400 ×; epoll is about the same. select ends at n = 10.',
    );
  });

  it('compares within each variant', () => {
    expect(sentencesOf(plotNamed('echo', 'rate'))).toMatch(
      /^With tcp, node:net is at .*\. With unix, node:net is at .*\.$/,
    );
  });

  it('has no unit where there is none', () => {
    expect(ofBars({ metric: { ...time, unit: '1' } }, { 'a, b': rounds(0.97) })).toBe('a (b) is at 0.970.');
  });

  it('has no commas in names, which stand between commas', () => {
    expect(ofBars({}, { a: rounds(1), 'b, hosted': noisy, c: noisy })).toBe(
      'a is at 1.00 µs; b (hosted) and c are too noisy to tell from it.',
    );
  });

  it('tells the first and the last of many variants', () => {
    const samples = [1, 2, 3, 4, 5].map((bytes) => ['a', { bytes }, rounds(bytes)] as const);
    const said = sentencesOf(plotWith({ samples, plot: { kind: 'bar', series: ['bytes'] } })).replaceAll('\u00a0', ' ');
    expect(said).toBe('With bytes 1, a is at 1.00 µs. With bytes 5, a is at 5.00 µs.');
  });

  it('speaks of the 99th percentile', () => {
    expect(sentencesOf(plotNamed('wake-up', 'latency'))).toMatch(/^At the 99th percentile, node:net is at/);
  });

  it.each([
    [50, /^At the median, /],
    [90, /^At the 90th percentile, /],
    [100, /^At the worst, /],
  ])('has a word for %d %%', (percentile, words) => {
    const samples = [['a', { percentile }, rounds(1)]] as const;
    expect(sentencesOf(plotWith({ samples, plot: { kind: 'percentiles' } }))).toMatch(words);
  });

  it('speaks of places that are no numbers', () => {
    const samples = [['a', { n: 'loop' }, rounds(1)]] as const;
    expect(sentencesOf(plotWith({ samples }))).toBe('At n loop, a is at 1.00\u00a0µs.');
  });

  it('has nothing to say of nothing', () => {
    expect(sentencesOf(plotWith({ samples: [] }))).toBe('');
  });
});
