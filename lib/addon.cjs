'use strict';

// CommonJS, and each path literal in a call of `require` that nothing hides: that is what bundlers follow. They may give
// the path of a copy instead of the addon, which binding.ts then loads.
module.exports = (name) => {
  switch (name) {
    case 'linux-x64':
      return require('../prebuilds/linux-x64/fdpoll.node');
    case 'linux-x64-musl':
      return require('../prebuilds/linux-x64-musl/fdpoll.node');
    case 'linux-arm64':
      return require('../prebuilds/linux-arm64/fdpoll.node');
    case 'linux-arm64-musl':
      return require('../prebuilds/linux-arm64-musl/fdpoll.node');
    case 'linux-arm':
      return require('../prebuilds/linux-arm/fdpoll.node');
    case 'darwin-x64':
      return require('../prebuilds/darwin-x64/fdpoll.node');
    case 'darwin-arm64':
      return require('../prebuilds/darwin-arm64/fdpoll.node');
    case 'freebsd-x64':
      return require('../prebuilds/freebsd-x64/fdpoll.node');
  }
};
