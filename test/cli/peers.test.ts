import { describe, expect, it } from 'vitest';
import { absentNote, isInstalled, loadPeer } from '../../lib/cli/peers.ts';
import { peerFolder } from './peer_folder.ts';

describe('isInstalled', () => {
  it('finds a package that is installed in the folder, and no other', () => {
    const folder = peerFolder({ koffi: 'module.exports = 1' });
    expect(isInstalled('koffi', folder)).toBe(true);
    expect(isInstalled('epoll', folder)).toBe(false);
  });

  it('takes one that cannot be loaded for installed', () => {
    const folder = peerFolder({ koffi: `throw new Error('built for another system')` });
    expect(isInstalled('koffi', folder)).toBe(true);
  });

  it('finds nothing in a folder that does not exist', () => {
    expect(isInstalled('koffi', '/nonexistent/folder')).toBe(false);
  });
});

describe('loadPeer', () => {
  it('gives what the package exports', () => {
    const folder = peerFolder({ epoll: 'exports.Epoll = 7' });
    expect(loadPeer('epoll', folder)).toEqual({ Epoll: 7 });
  });

  it('throws what loading it throws', () => {
    const folder = peerFolder({ koffi: `throw new Error('built for another system')` });
    expect(() => loadPeer('koffi', folder)).toThrow('built for another system');
  });
});

describe('absentNote', () => {
  it('names what is left out, and the command that installs it', () => {
    expect(absentNote(['koffi'])).toBe('koffi is left out, not installed in this folder: npm install koffi');
    expect(absentNote(['koffi', 'epoll'])).toContain('koffi and epoll are left out');
    expect(absentNote(['koffi', 'epoll'])).toContain('npm install koffi epoll');
  });
});
