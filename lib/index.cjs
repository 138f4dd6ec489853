'use strict';

// For tools and resolvers that want CommonJS. The library is an ES module, which require() loads since Node 20.19 and
// 22.12; an older one must be able to read this file.

function tooOld(cause) {
  const { node } = process.versions;
  const [major, minor] = node.split('.').map(Number);
  const old = major < 20 || (major === 20 && minor < 19);
  const error = new Error(
    old
      ? `fdpoll needs Node.js 20.19 or later, and this is ${node}: install a newer one`
      : `fdpoll is an ES module, and Node.js ${node} does not load it by require() here: use import, or 20.19, ` +
          '22.12 or later without --no-experimental-require-module',
    { cause },
  );
  error.code = 'ERR_FDPOLL_UNSUPPORTED_PLATFORM';
  return error;
}

let fdpoll;
try {
  fdpoll = require('./index.js');
} catch (error) {
  throw error.code === 'ERR_REQUIRE_ESM' ? tooOld(error) : error;
}
module.exports = fdpoll;
