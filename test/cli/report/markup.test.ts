import { describe, expect, it } from 'vitest';
import { escapeMarkup, html, Markup, printable } from '../../../lib/cli/report/markup.ts';

describe('html', () => {
  it('escapes what is put in, in texts and in quotes', () => {
    expect(html`<p title="${'"\'<'}">${'<b>&amp;'}</p>`.text).toBe('<p title="&quot;&#39;&lt;">&lt;b&gt;&amp;amp;</p>');
  });

  it('leaves markup as it is, and joins lists of both', () => {
    expect(html`<ul>${[html`<li>${1}</li>`, '<', new Markup('<hr>')]}</ul>`.text).toBe('<ul><li>1</li>&lt;<hr></ul>');
  });

  it('says nothing of what is empty', () => {
    expect(`${html`${''}${[]}`}`).toBe('');
  });
});

describe('escapeMarkup', () => {
  it('leaves nothing that begins or ends an element or a value', () => {
    expect(escapeMarkup(`<a href='x' b="y">]]>&`)).not.toMatch(/[<>"']|&(?!\w+;|#39;)/);
  });
});

describe('printable', () => {
  it('shows a sign for what XML cannot hold, for halves of characters and for what turns the direction of text', () => {
    expect(printable('a\0b\u001bc\u009fd\ud800e\ufffff\u202eg\u2066')).toBe('a�b�c�d�e�f�g�');
  });

  it('leaves lines, tabs and whole characters alone', () => {
    expect(printable('a\n\t\u{1f600} µ×–')).toBe('a\n\t\u{1f600} µ×–');
  });
});
